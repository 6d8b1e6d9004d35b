"""What a policy says on repair stations: their development, renewal, suspension and closure.

Manual 000 五 维修点开发流程.
"""

from models.data_files import Strict
from models.roles import Role


class StationsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
