"""What a policy says on faulty parts returned to the factory (维修配件返厂). Manual 000 五 维修配件返厂、对换流程."""

from models.data_files import Strict
from models.roles import Role


class PartsReturnPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
