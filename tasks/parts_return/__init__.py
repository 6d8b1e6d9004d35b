"""What the parts return (维修配件返厂) can say. Manual 000 五 维修配件返厂、对换流程.

`register` how it begins, by people or by the calendar, `sender` who is asked at the sender, `lists` what the forms are
checked against, `listing` the approved list, `charging` what was kept too long, `shipping` on the way and counted,
`inspection` the verdict, `exchange` good parts for faulty ones, `disposal` refused, reworked and scrapped pieces,
`claims` on suppliers, `proof` what must agree in the end.
"""

from models.language import N_
from models.parts_return import Outcome, ReturnRequest
from tasks.opening import Procedure
from tasks.parts_return.proof import prove
from tasks.parts_return.register import CODE, begin, check, falls_due

PARTS_RETURN = Procedure(
    code=CODE,
    title=N_("Parts return"),
    manual="000 五 维修配件返厂、对换流程",
    deployment="parts-return/维修配件返厂",
    form=ReturnRequest,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="parts_return",
    falls_due=falls_due,
)
