"""What a policy says on claims and disputes that climb level by level (逐级负责). Manual 000 四.1 art. 5 and 7."""

from models.data_files import Strict
from models.roles import Role


class ClaimsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
