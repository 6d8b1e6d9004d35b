"""The quality-information form (manual 000 三 经理 F) as a page in Prefect: made once, when it goes out."""

from typing import Any

from months import ALL_ANSWER, lead, opened
from people import answer
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.waking import wake


def pages(prefect: Any, number: str) -> list[Any]:
    key = ArtifactFilterKey(any_=[f"quality-form-{number.lower()}"])
    found: list[Any] = prefect.client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
    return found


def test_the_page_is_made_once_when_the_form_goes_out(prefect: Any) -> None:
    number = opened()
    lead(number, ALL_ANSWER, until="analysis")
    answer(number, "analysis", *ALL_ANSWER["analysis"])
    report = {"month": "2026-11", "registered_by": "li.na"}
    run_id = prefect.start({"report": report, "case": number}, INFORMATION_FEEDBACK)
    assert prefect.run(run_id).name == "Suspended"
    (page,) = pages(prefect, number)
    assert "LX-001" in page.data
    assert page.data.count("data:image/svg+xml;base64,") == 3

    answered = answer(number, "answer-quality-dept", *ALL_ANSWER["answer-quality-dept"])
    assert wake(answered.case_id)
    assert prefect.run(run_id).name == "Suspended"
    assert len(pages(prefect, number)) == 1
