"""What a claim that climbs level by level (投诉与争议逐级处理) can do. Manual 000 四.1 art. 5 and 7.

`register` how it begins, `levels` who has it and how it goes up, `skipping` how the manager skips what is left of the
levels, `ending` settlement and referral, `proof` what must agree in the end.
"""

from models.claim import ClaimReport, Outcome
from models.language import N_
from tasks.claim.proof import prove
from tasks.claim.register import begin, check
from tasks.opening import Procedure

CLAIM = Procedure(
    code="CL",
    title=N_("Claim or dispute, level by level"),
    manual="000 四.1 第五条, 第七条",
    deployment="claim/投诉与争议",
    form=ClaimReport,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="claims",
)
