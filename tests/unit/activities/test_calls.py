"""A call is one fact, however many reports of it come, in whatever order."""

import random
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.calls import (
    LONGEST,
    MOST_LEGS,
    MOST_RECORDINGS,
    RINGS_WITHIN,
    TALKS_WITHIN,
    Call,
    Employee,
    Place,
    Sides,
    end_awaited,
    merged,
    taken_as_over,
    to_be_recorded,
    waits_for_person,
)
from shared.vocabulary import CallDirection
from tests.unit.activities.builders import NOW, later

FIRST, SECOND = Place(1, 10, 1, "a"), Place(1, 20, 1, "a")
SUMMARY = Place(0, 90, 0, "")
CLIENT, OTHER, OURS = "+79161234567", "+79161234568", "+74951234567"


def sides(place: Place = FIRST, direction: CallDirection = "incoming", client: str = CLIENT) -> Any:
    return Sides(place, direction, client, OURS)


def over(**about: Any) -> Call:
    return Call(**{"sides": sides(), "legs": frozenset("a"), "legs_over": frozenset("a")} | about)


moments = st.none() | st.integers(0, 5).map(lambda minutes: NOW + timedelta(minutes=minutes))
places = st.builds(Place, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.just("a"))
legs = st.frozensets(st.sampled_from("abc"))
calls = st.builds(
    Call,
    sides=st.none()
    | st.builds(Sides, places, st.just("incoming"), st.sampled_from("12"), st.just("3")),
    employee=st.none() | st.builds(Employee, places, st.sampled_from(["101", "102"])),
    started_at=moments,
    answered_at=moments,
    ended_at=moments,
    legs=legs,
    legs_over=legs,
    outcome=st.sampled_from([None, "answered", "missed"]),
    seconds=st.none() | st.integers(0, 3),
    recordings=st.lists(st.sampled_from("abcdefg"), unique=True, max_size=5).map(
        lambda links: tuple(sorted(links))
    ),
)


@given(st.lists(calls, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_reports_in_any_order_and_repeated_make_the_same_call(
    reports: list[Call], chance: random.Random
) -> None:
    told = [*reports, *chance.choices(reports, k=3)]
    chance.shuffle(told)
    assert reduce(merged, told, Call()) == reduce(merged, reports, Call())


def test_earliest_beginning_and_answer_and_latest_end_count() -> None:
    one = Call(started_at=NOW, answered_at=later(minutes=2), ended_at=later(minutes=3), seconds=5)
    other = Call(started_at=later(minutes=1), answered_at=later(minutes=1), ended_at=NOW, seconds=7)
    call = merged(one, other)
    assert (call.started_at, call.answered_at) == (NOW, later(minutes=1))
    assert (call.ended_at, call.seconds) == (later(minutes=3), 7)


def test_summary_outranks_a_leg_and_the_first_leg_the_next() -> None:
    earlier, later_leg = sides(FIRST), sides(SECOND, client=OTHER)
    assert merged(Call(sides=later_leg), Call(sides=earlier)).sides == earlier
    summary = sides(SUMMARY, client=OTHER)
    assert merged(Call(sides=earlier), Call(sides=summary)).sides == summary
    first, second = Employee(FIRST, "101"), Employee(SECOND, "102")
    assert merged(Call(employee=second), Call(employee=first)).employee == first


def test_first_recordings_are_kept() -> None:
    links = tuple(f"https://a.example/{number}" for number in range(MOST_RECORDINGS + 1))
    assert merged(Call(recordings=links[1:]), Call(recordings=links[:1])).recordings == links[:-1]


def test_legs_are_kept_up_to_a_limit() -> None:
    some = frozenset(f"{number:04}" for number in range(MOST_LEGS))
    one_more = merged(Call(legs=some), Call(legs=frozenset({"9999"}), legs_over=frozenset({"x"})))
    assert (one_more.legs, one_more.legs_over) == (some, frozenset({"x"}))


def test_call_without_an_outcome_is_over_when_all_its_legs_are() -> None:
    assert not Call().is_over
    assert not over(legs=frozenset("ab")).is_over
    assert over(legs=frozenset("ab"), legs_over=frozenset("ab")).is_over
    assert Call(legs=frozenset("a"), outcome="missed").is_over


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (Call(sides=sides(), answered_at=NOW), None),
        (over(), "missed"),
        (over(answered_at=NOW), "answered"),
        (over(outcome="answered"), "answered"),
        (over(outcome="missed"), "missed"),
        (over(outcome="missed", answered_at=NOW), "answered"),
    ],
)
def test_a_talk_outranks_that_nobody_talked(call: Call, result: str | None) -> None:
    assert call.result == result


