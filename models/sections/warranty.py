"""What a policy says on warranty terms and charges (保修期与收费). Manual 000 四.1 art. 1."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from models.data_files import Strict
from models.rules.warranty import NoProof, Promise, Term

#: A kind of goods, as products and parts name theirs in the master data.
GoodsKind = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]


def _tells_the_day(text: str) -> str:
    try:
        groups = set(re.compile(text).groupindex)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    if not {"year", "month", "day"} <= groups:
        raise ValueError(f"{text!r} lacks a group; write (?P<year>…), (?P<month>…) and (?P<day>…)")
    return text


class WarrantyTerm(Strict):
    """The promise for one kind of goods, and for how many calendar months from the purchase."""

    promise: Promise
    months: Annotated[int, Field(ge=0, le=240)] = 0
    #: The kinds of lamps it is limited to, as the manual does with ballasts; any lamp where none is named.
    only_in: tuple[GoodsKind, ...] = ()

    @model_validator(mode="after")
    def a_promise_has_a_time(self) -> Self:
        """A promise holds for some months; what is not promised holds for none."""
        if (self.promise is Promise.NONE) != (self.months == 0):
            raise ValueError("a promise has months, and «none» has no months")
        return self


class WarrantyPolicy(Strict):
    """Terms by kind of goods, and what may be charged beyond them."""

    terms: dict[GoodsKind, WarrantyTerm]
    #: The share of the replaced parts' price that may be charged as a fee beyond the term.
    charge_rate: Annotated[Decimal, Field(ge=0, le=1)]
    #: From when a term counts without proof of purchase.
    no_proof: NoProof
    #: What a batch code looks like, and where it tells the day of making.
    batch_code: Annotated[str, AfterValidator(_tells_the_day)]

    @property
    def table(self) -> Mapping[str, Term]:
        """The terms as the rules read them."""
        return {kind: Term(one.promise, one.months, one.only_in) for kind, one in self.terms.items()}
