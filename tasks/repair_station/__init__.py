"""What the development of a repair station (维修点开发) can say. Manual 000 五 维修点开发流程.

`register` how it begins, `choice` papers, visit, recommendation and approval, `setup` agreement, parts on loan and
certificates, `start` activation and first month, `states` how a station's state changes, `lists` what the forms are
checked against, `proof` what must agree in the end.
"""

from models.language import N_
from models.repair_station import CandidateSheet, Outcome
from tasks.opening import Procedure
from tasks.repair_station.proof import prove
from tasks.repair_station.register import begin, check

REPAIR_STATION = Procedure(
    code="RS",
    title=N_("Repair-station development"),
    manual="000 五 维修点开发流程",
    deployment="repair-station/维修点开发",
    form=CandidateSheet,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="stations",
)
