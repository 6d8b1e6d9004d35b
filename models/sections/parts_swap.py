"""What a policy says on faulty parts swapped for good ones at the counter (维修配件对换). Manual 000 四.1 art. 6."""

from models.data_files import Strict
from models.roles import Role


class PartsSwapPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
