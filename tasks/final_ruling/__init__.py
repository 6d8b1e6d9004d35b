"""What a final ruling (最终裁定) can do. Manual 000 四.1 art. 7, 一.5.

`register` how it begins, `ruling` what follows from the ruling, `paper` the ruling as a letter, `lists` what the forms
are checked against, `separation` who may rule, `proof` what must agree in the end.
"""

from models.final_ruling import Outcome, RulingRequest
from models.language import N_
from tasks.final_ruling.proof import prove
from tasks.final_ruling.register import begin, check
from tasks.opening import Procedure

FINAL_RULING = Procedure(
    code="FR",
    title=N_("Final ruling"),
    manual="000 四.1 第七条, 一.5",
    deployment="final-ruling/最终裁定",
    form=RulingRequest,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="claims",
)
