"""Standing in: B decides for A, for a while, in something, on record, and never to get round a rule."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from conftest import POLICY
from people import CREDITED, answer, business_now, forward, open_tasks, opened, play
from sqlalchemy import Engine, event, select

from deployments.views import whole_task
from models.batch_quality import BatchVerdict, SiteFinding
from models.errors import AlreadyDecided, InvalidInput, NotAllowed, NotFound, SeparationOfDuties
from models.limits import Limit
from models.queries import cases, clock, links, people, policies, questions, standing_in
from models.queries.standing_in import Way
from models.roles import Role
from models.standing_in import StandingState, whole_days
from models.tables.audit import AuditEntry
from models.tables.cases import CaseLink
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from models.tables.questions import Channel
from models.tables.standing_in import Delegation
from tasks.asking import put
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import engine, transaction
from tasks.deciding import Decided, decide, record
from tasks.opening import file_of
from tasks.settings import settings
from tasks.standing_in import delegate, end_delegation, state_of
from tasks.summary import question_text, story
from tasks.sweeping import sweep

CONFIRM = {"decision": "confirm", "comment": "All of it."}
VERDICT = {"is_batch": "yes", "reason": "Looked at them."}
AWAY = "Three days at the fair."


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(company: Engine) -> str:
    """A case whose recall waits for the only manager's word."""
    waiting = opened()
    play(waiting, until="recall-scope")
    return waiting


def let(
    principal: str = "chen.min",
    deputy: str = "lin.tao",
    *,
    begins: float = 0,
    days: float = 3,
    by: str = "",
    **what: Any,
) -> int:
    """Somebody stands in from now (or `begins` days later) for some days."""
    first = business_now() + timedelta(days=begins)
    given = {"reason": AWAY, **what}
    return delegate(principal, deputy, first, first + timedelta(days=days), by=by or principal, **given)


def confirm(number: str, by: str) -> Decided:
    return answer(number, "recall-scope", by, CONFIRM)


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, login).id, role=role))


def leaves(login: str) -> None:
    with transaction() as session:
        people.person(session, login).active = False


def reads_english(*logins: str) -> None:
    with transaction() as session:
        for login in logins:
            people.person(session, login).language = "en"


def use(**access: Any) -> None:
    """The policy in force says so on access."""
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    with transaction() as session:
        policies.keep(session, content | {"access": content["access"] | access})


def inbox(login: str) -> list[str]:
    with transaction() as session:
        return [task.ref for task in questions.inbox(session, people.person(session, login))]


def letters(template: str) -> list[Notice]:
    with transaction() as session:
        return list(session.scalars(select(Notice).where(Notice.template == template).order_by(Notice.id)))


def audited(operation: str) -> list[Any]:
    with transaction() as session:
        entries = select(AuditEntry).where(AuditEntry.operation == operation).order_by(AuditEntry.number)
        return [(one.actor, one.subject, one.detail) for one in session.scalars(entries)]


def delegations() -> list[Any]:
    with transaction() as session:
        return [(one.principal.login, one.deputy.login) for one in standing_in.all_of(session)]


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine(), "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(engine(), "before_cursor_execute", hear)


# B for A


def test_a_deputy_decides_in_place_of_whoever_is_asked_and_every_record_says_so(number: str) -> None:
    ref = open_tasks(number)["recall-scope"]
    let()
    done = confirm(number, "lin.tao")
    assert (done.by, done.in_place_of, done.on_behalf_of) == ("lin.tao", "chen.min", None)
    assert audited("decided")[-1][2]["in_place_of"] == ["chen.min"]
    with transaction() as session:
        task = questions.by_ref(session, ref)
        view = whole_task(session, task)["decision"]
        assert (view["by"], view["in_place_of"], view["on_behalf_of"]) == ("lin.tao", "chen.min", None)
        assert "林涛 in place of 陈敏" in story(session, task.case)


