"""Forms with lists of lines: where in them a fault lies, and how many pieces can be entered of a part.

People count lines from one; programs keep counting them from zero.
"""

from typing import Annotated, Any, ClassVar

import pytest
from pydantic import AfterValidator, Field

from models.errors import InvalidInput
from models.feedback_reports import MonthlyRepairReport
from models.forms import Facts, Form, Pieces
from models.language import speak, speaking
from models.parts_back_order import IssueArrival
from models.parts_exchange import ExchangeArrival, ReworkReport
from models.parts_list import ListApproval
from models.parts_swap import SwapSlip
from models.supplier_claim import SupplierClaimReport

PARTS = {"P-001": "P-001 Ballast", "P-003": "P-003 Ring tube"}


class Box(Form):
    """What lies in one box."""

    heading: ClassVar[str] = "Box"

    pieces: Pieces = Field(title="Pieces")


class Pallet(Form):
    """A list in the line of a list."""

    heading: ClassVar[str] = "Pallet"

    boxes: list[Box] = Field(default_factory=list, title="Boxes")


class Load(Form):
    """Lists with checks of their own, and without a largest number of lines."""

    heading: ClassVar[str] = "Load"

    pallets: Annotated[list[Pallet], AfterValidator(list)] = Field(default_factory=list, title="Pallets")


@pytest.fixture(autouse=True)
def in_english() -> None:
    speak("en")


def refused(form: type[Form], answer: object, facts: Facts | None = None) -> InvalidInput:
    with pytest.raises(InvalidInput) as raised:
        form.read(answer, facts)
    return raised.value


# Where a fault lies


@pytest.mark.parametrize(
    ("form", "answer", "facts", "place"),
    [
        (SwapSlip, {"lines": [{}, {"pieces": 0}]}, {}, "[Repairs 2, Pieces] The smallest"),
        (MonthlyRepairReport, {"items": [{}, {}, {"pieces": -1}]}, {}, "[Observations 3, Pieces] The smallest"),
        (SupplierClaimReport, {"lines": [{"pieces": 0}]}, {}, "[Goods 1, Pieces] The smallest"),
        (ListApproval, {"cuts": [{"line": "9"}]}, {"lines": {"1": "P-001"}}, "[Lines to cut 1, Line] 9 is not"),
        (
            IssueArrival,
            {"lines": [{"part": "P-001", "received": 4}]},
            {"parts": PARTS, "pieces": {"P-001": 3}},
            "[Parts 1] Only 3 pieces",
        ),
    ],
)
def test_a_fault_in_a_line_is_named_by_the_list_the_number_and_the_field(
    form: type[Form], answer: dict[str, Any], facts: Facts, place: str
) -> None:
    assert place in refused(form, answer, facts).message


def test_programs_are_told_the_place_from_zero() -> None:
    assert "lines.1.pieces" in refused(SwapSlip, {"lines": [{}, {"pieces": 0}]}).fields


def test_an_entry_that_is_no_form_is_counted_as_well() -> None:
    answer = {"comment": "Agreed.", "excused": ["P-001", 7]}
    message = refused(ListApproval, answer, {"parts": PARTS}).message
    assert "[Parts that may stay without a charge 2] Write text here." in message


def test_the_place_is_named_in_the_language_in_force() -> None:
    with speaking("zh_CN"):
        assert "[维修记录 2, 件数]" in refused(SwapSlip, {"lines": [{}, {"pieces": 0}]}).message


def test_each_list_on_the_way_to_a_fault_is_counted() -> None:
    answer = {"pallets": [{}, {"boxes": [{"pieces": 1}, {"pieces": 2}, {"pieces": 0}]}]}
    assert "[Pallets 2, Boxes 3, Pieces] The smallest" in refused(Load, answer).message


def test_a_line_is_counted_however_many_there_are() -> None:
    good: list[Any] = [{}] * 1234
    message = refused(Load, {"pallets": [*good, {"boxes": 0}]}).message
    assert "[Pallets 1235, Boxes] This must be a list." in message


@pytest.mark.parametrize("invented", ["colour", "form", "²", pytest.param("9" * 5000, id="a long number")])
def test_a_field_that_a_line_does_not_have_is_named_as_it_was_written(invented: str) -> None:
    message = refused(Load, {"pallets": [{invented: 1}]}).message
    assert f"[Pallets 1, {invented}] There is no such field." in message


def test_a_place_that_is_not_in_a_form_stays_as_it_is() -> None:
    assert "[batch_quality.rungs.0] Too late." in InvalidInput({"batch_quality.rungs.0": "Too late."}).message


# How many pieces there can be


@pytest.mark.parametrize(
    ("form", "asked_about", "field"),
    [(ExchangeArrival, "exchanged", "received"), (ReworkReport, "repairable", "repaired")],
)
def test_not_more_pieces_of_a_part_are_entered_than_came(form: type[Form], asked_about: str, field: str) -> None:
    facts = {"parts": PARTS, asked_about: {"P-001": 3, "P-003": 2}}
    as_many = {"lines": [{"part": "P-001", field: 3}, {"part": "P-003", field: 2}]}
    assert form.read(as_many, facts)
    one_more = {"lines": [{"part": "P-001", field: 0}, {"part": "P-003", field: 3}]}
    assert refused(form, one_more, facts).fields == {"form": "P-003: 3 pieces are entered; at most 2 are possible."}
