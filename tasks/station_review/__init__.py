"""What the review of a station (维修点续约、停用、撤销) can say. Manual 000 五 维修点开发流程.

`register` how it begins, by people or by the calendar, `measures` papers and the manager's decision carried out,
`closure` address, parts and last settlement of a station that is closed, `lists` what the forms are checked against,
`proof` what must agree in the end.
"""

from models.language import N_
from models.station_review import Outcome, ReviewRequest
from tasks.opening import Procedure
from tasks.station_review.proof import prove
from tasks.station_review.register import begin, check, falls_due

STATION_REVIEW = Procedure(
    code="SV",
    title=N_("Review of a station"),
    manual="000 五 维修点开发流程",
    deployment="station-review/维修点复审",
    form=ReviewRequest,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="stations",
    falls_due=falls_due,
)
