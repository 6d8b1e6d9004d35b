"""Warranty terms and charges (保修期与收费), manual 000 四.1 art. 1: the numbers and predicates, and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.rules.deadlines import months_after

CENT = Decimal("0.01")


class Promise(StrEnum):
    """What the consumer is promised within the term: repair (保修), a new one (保用), or nothing (不保修)."""

    REPAIR = "repair"
    REPLACE = "replace"
    NONE = "none"


class NoProof(StrEnum):
    """From when the term counts without proof of purchase: from the day in the batch code, or from no day at all."""

    BATCH_DATE = "batch_date"
    OUT_OF_WARRANTY = "out_of_warranty"


class Standing(StrEnum):
    """Where a piece stands under the table of terms on the day it was brought in."""

    IN_TERM = "in_term"
    BEYOND_TERM = "beyond_term"
    NOT_COVERED = "not_covered"
    NO_PROOF = "no_proof"
    NEEDS_RULING = "needs_ruling"


@dataclass(frozen=True)
class Term:
    """A promise for so many calendar months; `only_in` names the kinds of lamps it is limited to, none means all."""

    promise: Promise
    months: int
    only_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entitlement:
    """What the table says of one piece; the last day is there only where a term runs from a known day."""

    standing: Standing
    last_day: date | None = None


def last_day_of_term(counted_from: date, months: int) -> date:
    """The last day inside the term: the anniversary itself, at the latest the month's end (31 Aug + 6 months)."""
    return months_after(counted_from, months)


def counted_from(purchased_on: date | None, made_on: date | None, no_proof: NoProof) -> date | None:
    """The day a term counts from: that of the purchase; without proof of it, what the policy says instead."""
    if purchased_on is not None:
        return purchased_on
    return made_on if no_proof is NoProof.BATCH_DATE else None


def made_on(batch: str, form: str) -> date | None:
    """The day in a batch code (喷码), by the groups year, month and day of its `form`; None if none can be read."""
    found = re.fullmatch(form, batch)
    if found is None:
        return None
    try:
        year = int(found["year"])
        return date(year if year > 99 else 2000 + year, int(found["month"]), int(found["day"]))
    except (TypeError, ValueError):
        return None


def entitlement(
    terms: Mapping[str, Term], kind: str, fitted_in: str, counted_from: date | None, brought_on: date
) -> Entitlement:
    """What the consumer who brought it on `brought_on` may ask for a part of `kind`, out of a product `fitted_in`.

    What the table does not name needs a ruling; silence is no promise and no refusal.
    """
    term = terms.get(kind)
    if term is None or (term.only_in and fitted_in not in term.only_in):
        return Entitlement(Standing.NEEDS_RULING)
    if term.promise is Promise.NONE:
        return Entitlement(Standing.NOT_COVERED)
    if counted_from is None:
        return Entitlement(Standing.NO_PROOF)
    last_day = last_day_of_term(counted_from, term.months)
    return Entitlement(Standing.IN_TERM if brought_on <= last_day else Standing.BEYOND_TERM, last_day)


def repair_fee(price_of_parts: Decimal, rate: Decimal) -> Decimal:
    """The fee that may be charged beyond the term: a share of the parts' price, to the cent, half a cent up."""
    return (price_of_parts * rate).quantize(CENT, rounding=ROUND_HALF_UP)


def charge_beyond_term(price_of_parts: Decimal, rate: Decimal) -> Decimal:
    """What a consumer may be charged beyond the term: the replaced parts and the fee on them, nothing else."""
    return price_of_parts + repair_fee(price_of_parts, rate)
