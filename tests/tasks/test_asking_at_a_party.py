"""Questions asked at a party: its own people answer, the clerks for a party that has nobody."""

import pytest
from people import opened, run
from sqlalchemy import Engine

from models.batch_quality import BatchVerdict
from models.errors import InvalidInput, NotAllowed
from models.language import speaking
from models.limits import Limit
from models.queries import cases, people, questions
from models.roles import Role
from models.tables.deadlines import RunningInterval
from models.tables.questions import Channel, Task
from tasks.asking import put
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction
from tasks.deciding import Decided, decide
from tasks.opening import file_of
from tasks.reassigning import reassign

FACTS = {"delivered": 200, "proposal": "no"}
ANSWER = {"is_batch": "yes", "reason": "Looked at them."}


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


def asked_at(number: str, party: str) -> str:
    """The reference of a question put to the people of a party."""
    with transaction() as session:
        file = file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)
        limit = file.policy.batch_quality.batch_verdict
    question = put(
        file,
        f"look-{party.lower()}",
        BatchVerdict,
        of=Role.LOGISTICS_DISTRIBUTOR,
        at=party,
        limit=limit if isinstance(limit, Limit) else None,
        facts=lambda work: FACTS,
    )
    with transaction() as session:
        return session.get_one(Task, question.task_id).ref


def candidates(ref: str) -> list[str]:
    with transaction() as session:
        return [one.login for one in questions.candidates(session, questions.by_ref(session, ref))]


def inbox(login: str) -> list[str]:
    with transaction() as session:
        return [task.ref for task in questions.inbox(session, people.person(session, login))]


def decided(ref: str, by: str) -> Decided:
    return decide(ref, ANSWER, by=by, channel=Channel.COMMAND_LINE)


def test_the_partys_own_people_are_asked(number: str) -> None:
    ref = asked_at(number, "D-01")
    assert candidates(ref) == ["he.jun"]
    assert inbox("he.jun") == [ref]
    assert decided(ref, "he.jun").on_behalf_of is None


@pytest.mark.parametrize("login", ["grace.shen", "li.na", "chen.min"])
def test_nobody_else_answers_for_a_party_that_has_people(number: str, login: str) -> None:
    ref = asked_at(number, "D-01")
    assert ref not in inbox(login)
    with pytest.raises(NotAllowed) as refused:
        decided(ref, login)
    assert "广州恒达灯饰经销商" in refused.value.message


def test_the_clerks_answer_for_a_party_that_has_nobody_and_it_is_recorded_so(number: str) -> None:
    ref = asked_at(number, "D-02")
    assert candidates(ref) == ["li.na", "wang.fang"]
    assert inbox("wang.fang") == [ref]
    assert decided(ref, "wang.fang").on_behalf_of == "D-02"


def test_who_gets_a_login_meanwhile_is_asked_instead_of_the_clerks(number: str) -> None:
    ref = asked_at(number, "D-02")
    with transaction() as session:
        newcomer = people.person(session, "he.jun")
        newcomer.party = people.party_by_code(session, "D-02")  # type: ignore[assignment]
    assert candidates(ref) == ["he.jun"]
    with pytest.raises(NotAllowed):
        decided(ref, "li.na")


def test_with_no_clerk_either_nobody_can_answer(number: str) -> None:
    ref = asked_at(number, "D-02")
    with transaction() as session:
        for login in ("li.na", "wang.fang"):
            people.person(session, login).active = False
    assert candidates(ref) == []


def test_the_time_is_the_asked_partys(number: str) -> None:
    ref = asked_at(number, "D-02")
    with transaction() as session:
        running: RunningInterval = questions.by_ref(session, ref).deadline.intervals[-1]
        assert running.holder.code == "D-02"


def test_a_question_at_a_party_says_so_to_people(number: str) -> None:
    run(number)
    ref = asked_at(number, "D-03")
    with transaction() as session:
        told = questions.waits_for(questions.by_ref(session, ref))
    assert "Hangzhou Brightway Trading" in told


def test_what_is_asked_at_a_party_is_given_to_its_own_people_alone(number: str) -> None:
    # grace.shen holds the same post at another distributor.
    ref = asked_at(number, "D-01")
    with speaking("en"), pytest.raises(InvalidInput) as refused:
        reassign(ref, "grace.shen", "He is away", "chen.min")
    assert "does not work for" in refused.value.fields["to"]
    assert candidates(ref) == ["he.jun"]


def test_what_a_party_without_anybody_is_asked_is_given_to_a_clerk(number: str) -> None:
    ref = asked_at(number, "D-02")
    reassign(ref, "wang.fang", "Her dealer", "chen.min")
    assert candidates(ref) == ["wang.fang"]
    with speaking("en"), pytest.raises(InvalidInput) as refused:
        reassign(ref, "he.jun", "He knows them", "chen.min")
    assert "does not hold the role customer service clerk" in refused.value.fields["to"]
    assert decided(ref, "wang.fang").on_behalf_of == "D-02"
