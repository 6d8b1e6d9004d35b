"""What a policy says on claims and disputes that climb level by level (逐级负责). Manual 000 四.1 art. 5 and 7."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from models.data_files import Strict
from models.limits import LapsableLimit, Limit, RungPlan
from models.roles import Role

#: `四.1 第七条`, or a chapter's item such as `一.5`.
_ARTICLE = re.compile(r"[一二三四五六七八九十]+(\.[0-9]+)?( 第[一二三四五六七八九十]+条)?")


def _is_article(text: str) -> str:
    if not _ARTICLE.fullmatch(text):
        raise ValueError(f"{text!r} is not an article of the manual; write for example '四.1 第七条'")
    return text


def _at_least_one(articles: tuple[str, ...]) -> tuple[str, ...]:
    if not articles:
        raise ValueError("name at least one article that a ruling can rest on")
    return articles


class ClaimsPolicy(Strict):
    """The numbers and posts of the procedure; `level` and `mediation` are both the time of its task `level`."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
    #: Who may ask for a final ruling on what did not climb as a claim.
    ruling_registrars: tuple[Role, ...]
    duplicate_days: Annotated[int, Field(ge=0)]
    #: The articles of the manual that a ruling may rest on.
    citable_articles: Annotated[tuple[Annotated[str, AfterValidator(_is_article)], ...], AfterValidator(_at_least_one)]
    #: A dealer that answers for the one below it; silence lets the claim climb.
    level: LapsableLimit
    #: A branch office that mediates; silence lets the claim climb.
    mediation: LapsableLimit
    claim_file: Limit
    manager_answer: Limit
    ruling_file: Limit
    final_ruling: Limit
    #: Who is told when what was ruled is not done; until when it is to be done, the ruling says.
    execution_rungs: tuple[RungPlan, ...]
