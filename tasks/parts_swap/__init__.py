"""What the parts swap (维修配件对换) can say. Manual 000 四.1 art. 6.

`register` how it begins, `counter` check and swap, `back_order` what the counter does not hold, `lists` what the forms
are checked against, `proof` what must agree in the end.
"""

from models.language import N_
from models.parts_swap import Outcome, SwapSlip
from tasks.opening import Procedure
from tasks.parts_swap.proof import prove
from tasks.parts_swap.register import CODE, begin, check

PARTS_SWAP = Procedure(
    code=CODE,
    title=N_("Parts swap"),
    manual="000 四.1 第六条",
    deployment="parts-swap/维修配件对换",
    form=SwapSlip,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="parts_swap",
)
