"""What the batch quality dispute (批量质量异议) can say. Manual 000 四.1 art. 3.

`register` how it begins, `scene` sale stop and finding, `recall` goods coming back, `settlement` what the dealer
gets, `supplier` who answers for bought-in goods, `lists` what the forms are checked against, `proof` what must agree in
the end.
"""

from models.batch_quality import DisputeReport, Outcome
from models.language import N_
from tasks.batch_quality.proof import prove
from tasks.batch_quality.register import begin, check
from tasks.opening import Procedure

BATCH_QUALITY_DISPUTE = Procedure(
    code="BQ",
    title=N_("Batch quality dispute"),
    manual="000 四.1 第三条",
    deployment="batch-quality-dispute/批量质量异议",
    form=DisputeReport,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="batch_quality",
)
