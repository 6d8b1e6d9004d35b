"""The procedures (流程) that can be started, by their code."""

from models.errors import NotFound
from models.language import N_
from models.tables.cases import Case
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.claim import CLAIM
from tasks.final_ruling import FINAL_RULING
from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.opening import Procedure
from tasks.parts_return import PARTS_RETURN
from tasks.parts_swap import PARTS_SWAP
from tasks.quality_notice import QUALITY_NOTICE
from tasks.repair_station import REPAIR_STATION
from tasks.station_review import STATION_REVIEW
from tasks.supplier_claim import SUPPLIER_CLAIM
from tasks.transit_claim import TRANSIT_CLAIM

PROCEDURES: dict[str, Procedure] = {
    procedure.code: procedure
    for procedure in (
        BATCH_QUALITY_DISPUTE,
        REPAIR_STATION,
        STATION_REVIEW,
        PARTS_SWAP,
        PARTS_RETURN,
        SUPPLIER_CLAIM,
        INFORMATION_FEEDBACK,
        QUALITY_NOTICE,
        CLAIM,
        FINAL_RULING,
        TRANSIT_CLAIM,
    )
}


def by_code(code: str) -> Procedure:
    """The procedure with this code; raises NotFound."""
    if code not in PROCEDURES:
        raise NotFound(N_("There is no procedure {code}; there are: {codes}."), code=code, codes=", ".join(PROCEDURES))
    return PROCEDURES[code]


def outcome_text(case: Case) -> str:
    """How a closed case ended, in the language in force; nothing while it is open."""
    return PROCEDURES[case.procedure].outcomes(case.outcome).label if case.outcome else ""