def test_who_comes_later_hears_that_a_deputy_was_first(number: str) -> None:
    ref = open_tasks(number)["recall-scope"]
    let()
    confirm(number, "lin.tao")
    with pytest.raises(AlreadyDecided) as refused:
        decide(ref, CONFIRM, by="chen.min", channel=Channel.INBOX)
    assert refused.value.message.startswith("林涛 (lin.tao) in place of 陈敏 (chen.min) has already decided this, at ")


def test_the_principal_may_still_decide_and_then_nobody_stands_in(number: str) -> None:
    let()
    done = confirm(number, "chen.min")
    assert (done.by, done.in_place_of) == ("chen.min", None)


def test_who_is_asked_themselves_decides_in_their_own_name_though_they_stand_in_too(company: Engine) -> None:
    waiting = opened()
    play(waiting, until="batch-verdict")
    let("li.na", "wang.fang")
    done = answer(waiting, "batch-verdict", "wang.fang", CREDITED["batch-verdict"][1])
    assert (done.by, done.in_place_of) == ("wang.fang", None)


def test_an_assigned_task_is_the_assignees_or_the_deputys(company: Engine) -> None:
    waiting = opened()
    play(waiting, until="site-finding")
    let("liu.yang", "sun.wei")
    let("chen.min", "tom.baker")
    finding = CREDITED["site-finding"][1]
    with pytest.raises(NotAllowed):
        answer(waiting, "site-finding", "tom.baker", finding)
    assert answer(waiting, "site-finding", "sun.wei", finding).in_place_of == "liu.yang"


def test_the_clerks_deputy_answers_for_a_dealer_and_both_are_recorded(company: Engine) -> None:
    waiting = opened()
    play(waiting, until="remedy")
    let("wang.fang", "gao.jie")
    done = answer(waiting, "remedy", "gao.jie", CREDITED["remedy"][1])
    assert (done.by, done.in_place_of, done.on_behalf_of) == ("gao.jie", "wang.fang", "D-01")
    with transaction() as session:
        assert "高洁 in place of 王芳 for 广州恒达灯饰经销商" in story(session, cases.by_number(session, waiting))


def asked_at(number: str, party: str) -> None:
    """Puts the question `look` to the people of a party."""
    with transaction() as session:
        file = file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)
    facts = {"delivered": 200, "proposal": "no"}
    limit = Limit(limit="4 hours")
    put(file, "look", BatchVerdict, of=Role.LOGISTICS_DISTRIBUTOR, at=party, limit=limit, facts=lambda work: facts)


def test_the_deputy_of_a_partys_own_person_gives_the_partys_own_answer(company: Engine) -> None:
    waiting = opened()
    asked_at(waiting, "D-01")
    let("he.jun", "gao.jie")
    done = answer(waiting, "look", "gao.jie", VERDICT)
    assert (done.in_place_of, done.on_behalf_of) == ("he.jun", None)


def test_where_the_clerks_answer_for_a_party_their_deputies_in_the_clerks_post_do(company: Engine) -> None:
    waiting = opened()
    asked_at(waiting, "D-02")
    let("li.na", "ma.chao", role="cs_clerk")
    done = answer(waiting, "look", "ma.chao", VERDICT)
    assert (done.in_place_of, done.on_behalf_of) == ("li.na", "D-02")


# When, and in what


