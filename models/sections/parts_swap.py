"""What a policy says on faulty parts swapped for good ones at the counter (维修配件对换). Manual 000 四.1 art. 6."""

from enum import StrEnum

from models.data_files import Strict
from models.limits import Limit
from models.roles import Role
from models.sections.warranty import GoodsKind


class Counters(StrEnum):
    """At which office or distributor a station may swap: at any, or at one that answers for it."""

    ANY = "any"
    SUPERIOR = "superior"


class PartsSwapPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
    #: The kinds of parts that are swapped against the faulty one.
    swap_kinds: tuple[GoodsKind, ...]
    counters: Counters
    counter_check: Limit
    back_order_date: Limit
    emergency_issue: Limit
    issue_dispatch: Limit
    issue_arrival: Limit
    back_order_stock: Limit
