"""Who sees a case: everybody of the sample company against cases of several kinds, and what changes it."""

from collections.abc import Collection
from datetime import timedelta

import pytest
from claimants import claim
from people import CREDITED, answer, business_now, opened, play, run
from returns import EXCHANGED
from returns import opened as return_opened
from sqlalchemy import Engine, select

from models.errors import NotFound
from models.queries import cases, people
from models.roles import Role
from models.tables.parties import Person, RoleGrant
from tasks.database import transaction
from tasks.seeing import case_seen, may_see, task_seen
from tasks.standing_in import delegate, end_delegation

#: At the company, in posts that the policy lets into Prefect: clerks, manager, vice-president, head of technology,
#: purchasing, logistics, auditor, administrator.
POSTS = {"li.na", "wang.fang", "chen.min", "zhao.qiang", "sun.wei", "xie.juan", "gao.jie", "zheng.yu", "ren.hong"}


def seen_by(number: str) -> set[str]:
    """The logins of all who see a case."""
    with transaction() as session:
        case = cases.by_number(session, number)
        everybody = session.scalars(select(Person).where(Person.active))
        return {one.login for one in everybody if may_see(session, case, one)}


def give_post(login: str, role: Role) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, login).id, role=role))


def dispute() -> str:
    """At D-01, below B-01; its technician has been on site, its goods are awaited in the warehouse."""
    number = opened()
    play(number, until="arrival")
    return number


def dispute_not_begun() -> str:
    """The same, of which the clerks are asked only."""
    number = opened()
    run(number)
    return number


def returned() -> str:
    """Of B-01, counted in the company's warehouse, judged by the quality department."""
    number = return_opened()
    play(number, EXCHANGED, until="verdict-review")
    return number


def claimed() -> str:
    """At X-02, below S-03, D-02 and B-01; S-03 is asked first."""
    number = claim()
    run(number)
    return number


@pytest.mark.parametrize(
    ("case", "others"),
    [
        (dispute_not_begun, {"zhou.hai", "he.jun"}),
        (dispute, {"zhou.hai", "he.jun", "liu.yang", "ma.chao"}),
        (returned, {"zhou.hai", "ma.chao", "lin.tao"}),
        (claimed, {"zhou.hai", "xu.lan", "yuan.fei"}),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_these_see_it_and_nobody_else(company: Engine, case: object, others: Collection[str]) -> None:
    assert callable(case)
    assert seen_by(case()) == POSTS | set(others)


def test_an_auditor_of_the_company_sees_every_case_and_one_elsewhere_none(company: Engine) -> None:
    number = dispute()
    for login in ("tom.baker", "liang.bo"):
        assert login not in seen_by(number)
        give_post(login, Role.AUDITOR)
    assert "tom.baker" in seen_by(number)
    assert "liang.bo" not in seen_by(number)


def test_whoever_was_asked_sees_it_after_somebody_else_has_decided(company: Engine) -> None:
    number = opened()
    run(number)
    with transaction() as session:
        session.delete(session.get_one(RoleGrant, (people.person(session, "wang.fang").id, Role.CS_CLERK)))
    assert "wang.fang" in seen_by(number)


def test_a_deputy_sees_it_while_standing_in_and_afterwards_if_told_or_deciding(company: Engine) -> None:
    number = dispute()
    at = business_now()
    made = delegate("ma.chao", "tom.baker", at, at + timedelta(days=9), "On leave.", by="ma.chao")
    assert "tom.baker" in seen_by(number)
    end_delegation(made, by="ma.chao")
    assert "tom.baker" not in seen_by(number)
    delegate("ma.chao", "tom.baker", business_now(), at + timedelta(days=9), "On leave.", by="ma.chao")
    by, given = CREDITED["arrival"]
    assert by == "ma.chao"
    answer(number, "arrival", "tom.baker", dict(given))
    assert {"tom.baker", "ma.chao"} <= seen_by(number)


def test_somebody_who_left_sees_nothing(company: Engine) -> None:
    number = dispute()
    with transaction() as session:
        people.person(session, "he.jun").active = False
    with transaction() as session, pytest.raises(NotFound):
        case_seen(session, number, "he.jun")


def test_a_stranger_is_told_what_is_told_of_a_case_that_there_is_not(company: Engine) -> None:
    number = dispute()

    def told(number: str) -> str:
        with transaction() as session, pytest.raises(NotFound) as refused:
            case_seen(session, number, "liang.bo")
        return refused.value.message

    assert told(number).replace(number, "X") == told("BQ-2026-9999").replace("BQ-2026-9999", "X")


def test_a_stranger_is_told_what_is_told_of_a_task_that_there_is_not(company: Engine) -> None:
    ref = f"{dispute()}:arrival:1"

    def told(ref: str) -> str:
        with transaction() as session, pytest.raises(NotFound) as refused:
            task_seen(session, ref, "liang.bo")
        return refused.value.message

    assert told(ref).replace(ref, "X") == told("BQ-2026-9999:x:1").replace("BQ-2026-9999:x:1", "X")
