"""What the claim on a supplier (供应商索赔) can say. Manual 000 三 经理 B: handling of what failed, at low cost.

`register` how it begins, by people or out of another case, `claiming` letters and answers, `settlement` money and old
parts, `lists` what the forms are checked against, `proof` what must agree in the end.
"""

from models.language import N_
from models.supplier_claim import Outcome, SupplierClaimReport
from tasks.opening import Procedure
from tasks.supplier_claim.proof import prove
from tasks.supplier_claim.register import begin, check

SUPPLIER_CLAIM = Procedure(
    code="SC",
    title=N_("Claim on a supplier"),
    manual="000 三 经理 B",
    deployment="supplier-claim/供应商索赔",
    form=SupplierClaimReport,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="supplier_claims",
)