def test_it_holds_from_its_first_moment_until_before_its_last(number: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    begins, ends = whole_days(date(2027, 3, 1), date(2027, 3, 2), zone)
    assert (begins.isoformat(), ends.isoformat()) == ("2027-03-01T00:00:00+08:00", "2027-03-03T00:00:00+08:00")
    delegate("chen.min", "lin.tao", begins, ends, AWAY, "chen.min")
    ref = open_tasks(number)["recall-scope"]
    seen = {}
    for moment in ("02-28T23:59:50", "03-01T00:00:00", "03-02T23:59:50", "03-03T00:00:00"):
        with transaction() as session:
            clock.set_to(session, datetime.fromisoformat(f"2027-{moment}+08:00"))
        seen[moment] = ref in inbox("lin.tao")
    assert list(seen.values()) == [False, True, True, False]


@pytest.mark.parametrize(
    ("what", "covered"),
    [
        ({}, True),
        ({"role": "cs_manager"}, True),
        ({"role": "marketing_dept"}, False),
        ({"procedure": "BQ"}, True),
        ({"procedure": "CL"}, False),
        ({"role": "cs_manager", "procedure": "BQ"}, True),
        ({"role": "cs_manager", "procedure": "CL"}, False),
    ],
)
def test_one_for_a_role_or_a_procedure_holds_there_alone(number: str, what: dict[str, Any], covered: bool) -> None:
    grant("chen.min", "marketing_dept")
    let(**what)
    assert inbox("lin.tao") == ([open_tasks(number)["recall-scope"]] if covered else [])
    if covered:
        assert confirm(number, "lin.tao").in_place_of == "chen.min"
    else:
        with pytest.raises(NotAllowed):
            confirm(number, "lin.tao")


def test_who_does_not_hold_the_post_any_more_is_not_stood_in_for(number: str) -> None:
    let()
    leaves("chen.min")
    with pytest.raises(NotAllowed):
        confirm(number, "lin.tao")
    assert inbox("lin.tao") == []


def test_an_ended_one_holds_no_more_and_several_may_hold_at_once(number: str) -> None:
    first = let()
    let(deputy="gao.jie")
    let(days=1)
    end_delegation(first, "chen.min")
    ref = open_tasks(number)["recall-scope"]
    assert (inbox("lin.tao"), inbox("gao.jie")) == ([ref], [ref])
    forward(days=2)
    assert (inbox("lin.tao"), inbox("gao.jie")) == ([], [ref])


# Chains


def test_a_deputys_deputy_decides_for_the_first_and_the_trail_names_all(number: str) -> None:
    let()
    let("lin.tao", "xie.juan")
    done = confirm(number, "xie.juan")
    assert (done.by, done.in_place_of) == ("xie.juan", "chen.min")
    assert audited("decided")[-1][2]["in_place_of"] == ["lin.tao", "chen.min"]


def test_a_chain_is_as_long_as_the_policy_in_force_allows_also_for_open_cases(number: str) -> None:
    let()
    let("lin.tao", "xie.juan")
    use(longest_chain=1)
    with pytest.raises(NotAllowed):
        confirm(number, "xie.juan")
    assert confirm(number, "lin.tao").in_place_of == "chen.min"


def test_who_left_passes_nothing_on(number: str) -> None:
    let()
    let("lin.tao", "xie.juan")
    leaves("lin.tao")
    assert inbox("xie.juan") == []
    with pytest.raises(NotAllowed):
        confirm(number, "xie.juan")


def test_a_chain_longer_than_the_policy_allows_is_not_made(company: Engine) -> None:
    let()
    let("lin.tao", "xie.juan")
    with pytest.raises(InvalidInput) as refused:
        let("xie.juan", "gao.jie")
    assert refused.value.fields == {
        "deputy": "3 would stand one behind the other, and at most 2 may; name another deputy."
    }
    let("xie.juan", "gao.jie", begins=3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([("chen.min", "lin.tao")], ("lin.tao", "chen.min")),
        ([("chen.min", "lin.tao"), ("lin.tao", "xie.juan")], ("xie.juan", "chen.min")),
    ],
)
def test_nobody_comes_to_stand_in_for_themselves(
    company: Engine, before: list[tuple[str, str]], after: tuple[str, str]
) -> None:
    for principal, deputy in before:
        let(principal, deputy)
    with pytest.raises(InvalidInput) as refused:
        let(*after)
    assert list(refused.value.fields) == ["deputy"]
    assert "stands in for" in refused.value.fields["deputy"]
    assert delegations() == before
    let(*after, begins=3)


