"""The procedures (流程) that can be started, by their code."""

from models.errors import NotFound
from models.language import N_
from models.tables.cases import Case
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.opening import Procedure

PROCEDURES: dict[str, Procedure] = {procedure.code: procedure for procedure in (BATCH_QUALITY_DISPUTE,)}


def by_code(code: str) -> Procedure:
    """The procedure with this code; raises NotFound."""
    if code not in PROCEDURES:
        raise NotFound(N_("There is no procedure {code}; there are: {codes}."), code=code, codes=", ".join(PROCEDURES))
    return PROCEDURES[code]


def outcome_text(case: Case) -> str:
    """How a closed case ended, in the language in force; nothing while it is open."""
    return PROCEDURES[case.procedure].outcomes(case.outcome).label if case.outcome else ""
