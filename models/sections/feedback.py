"""What a policy says on monthly and urgent quality information (信息反馈). Manual 000 三 经理 F, 五 信息反馈流程."""

from models.data_files import Strict
from models.roles import Role


class FeedbackPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