@pytest.mark.parametrize(
    ("about", "seconds"),
    [
        ({"seconds": 35, "answered_at": NOW, "ended_at": NOW}, 35),
        ({"seconds": 0, "answered_at": NOW, "ended_at": later(seconds=9)}, 0),
        ({"answered_at": NOW, "ended_at": later(seconds=61)}, 61),
        ({"answered_at": NOW, "ended_at": NOW}, 0),
        ({"answered_at": NOW}, None),
        ({"outcome": "answered", "ended_at": NOW}, None),
        ({"answered_at": later(seconds=1), "ended_at": NOW}, None),
        ({"answered_at": NOW, "ended_at": NOW + LONGEST}, 86_400),
        ({"answered_at": NOW, "ended_at": NOW + LONGEST + timedelta(seconds=1)}, None),
        ({"seconds": 35}, None),
    ],
)
def test_talk_lasts_as_telephony_counts_else_to_its_end(
    about: dict[str, Any], seconds: int | None
) -> None:
    assert over(**about).talk_seconds == seconds


@pytest.mark.parametrize(
    ("call", "recorded", "due"),
    [
        (over(), None, "missed"),
        (over(), "missed", None),
        (over(answered_at=NOW), None, "answered"),
        (over(answered_at=NOW), "missed", "answered"),
        (over(answered_at=NOW), "answered", None),
        (over(), "answered", None),
        (Call(sides=sides()), None, None),
        (over(sides=None), None, None),
        (over(sides=sides(direction="internal")), None, None),
        (over(sides=sides(client="")), None, None),
    ],
)
def test_call_is_recorded_once_and_again_when_it_was_answered(
    call: Call, recorded: Any, due: str | None
) -> None:
    assert to_be_recorded(call, recorded) == due


@pytest.mark.parametrize(
    ("call", "waits"),
    [
        (over(sides=sides(client="")), True),
        (over(), False),
        (Call(sides=sides(client="")), False),
        (over(sides=None), False),
        (over(sides=sides(direction="internal", client="")), False),
    ],
)
def test_call_of_a_hidden_number_waits_for_a_person(call: Call, waits: bool) -> None:
    assert waits_for_person(call) is waits


@pytest.mark.parametrize(
    ("call", "within"),
    [
        (Call(), None),
        (Call(sides=sides(direction="internal", client="")), None),
        (Call(sides=sides(client="")), RINGS_WITHIN),
        (Call(sides=sides()), RINGS_WITHIN),
        (Call(sides=sides(direction="outgoing"), answered_at=NOW), TALKS_WITHIN),
        (Call(sides=sides(), outcome="missed"), None),
        (over(), None),
    ],
)
def test_the_end_of_an_outside_call_is_awaited(call: Call, within: timedelta | None) -> None:
    assert end_awaited(call) == within


def test_a_call_without_an_end_is_a_talk_of_unknown_length_or_missed() -> None:
    rang = taken_as_over(Call(started_at=NOW, legs=frozenset("a")))
    assert (rang.result, rang.talk_seconds) == ("missed", None)
    talk = taken_as_over(Call(answered_at=NOW, ended_at=later(minutes=1), legs=frozenset("a")))
    assert (talk.result, talk.talk_seconds) == ("answered", None)
