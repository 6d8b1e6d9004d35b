"""The forms of claims, rulings and claims on carriers: good answers, and what must not pass, with its sentence."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from conftest import POLICY

from models.claim import ClaimFile, ClaimReport, LevelAnswer, ManagerAnswer, Outcome
from models.errors import InvalidInput
from models.final_ruling import Execution, Ruling, RulingFile, RulingRequest
from models.forms import Form
from models.language import speaking
from models.policy import load_policy_file, read_policy
from models.transit_claim import (
    CarrierAnswer,
    CarrierPayment,
    CauseFinding,
    ClaimSent,
    OfferDecision,
    TransitFile,
    TransitPapers,
    TransitReport,
)

LONG = "x" * 4001
AT = "2026-11-20T10:00:00+08:00"
BOTH = {"claimant_position": "It broke.", "other_position": "It was dropped."}
CLAIMED = {"claimed": "930.00", "currency": "CNY"}

#: A good answer to each form, and the facts that its question is asked with.
GOOD: dict[type[Form], tuple[dict[str, Any], dict[str, Any]]] = {
    ClaimReport: (
        {
            "party": "X-02",
            "came_in": "head_office",
            "claimant": "黄女士",
            "claimant_contact": "0755-5550911",
            "kind": "charge",
            "product": "LX-001",
            "batch": "MH260815",
            "matter": "They charged for a repair in warranty.",
            "demand": "The money back.",
            "reported_at": AT,
            "reported_by": "黄女士",
            "registered_by": "li.na",
        },
        {},
    ),
    LevelAnswer: ({"handling": "not_settled", **BOTH}, {"next": "D-02"}),
    ClaimFile: ({**BOTH, "established": "It is broken.", "evidence": "Photos."}, {}),
    ManagerAnswer: ({"handling": "exception", "reason": "The terms do not foresee it."}, {}),
    RulingRequest: (
        {
            "party": "X-02",
            "other_party": "S-03",
            "about": "CL-2026-0001",
            "claimant": "黄女士",
            "claimant_contact": "0755-5550911",
            "matter": "They charged for a repair in warranty.",
            "demand": "The money back.",
            **BOTH,
            "evidence": "The bill.",
            "reported_at": AT,
            "reported_by": "黄女士",
            "registered_by": "li.na",
        },
        {},
    ),
    RulingFile: ({**BOTH, "evidence": "The bill."}, {}),
    Ruling: (
        {
            "ruled_for": "claimant",
            "article": "四.1 第一条",
            "reasons": "It was in warranty.",
            "by_whom": "C-01",
            "to_do": "Pay the money back.",
            "until": "2026-12-01",
            "amount": "38.50",
            "headnote": "No charge within the warranty.",
            "keywords": "warranty, charge",
        },
        {
            "articles": {"四.1 第一条": "四.1 第一条"},
            "actors": {"nobody": "nobody", "C-01": "Company", "S-03": "Shop"},
            "company": "C-01",
            "today": "2026-11-22",
        },
    ),
    Execution: ({"what": "Paid.", "done_on": "2026-11-25"}, {"to_do": "Pay.", "ruled_on": "2026-11-22"}),
    TransitReport: (
        {
            "customer": "D-01",
            "delivery": "DN-2026-0001",
            "waybill": "YD77",
            "carrier": "K-01",
            "received_at": "2026-11-20T08:00:00+08:00",
            "mishap": "loss",
            "pieces": 20,
            "value": "900",
            "reserve_noted": "no",
            "photos": "None.",
            "reported_at": AT,
            "reported_by": "Mr He",
            "registered_by": "li.na",
        },
        {},
    ),
    CauseFinding: ({"cause": "transit", "carrier_chosen_by": "customer", "reason": "Crushed from outside."}, {}),
    TransitPapers: (
        {"packing_list": "PL-1", "contract": "Liable for the value.", "insured": "yes", "survey": "Mr He looked."},
        {},
    ),
    TransitFile: (
        {"pursues": "yes", "signatory": "Mr He", "statement": "Crushed when it came.", "photos": "IMG-1"},
        CLAIMED,
    ),
    ClaimSent: ({"sent": "yes", "sent_on": "2026-11-23", "how": "Courier SF1."}, {"received_on": "2026-11-20"}),
    CarrierAnswer: ({"reply": "offers_less", "offered": "500", "reasons": "Badly stacked."}, CLAIMED),
    OfferDecision: ({"answer": "ask_for_more", "told_by": "Mr He"}, {**CLAIMED, "offered": "500.00", "is_last": False}),
    CarrierPayment: (
        {"amount": "500.00", "received_on": "2026-12-20", "reference": "Bank 4711"},
        {"agreed": "500.00", "currency": "CNY"},
    ),
}

POSITIONS_NEEDED = "Write the positions of both sides"
NEEDED = "This field is needed."
EMPTY = "This field must not be empty."
TOO_LONG = "At most 4000 characters are allowed."
DAY = "Write a date such as 2026-11-23."
ZONE = "Write date and time with zone"

#: What is changed in the good answer, the field that is named, and what a person reads.
BAD: list[tuple[type[Form], dict[str, Any], str, str]] = [
    (ClaimReport, {"party": ""}, "party", EMPTY),
    (ClaimReport, {"kind": "rudeness"}, "kind", "Choose one of: 'goods', 'service_attitude'"),
    (ClaimReport, {"came_in": None}, "came_in", "Choose one of:"),
    (ClaimReport, {"reported_at": "2026-11-20T10:00:00"}, "reported_at", ZONE),
    (ClaimReport, {"matter": LONG}, "matter", TOO_LONG),
    (ClaimReport, {"claimant": "Huang\nBcc: x"}, "claimant", "Control characters and line breaks are not allowed"),
    (ClaimReport, {"product": ""}, "form", "Name the product that the batch code is sprayed on."),
    (ClaimReport, {"owner": "x"}, "owner", "There is no such field."),
    (LevelAnswer, {"handling": "ignored"}, "handling", "Choose one of: 'settled', 'not_settled'"),
    (LevelAnswer, {"claimant_position": ""}, "form", POSITIONS_NEEDED),
    (LevelAnswer, {"other_position": "  "}, "form", POSITIONS_NEEDED),
    (LevelAnswer, {"handling": "settled"}, "form", "Write what was agreed with the claimant."),
    (LevelAnswer, {"handling": "settled", "agreed": "A lamp."}, "form", "Only what the claimant has accepted"),
    (LevelAnswer, {"handling": "settled", "agreed": "A lamp.", "accepted": "maybe"}, "accepted", "Choose one of:"),
    (LevelAnswer, {"other_position": "\x07"}, "other_position", "Control characters are not allowed"),
    (ClaimFile, {"claimant_position": ""}, "claimant_position", EMPTY),
    (ClaimFile, {"other_position": ""}, "other_position", EMPTY),
    (ClaimFile, {"established": 5}, "established", "Write text here."),
    (ClaimFile, {"evidence": LONG}, "evidence", TOO_LONG),
    (ClaimFile, {"handling": "settled"}, "handling", "There is no such field."),
    (ManagerAnswer, {"reason": ""}, "reason", EMPTY),
    (ManagerAnswer, {"handling": ""}, "handling", "Choose one of:"),
    (ManagerAnswer, {"handling": "settled"}, "form", "Write what was agreed with the claimant."),
    (ManagerAnswer, {"handling": "settled", "agreed": "A lamp."}, "form", "Only what the claimant has accepted"),
    (ManagerAnswer, {"claimant_position": "x"}, "claimant_position", "There is no such field."),
    (RulingRequest, {"claimant_position": ""}, "form", "Write both positions and the evidence, or none"),
    (RulingRequest, {"evidence": ""}, "form", "Write both positions and the evidence, or none"),
    (RulingRequest, {"party": ""}, "party", EMPTY),
    (RulingRequest, {"about": "CL\n1"}, "about", "Control characters and line breaks are not allowed"),
    (RulingRequest, {"reported_at": "yesterday"}, "reported_at", ZONE),
    (RulingRequest, {"demand": ""}, "demand", EMPTY),
    (RulingFile, {"claimant_position": ""}, "claimant_position", EMPTY),
    (RulingFile, {"other_position": None}, "other_position", "Write text here."),
    (RulingFile, {"evidence": ""}, "evidence", EMPTY),
    (RulingFile, {"evidence": LONG}, "evidence", TOO_LONG),
    (RulingFile, {"verdict": "x"}, "verdict", "There is no such field."),
    (Ruling, {"article": "四.9 第九条"}, "article", "四.9 第九条 is not among the choices: 四.1 第一条."),
    (Ruling, {"by_whom": "D-01"}, "by_whom", "D-01 is not among the choices: nobody, C-01, S-03."),
    (Ruling, {"to_do": ""}, "form", "Write what is to be done and until when."),
    (Ruling, {"until": ""}, "form", "Write what is to be done and until when."),
    (Ruling, {"until": "2026-11-22"}, "form", "The last day must lie after 2026-11-22, and within a year."),
    (Ruling, {"until": "2027-11-24"}, "form", "The last day must lie after 2026-11-22, and within a year."),
    (Ruling, {"until": "soon"}, "until", DAY),
    (Ruling, {"until": 20261201}, "until", DAY),
    (Ruling, {"by_whom": "nobody"}, "form", "Name who must act, or leave empty what is to be done"),
    (Ruling, {"by_whom": "S-03"}, "form", "An amount is paid by the company"),
    (Ruling, {"amount": "-1"}, "amount", "The smallest value allowed is 0."),
    (Ruling, {"amount": "1.005"}, "amount", "Write at most 2 decimal places."),
    (Ruling, {"reasons": ""}, "reasons", EMPTY),
    (Ruling, {"ruled_for": "me"}, "ruled_for", "Choose one of:"),
    (Execution, {"what": ""}, "what", EMPTY),
    (Execution, {"done_on": "2026-11-21"}, "form", "It was ruled on 2026-11-22; this cannot have been done before."),
    (Execution, {"done_on": ""}, "done_on", DAY),
    (Execution, {"done_on": "3026-11-25"}, "done_on", "Check the year of 3026-11-25."),
    (Execution, {"proof": LONG}, "proof", TOO_LONG),
    (TransitReport, {"pieces": 0}, "pieces", "The smallest value allowed is 1."),
    (TransitReport, {"pieces": 2.5}, "pieces", "Write a whole number here."),
    (TransitReport, {"value": "much"}, "value", "Write an amount such as 1234.50."),
    (TransitReport, {"mishap": "theft"}, "mishap", "Choose one of: 'damage' or 'loss'"),
    (TransitReport, {"reserve_noted": True}, "reserve_noted", "Choose one of:"),
    (TransitReport, {"received_at": "2026-11-20T10:00:01+08:00"}, "form", "The report cannot lie before the receipt"),
    (TransitReport, {"waybill": "x" * 121}, "waybill", "At most 120 characters are allowed."),
    (CauseFinding, {"cause": "weather"}, "cause", "Choose one of: 'transit' or 'factory_packing'"),
    (CauseFinding, {"cause": None}, "cause", "Choose one of:"),
    (CauseFinding, {"carrier_chosen_by": ""}, "carrier_chosen_by", "Choose one of: 'company' or 'customer'"),
    (CauseFinding, {"reason": ""}, "reason", EMPTY),
    (CauseFinding, {"reason": LONG}, "reason", TOO_LONG),
    (TransitPapers, {"packing_list": ""}, "packing_list", EMPTY),
    (TransitPapers, {"packing_list": "a\tb"}, "packing_list", "Control characters and line breaks are not allowed"),
    (TransitPapers, {"contract": ""}, "contract", EMPTY),
    (TransitPapers, {"insured": False}, "insured", "Choose one of:"),
    (TransitPapers, {"survey": None}, "survey", "Write text here."),
    (TransitFile, {"pursues": ""}, "pursues", "Choose one of: 'yes' or 'no'"),
    (TransitFile, {"signatory": ""}, "signatory", EMPTY),
    (TransitFile, {"statement": LONG}, "statement", TOO_LONG),
    (TransitFile, {"photos": ["IMG-1"]}, "photos", "Write text here."),
    (TransitFile, {"value": "10"}, "value", "There is no such field."),
    (ClaimSent, {"sent_on": ""}, "form", "Write on which day and by which way it was sent."),
    (ClaimSent, {"how": ""}, "form", "Write on which day and by which way it was sent."),
    (ClaimSent, {"sent_on": "2026-11-19"}, "form", "The goods came on 2026-11-20"),
    (ClaimSent, {"sent_on": "23.11.2026"}, "sent_on", DAY),
    (ClaimSent, {"sent": "perhaps"}, "sent", "Choose one of:"),
    (CarrierAnswer, {"offered": "0"}, "form", "An offer lies between 0 and the 930.00 that are claimed."),
    (CarrierAnswer, {"offered": "930.00"}, "form", "An offer lies between 0 and the 930.00 that are claimed."),
    (CarrierAnswer, {"reply": "refuses"}, "form", "Write an amount only if the carrier offers less"),
    (CarrierAnswer, {"reply": "accepts"}, "form", "Write an amount only if the carrier offers less"),
    (CarrierAnswer, {"offered": "NaN"}, "offered", "Write an amount such as 1234.50."),
    (CarrierAnswer, {"reasons": ""}, "reasons", EMPTY),
    (OfferDecision, {"answer": "wait"}, "answer", "Choose one of: 'accept', 'ask_for_more' or 'give_up'"),
    (OfferDecision, {"answer": None}, "answer", "Choose one of:"),
    (OfferDecision, {"told_by": ""}, "told_by", EMPTY),
    (OfferDecision, {"told_by": "a\nb"}, "told_by", "Control characters and line breaks are not allowed"),
    (OfferDecision, {"amount": "600"}, "amount", "There is no such field."),
    (CarrierPayment, {"amount": "0"}, "form", "The carrier owes 500.00; write what came of it, more than 0."),
    (CarrierPayment, {"amount": "500.01"}, "form", "The carrier owes 500.00; write what came of it, more than 0."),
    (CarrierPayment, {"amount": "-5"}, "amount", "The smallest value allowed is 0."),
    (CarrierPayment, {"received_on": "2026-13-01"}, "received_on", DAY),
    (CarrierPayment, {"reference": ""}, "reference", EMPTY),
]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.mark.parametrize("form", GOOD, ids=lambda form: form.__name__)
def test_a_good_answer_is_taken_and_can_be_told_and_shown(form: type[Form]) -> None:
    answer, facts = GOOD[form]
    taken = form.read(answer, facts)
    assert taken.told()
    assert form.read(taken.model_dump(mode="json"), facts) == taken, "as it is kept it can be read again"
    assert form.schema_for(facts, labels=True)["title"] == form.heading
    assert all(title and text is not None for title, text in form.hint(facts))


@pytest.mark.parametrize("form", GOOD, ids=lambda form: form.__name__)
def test_everything_that_has_no_default_is_needed(form: type[Form]) -> None:
    _answer, facts = GOOD[form]
    needed = {name for name, field in form.model_fields.items() if field.is_required()}
    with pytest.raises(InvalidInput) as refused:
        form.read({}, facts)
    assert refused.value.fields == dict.fromkeys(needed, NEEDED)


@pytest.mark.parametrize(("form", "change", "field", "sentence"), BAD)
def test_a_bad_answer_is_refused_with_its_field_and_a_sentence(
    form: type[Form], change: dict[str, Any], field: str, sentence: str
) -> None:
    answer, facts = GOOD[form]
    with pytest.raises(InvalidInput) as refused:
        form.read({**answer, **change}, facts)
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field].startswith(sentence)


def test_every_form_has_five_bad_answers() -> None:
    counted = {form.__name__: sum(one is form for one, *_rest in BAD) for form in GOOD}
    assert {name: count for name, count in counted.items() if count < 5} == {}


# What follows from an answer


@pytest.mark.parametrize(
    ("handling", "ending"),
    [
        ("settled", Outcome.SETTLED),
        ("withdrawn", Outcome.WITHDRAWN_BY_CLAIMANT),
        ("not_settled", None),
        ("exception", None),
        ("liability_unclear", None),
    ],
)
def test_a_claim_ends_where_it_is_settled_or_withdrawn_and_else_goes_up(handling: str, ending: Outcome | None) -> None:
    answer = {"handling": handling, "agreed": "A lamp.", "accepted": "yes", **BOTH}
    assert LevelAnswer.read(answer, {"next": ""}).ending is ending


def test_after_the_last_level_comes_customer_service() -> None:
    assert LevelAnswer.hint({"next": ""}) == [("If you pass it up, it goes to", "customer service")]
    assert LevelAnswer.hint({"next": "D-02"}) == [("If you pass it up, it goes to", "D-02")]


def test_a_ruling_may_ask_nothing_of_anybody() -> None:
    answer, facts = GOOD[Ruling]
    nothing = {"by_whom": "nobody", "to_do": "", "until": "", "amount": 0}
    ruled = Ruling.read({**answer, **nothing}, facts)
    assert (ruled.until, ruled.to_do) == (None, "")


@pytest.mark.parametrize("until", ["2026-11-23", "2027-11-23"])
def test_the_last_day_of_a_ruling_is_tomorrow_at_the_earliest_and_in_a_year_at_the_latest(until: str) -> None:
    answer, facts = GOOD[Ruling]
    assert Ruling.read({**answer, "until": until}, facts).until == date.fromisoformat(until)


@pytest.mark.parametrize(
    ("written", "words"),
    [("a, b", ["a", "b"]), ("保修，镇流器、电压", ["保修", "镇流器", "电压"]), ("a;；b ,", ["a", "b"]), (",", [])],
)
def test_keywords_are_told_apart_by_any_comma(written: str, words: list[str]) -> None:
    answer, facts = GOOD[Ruling]
    assert Ruling.read({**answer, "keywords": written}, facts).subjects == words


def test_the_last_offer_is_accepted_or_the_claim_given_up() -> None:
    facts = {**CLAIMED, "offered": "500.00", "is_last": True}
    with pytest.raises(InvalidInput, match="This was the last offer"):
        OfferDecision.read({"answer": "ask_for_more", "told_by": "Mr He"}, facts)
    OfferDecision.read({"answer": "give_up", "told_by": "Mr He"}, facts)


def test_a_letter_that_was_not_sent_has_no_day() -> None:
    ClaimSent.read({"sent": "no", "how": "Not worth it."}, {"received_on": "2026-11-20"})


# The policy


@pytest.mark.parametrize("article", ["四.1 第七条", "四.2 第十二条", "一.5", "三"])
def test_an_article_is_written_as_the_manual_counts(shipped: dict[str, Any], article: str) -> None:
    shipped["claims"]["citable_articles"] = [article]
    assert read_policy(shipped).claims.citable_articles == (article,)


@pytest.mark.parametrize("article", ["", "art. 7", "4.1 第七条", "四.1第七条", "四.1 第7条"])
def test_what_is_no_article_is_refused(shipped: dict[str, Any], article: str) -> None:
    shipped["claims"]["citable_articles"] = [article]
    with pytest.raises(InvalidInput) as refused:
        read_policy(shipped)
    assert list(refused.value.fields) == ["claims.citable_articles.0"]


def test_a_policy_without_articles_lets_nobody_rule_and_is_refused(shipped: dict[str, Any]) -> None:
    shipped["claims"]["citable_articles"] = []
    with pytest.raises(InvalidInput):
        read_policy(shipped)


@pytest.fixture
def shipped() -> dict[str, Any]:
    """The shipped policy as data, to be changed."""
    return load_policy_file(POLICY)