def test_of_two_at_once_that_make_a_circle_one_is_refused(company: Engine) -> None:
    def make(pair: tuple[str, str]) -> str:
        try:
            return str(let(*pair) > 0)
        except InvalidInput as error:
            return ", ".join(error.fields)

    with ThreadPoolExecutor(2) as both:
        heard = sorted(both.map(make, [("chen.min", "lin.tao"), ("lin.tao", "chen.min")]))
    assert heard == ["True", "deputy"]
    assert len(delegations()) == 1


# Who may say so, and what is wrong with it


def test_managers_say_it_for_others(company: Engine) -> None:
    let("li.na", "gao.jie", by="chen.min")
    assert audited("delegation_made")[-1][0] == "chen.min"
    assert delegations() == [("li.na", "gao.jie")]


@pytest.mark.parametrize(("by", "deputy"), [("lin.tao", "gao.jie"), ("wang.fang", "wang.fang"), ("lin.tao", "lin.tao")])
def test_nobody_else_says_it_for_others(company: Engine, by: str, deputy: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        let("li.na", deputy, by=by)
    assert "that takes one of: customer service manager, marketing vice-president" in refused.value.message


def test_nobody_makes_themselves_somebody_elses_deputy(company: Engine) -> None:
    with pytest.raises(NotAllowed) as refused:
        let("zhao.qiang", "chen.min", by="chen.min")
    assert "may not take somebody else's place on their own word" in refused.value.message
    assert delegations() == []


def test_the_policy_says_who_may(company: Engine) -> None:
    use(delegators=["cs_clerk"])
    let("chen.min", "lin.tao", by="li.na")
    with pytest.raises(NotAllowed):
        let("li.na", "lin.tao", by="chen.min")


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"deputy": "nobody"}, "deputy", "There is no active person with the login nobody."),
        ({"deputy": "wang.bin"}, "deputy", "There is no active person with the login wang.bin."),
        ({"deputy": ""}, "deputy", "This field must not be empty."),
        ({"deputy": "li.na"}, "deputy", "Nobody stands in for themselves; name somebody else."),
        ({"principal": "nobody", "by": "chen.min"}, "principal", "There is no active person with the login nobody."),
        ({"days": 0}, "until_at", "This must be later than the beginning."),
        ({"days": -1}, "until_at", "This must be later than the beginning."),
        ({"begins": -5, "days": 4}, "until_at", "This is over already; name a time to come."),
        ({"role": "boss"}, "role", "Choose one of"),
        ({"role": "cs_manager"}, "role", "李娜 (li.na) does not hold the role customer service manager."),
        ({"procedure": "XX"}, "procedure", "There is no procedure XX; there are: BQ, "),
        ({"reason": ""}, "reason", "This field must not be empty."),
        ({"reason": "a\x1b[2J"}, "reason", "Control characters are not allowed"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_made(
    company: Engine, given: dict[str, Any], field: str, sentence: str
) -> None:
    leaves("wang.bin")
    with pytest.raises(InvalidInput) as refused:
        let(**{"principal": "li.na", "deputy": "gao.jie", "by": "li.na"} | given)
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field].startswith(sentence)
    assert delegations() == []


def test_empty_role_and_procedure_are_every_one(company: Engine) -> None:
    let(role="", procedure="")
    with transaction() as session:
        [made] = standing_in.all_of(session)
        assert (made.role, made.procedure) == (None, None)


def test_a_deputy_hands_on_the_role_that_is_held_for_another(number: str) -> None:
    let(role="cs_manager")
    let("lin.tao", "xie.juan", role="cs_manager")
    assert confirm(number, "xie.juan").in_place_of == "chen.min"


def test_an_unknown_or_inactive_person_makes_none(company: Engine) -> None:
    leaves("chen.min")
    for by in ("chen.min", "nobody"):
        with pytest.raises(NotFound):
            let("li.na", "gao.jie", by=by)


# Ending it


