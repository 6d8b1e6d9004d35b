"""What a policy says on loss and damage in transit (承运方索赔). Manual 000 四.1 art. 4."""

from models.data_files import Strict
from models.roles import Role


class TransitClaimsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
