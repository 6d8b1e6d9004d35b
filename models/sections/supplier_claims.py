"""What a policy says on claims on suppliers of bought-in parts and products (外购件索赔)."""

from models.data_files import Strict
from models.roles import Role


class SupplierClaimsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
