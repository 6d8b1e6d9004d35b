"""What a policy says on the batch quality dispute (批量质量异议). Manual 000 四.1 art. 3."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from models.data_files import Strict
from models.limits import LapsableLimit, Limit, RungPlan
from models.roles import Role


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


class BatchQualityPolicy(Strict):
    """The numbers of the batch quality dispute; the keys of limits are those of its tasks and deadlines."""

    threshold_pieces: Annotated[int, Field(ge=1)]
    threshold_share: Annotated[Decimal, Field(gt=0, le=1)]
    batch_code_pattern: Annotated[str, AfterValidator(_is_pattern)]
    duplicate_days: Annotated[int, Field(ge=0)]
    told_of_recall: tuple[Role, ...]
    acknowledgement: Limit
    determination: Limit
    batch_verdict: Limit
    name_technician: Limit
    recall_scope: Limit
    scope_correction: Limit
    remedy: Limit
    arrival: Limit
    replacement_dispatch: Limit
    freight_bill: Limit
    appeal: LapsableLimit
    appeal_ruling: Limit
    # Policies recorded before this limit existed read it as it stands here.
    settlement: Limit = Limit(
        limit="10 working days", rungs=(RungPlan(at="100%", to=Role.CS_MANAGER), RungPlan(at="+5 days", to="up 2"))
    )