def test_whoever_was_stood_in_for_and_the_managers_end_it(company: Engine) -> None:
    first, second = let("li.na", "gao.jie"), let("li.na", "gao.jie", begins=1)
    end_delegation(first, "li.na")
    end_delegation(second, "chen.min")
    assert [(by, what) for by, what, _detail in audited("delegation_ended")] == [
        ("li.na", f"delegation:{first}"),
        ("chen.min", f"delegation:{second}"),
    ]
    with transaction() as session:
        at = clock.now(session)
        assert [state_of(one, at) for one in standing_in.all_of(session)] == [StandingState.ENDED] * 2
        assert list(standing_in.not_over(session, at)) == []


def test_nobody_else_ends_it_and_it_ends_once(company: Engine) -> None:
    made = let("li.na", "gao.jie")
    for by, error in (("gao.jie", NotAllowed), ("nobody", NotFound)):
        with pytest.raises(error):
            end_delegation(made, by)
    end_delegation(made, "li.na")
    with pytest.raises(AlreadyDecided):
        end_delegation(made, "li.na")
    with pytest.raises(NotFound):
        end_delegation(made + 1, "li.na")
    assert len(audited("delegation_ended")) == 1


def test_what_is_over_is_not_ended(company: Engine) -> None:
    made = let()
    forward(days=3)
    with pytest.raises(AlreadyDecided) as refused:
        end_delegation(made, "chen.min")
    assert refused.value.message.startswith("This delegation is over since 2026-11-2")


def test_it_can_be_ended_though_the_clock_of_a_rehearsal_was_set_back(company: Engine) -> None:
    made = let(days=30)
    forward(days=-1)
    end_delegation(made, "chen.min")
    with transaction() as session:
        one = session.get_one(Delegation, made)
        assert one.ended_at == one.made_at


# Two different people


def test_nobody_approves_what_they_asked_for_by_way_of_a_deputy(company: Engine) -> None:
    waiting = opened(registered_by="chen.min")
    play(waiting, until="recall-scope")
    let()
    with pytest.raises(SeparationOfDuties) as refused:
        confirm(waiting, "lin.tao")
    assert refused.value.message == (
        "林涛 (lin.tao) may not decide this in place of 陈敏 (chen.min), who has done: report. "
        "Two different people are needed."
    )
    assert inbox("lin.tao") == []


@pytest.mark.parametrize("deputy", ["li.na", "liu.yang"])
def test_who_asked_or_judged_does_not_approve_as_the_managers_deputy(number: str, deputy: str) -> None:
    let(deputy=deputy)
    with pytest.raises(SeparationOfDuties):
        confirm(number, deputy)
    assert inbox(deputy) == []


def test_nor_does_somebody_to_whom_they_pass_it_on(number: str) -> None:
    let(deputy="li.na")
    let("li.na", "xie.juan")
    with pytest.raises(SeparationOfDuties) as refused:
        confirm(number, "xie.juan")
    assert "in place of 李娜 (li.na), who has done: report" in refused.value.message


def test_of_two_ways_to_a_task_the_one_on_which_nobody_is_barred_is_taken(number: str) -> None:
    grant("zhao.qiang", "cs_manager")
    let(deputy="li.na")
    let("li.na", "xie.juan")
    let("zhao.qiang", "lin.tao")
    let("lin.tao", "xie.juan")
    assert confirm(number, "xie.juan").in_place_of == "zhao.qiang"


def test_what_a_deputy_did_its_principal_did_too(company: Engine) -> None:
    waiting = opened()
    play(waiting, until="site-finding")
    let("liu.yang", "tom.baker")
    answer(waiting, "site-finding", "tom.baker", CREDITED["site-finding"][1])
    play(waiting, until="recall-scope")
    for login in ("liu.yang", "tom.baker"):
        grant(login, "cs_manager")
        with pytest.raises(SeparationOfDuties):
            confirm(waiting, login)


