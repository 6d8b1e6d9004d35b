"""What a claim for loss or damage in transit (承运方索赔) can do. Manual 000 四.1 art. 4.

`register` how it begins, `filing` the claim file and its letters, `paper` the letters themselves, `carrier` what comes
of them, `lists` what is claimed and what the forms are checked against, `proof` what must agree in the end.
"""

from models.language import N_
from models.transit_claim import Outcome, TransitReport
from tasks.opening import Procedure
from tasks.transit_claim.proof import prove
from tasks.transit_claim.register import begin, check

TRANSIT_CLAIM = Procedure(
    code="TC",
    title=N_("Loss or damage in transit"),
    manual="000 四.1 第四条",
    deployment="transit-claim/运输索赔",
    form=TransitReport,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="transit_claims",
)
