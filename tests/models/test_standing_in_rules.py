"""Standing in: what two hand-overs have in common, how far it goes, and what is a circle. People are numbers."""

from datetime import UTC, datetime

import pytest

from models.rules.standing_in import Reach, Standing, Standings

A, B, C, D, E = range(1, 6)


def days(first: int, last: int, role: str | None = None, procedure: str | None = None) -> Reach:
    """From the beginning of a day of March to the beginning of another."""
    return Reach(datetime(2027, 3, first, tzinfo=UTC), datetime(2027, 3, last, tzinfo=UTC), role, procedure)


MARCH = days(1, 31)


def standing(principal: int, deputy: int, reach: Reach = MARCH) -> Standing:
    return Standing(principal, deputy, reach)


def behind(known: Standings, deputy: int, longest: int | None = None) -> list[tuple[int, ...]]:
    return [chain.people for chain in known.behind(deputy, longest)]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (days(1, 10), days(5, 20), days(5, 10)),
        (days(1, 10), days(10, 20), None),  # the first is over as the second begins
        (days(1, 10), days(11, 20), None),
        (days(1, 10, "cs_manager"), days(1, 10), days(1, 10, "cs_manager")),
        (days(1, 10, "cs_manager"), days(1, 10, "cs_clerk"), None),
        (days(1, 10, "cs_manager"), days(1, 10, None, "BQ"), days(1, 10, "cs_manager", "BQ")),
        (days(1, 10, None, "BQ"), days(1, 10, None, "CL"), None),
    ],
)
def test_two_hand_overs_share_the_time_the_post_and_the_procedure_of_both(
    one: Reach, other: Reach, shared: Reach | None
) -> None:
    assert one.shared_with(other) == shared
    assert other.shared_with(one) == shared


@pytest.mark.parametrize(
    ("reach", "covered"),
    [
        (days(1, 2), True),
        (days(1, 2, "cs_manager"), True),
        (days(1, 2, "cs_clerk"), False),
        (days(1, 2, None, "BQ"), True),
        (days(1, 2, None, "CL"), False),
        (days(1, 2, "cs_manager", "CL"), False),
    ],
)
def test_what_names_neither_post_nor_procedure_covers_all(reach: Reach, covered: bool) -> None:
    assert reach.covers("cs_manager", "BQ") is covered


def test_a_deputy_acts_for_the_principal_and_for_those_behind_nearest_first() -> None:
    known = Standings([standing(A, B), standing(B, C), standing(D, C)])
    assert behind(known, C) == [(C, B), (C, D), (C, B, A)]
    assert [chain.people for chain in known.before(A)] == [(B, A), (C, B, A)]
    assert behind(known, A) == []


@pytest.mark.parametrize(("longest", "found"), [(0, []), (1, [(C, B)]), (2, [(C, B), (C, B, A)])])
def test_a_chain_is_followed_as_far_as_is_allowed(longest: int, found: list[tuple[int, ...]]) -> None:
    known = Standings([standing(A, B), standing(B, C)])
    assert behind(known, C, longest) == found
    assert len(list(known.before(A, longest))) == len(found)


def test_a_chain_reaches_as_far_as_each_of_its_hand_overs() -> None:
    known = Standings([standing(A, B, days(1, 10, "cs_manager")), standing(B, C, days(5, 20, None, "BQ"))])
    assert [chain.reach for chain in known.behind(C)] == [days(5, 20, None, "BQ"), days(5, 10, "cs_manager", "BQ")]
    apart = Standings([standing(A, B, days(1, 5)), standing(B, C, days(5, 20))])
    assert behind(apart, C) == [(C, B)]


@pytest.mark.parametrize(
    ("known", "new", "circle"),
    [
        ([], standing(A, B), False),
        ([standing(A, B)], standing(B, A), True),
        ([standing(A, B), standing(B, C)], standing(C, A), True),
        ([standing(A, B), standing(B, C)], standing(A, C), False),
        ([standing(A, B, days(1, 5))], standing(B, A, days(5, 9)), False),
        ([standing(A, B, days(1, 6))], standing(B, A, days(5, 9)), True),
        ([standing(A, B, days(1, 9, "cs_manager"))], standing(B, A, days(1, 9, "cs_clerk")), False),
        ([standing(A, B, days(1, 9, "cs_manager"))], standing(B, A, days(1, 9)), True),
        # Each two of the three overlap, all three together never do.
        ([standing(A, B, days(1, 5)), standing(B, C, days(4, 9))], standing(C, A, days(5, 9)), False),
        ([standing(A, B), standing(A, B)], standing(A, B), False),
    ],
)
def test_a_circle_is_one_if_it_closes_at_one_time_in_one_matter(
    known: list[Standing], new: Standing, circle: bool
) -> None:
    assert Standings(known).is_a_circle(new) is circle


@pytest.mark.parametrize(
    ("known", "new", "length"),
    [
        ([], standing(A, B), 1),
        ([standing(A, B)], standing(B, C), 2),
        ([standing(B, C)], standing(A, B), 2),
        ([standing(A, B), standing(C, D)], standing(B, C), 3),
        ([standing(A, B), standing(C, D), standing(D, E)], standing(B, C), 4),
        ([standing(A, B), standing(A, B, days(2, 3))], standing(A, C), 1),
        ([standing(A, B, days(1, 5)), standing(C, D, days(5, 9))], standing(B, C, days(1, 9)), 2),
        ([standing(A, B, days(1, 9, None, "BQ"))], standing(B, C, days(1, 9, None, "CL")), 1),
    ],
)
def test_a_chain_is_as_long_as_its_hand_overs_that_hold_together(
    known: list[Standing], new: Standing, length: int
) -> None:
    assert Standings(known).length_with(new) == length


def test_a_circle_that_stands_in_the_books_all_the_same_is_walked_once() -> None:
    known = Standings([standing(A, B), standing(B, A)])
    assert behind(known, B) == [(B, A)]
    assert [chain.people for chain in known.before(B)] == [(A, B)]