def linked(*pairs: tuple[str, str]) -> None:
    """Cases that came out of cases: parent and child."""
    with transaction() as session:
        for parent, child in pairs:
            above, below = (cases.by_number(session, one).id for one in (parent, child))
            session.add(CaseLink(parent_id=above, child_id=below, step="opened", at=clock.now(session)))


def test_a_family_is_all_that_hangs_together_over_any_number_of_links(company: Engine) -> None:
    one, two, three, four, five, alone = numbers = [opened(separate=True) for _case in range(6)]
    linked((one, two), (two, three), (four, three), (four, five))
    with transaction() as session:
        ids = {number: cases.by_number(session, number).id for number in numbers}
        together = {ids[number] for number in numbers} - {ids[alone]}
        for number in (one, two, three, four, five):
            found = links.families(session, [ids[number]])
            assert (set(found), len(set(found.values()))) == (together, 1)
        assert links.families(session, [ids[alone]]) == {ids[alone]: ids[alone]}
        found = links.families(session, list(ids.values()))
        assert found == dict.fromkeys(together, min(together)) | {ids[alone]: ids[alone]}


FINDING = CREDITED["site-finding"][1] | {"pieces_on_hand": 50}
BY_LIU_YANG = CREDITED | {"site-finding": ("liu.yang", FINDING)}
BY_TOM = CREDITED | {
    "name-technician": ("sun.wei", {"technician": "tom.baker"}),
    "site-finding": ("tom.baker", FINDING),
}


def test_the_pairs_hold_over_the_whole_family_of_linked_cases(company: Engine) -> None:
    """The technician who judged in one case confirms in none that hangs together with it, up and down, nor a deputy."""
    first, between, last = opened(), opened(dealer="D-02"), opened(dealer="D-03")
    alone = opened(separate=True)
    linked((between, first), (between, last))
    play(first, BY_LIU_YANG, until="recall-scope")
    play(last, BY_TOM, until="recall-scope")
    play(alone, BY_TOM, until="recall-scope")
    grant("liu.yang", "cs_manager")
    assert inbox("liu.yang") == [open_tasks(alone)["recall-scope"]]
    with pytest.raises(SeparationOfDuties) as refused:
        confirm(last, "liu.yang")
    assert "having done in a linked case: site-finding." in refused.value.message
    let("liu.yang", "gao.jie")
    with pytest.raises(SeparationOfDuties):
        confirm(last, "gao.jie")
    assert confirm(alone, "liu.yang").by == "liu.yang"
    assert confirm(last, "chen.min").by == "chen.min"


def test_one_person_does_not_do_both_steps_of_a_pair_in_two_linked_cases_at_once(company: Engine) -> None:
    one, other = opened(), opened(dealer="D-02")
    linked((one, other))
    play(one, until="site-finding")
    play(other, BY_TOM, until="recall-scope")
    grant("liu.yang", "cs_manager")
    with ThreadPoolExecutor(1) as elsewhere:
        with transaction() as session:
            # As far as a decision is before it commits.
            task = questions.by_ref(session, open_tasks(one)["site-finding"])
            way = Way((people.person(session, "liu.yang"),))
            questions.hold_people(session, task, [way])
            record(
                session, task, FINDING, clock.now(session), Channel.INBOX, way, SiteFinding.read(FINDING, task.facts)
            )
            second = elsewhere.submit(confirm, other, "liu.yang")
            with pytest.raises(TimeoutError):
                second.result(timeout=1)
        with pytest.raises(SeparationOfDuties):
            second.result(timeout=30)


# What both are told, and what the deputy sees


def test_both_are_told_each_in_their_language_with_what_waits_now(number: str) -> None:
    reads_english("lin.tao")
    made = let(procedure="BQ")
    deputy, principal = letters("delegation_made")
    assert {deputy.to_address, principal.to_address} == {"lin.tao@minghui.example", "chen.min@minghui.example"}
    assert (deputy.language, principal.language) == ("en", "zh_CN")
    assert deputy.subject.startswith("林涛 stands in for 陈敏, 2026-11-")
    for said in (
        "陈敏 (chen.min) has put on record that 林涛 (lin.tao) stands in for 陈敏 (chen.min)",
        "Only in: ",
        f"Reason: {AWAY}",
        f"aftersales delegation end {made}",
        f"{number}:recall-scope:1 | Confirm the scope of the recall",
    ):
        assert said in deputy.plain


def test_what_the_deputy_may_not_decide_is_not_listed(number: str) -> None:
    let(deputy="li.na")
    let(deputy="lin.tao", procedure="CL")
    assert all("recall-scope" not in one.plain for one in letters("delegation_made"))


def test_both_are_told_of_its_end_once(company: Engine) -> None:
    reads_english("lin.tao", "chen.min")
    end_delegation(let(), "chen.min")
    told = letters("delegation_ended")
    assert sorted(one.to_address for one in told) == ["chen.min@minghui.example", "lin.tao@minghui.example"]
    assert {one.subject for one in told} == {"林涛 no longer stands in for 陈敏"}


def test_a_question_that_opens_meanwhile_is_told_to_the_deputy_too(company: Engine) -> None:
    reads_english("lin.tao")
    let()
    waiting = opened()
    play(waiting, until="recall-scope")
    told = [one for one in letters("task_opened") if ":recall-scope:" in one.key]
    assert sorted(one.to_address for one in told) == ["chen.min@minghui.example", "lin.tao@minghui.example"]
    [deputys] = [one for one in told if one.to_address.startswith("lin.tao")]
    assert "You stand in for 陈敏; it is recorded so." in deputys.plain
    assert "You stand in" not in next(one for one in told if one is not deputys).plain


def test_a_reminder_reaches_the_deputy_too(number: str) -> None:
    let()
    with transaction() as session:
        due = questions.by_ref(session, open_tasks(number)["recall-scope"]).deadline.due_at
    sweep(due - timedelta(minutes=1))
    told = [one.to_address for one in letters("deadline_reminder") if ":recall-scope:" in one.key]
    assert sorted(told) == ["chen.min@minghui.example", "lin.tao@minghui.example"]


def test_above_the_form_and_in_the_view_stands_who_may_decide_in_whose_place(number: str) -> None:
    let()
    let("lin.tao", "xie.juan")
    let(deputy="li.na")
    with transaction() as session:
        task = questions.by_ref(session, open_tasks(number)["recall-scope"])
        assert "Standing in: 林涛 (lin.tao) in place of 陈敏 (chen.min), 谢娟" in question_text(session, task)
        view = whole_task(session, task)
        assert view["candidates"] == ["chen.min"]
        assert view["deputies"] == [
            {"login": "lin.tao", "in_place_of": "chen.min"},
            {"login": "xie.juan", "in_place_of": "chen.min"},
        ]


def test_a_deputys_inbox_holds_both_in_the_order_of_their_due_times(number: str) -> None:
    other = opened(dealer="D-02")
    play(other, until="batch-verdict")
    let(deputy="wang.fang")
    refs = [open_tasks(other)["batch-verdict"], open_tasks(number)["recall-scope"]]
    assert inbox("wang.fang") == refs
    assert inbox("lin.tao") == []


def test_an_inbox_costs_as_many_questions_to_the_database_however_much_is_in_it(company: Engine) -> None:
    let()
    let("lin.tao", "xie.juan")

    def cost() -> tuple[int, int]:
        with counted_queries() as asked:
            found = len(inbox("xie.juan"))
        return found, len(asked)

    play(opened(), until="recall-scope")
    few, cost_of_few = cost()
    for dealer in ("D-02", "D-03"):
        play(opened(dealer=dealer), BY_TOM, until="recall-scope")
    play(opened(separate=True), until="recall-scope")
    many, cost_of_many = cost()
    assert (few, many) == (1, 4)
    assert cost_of_many == cost_of_few
