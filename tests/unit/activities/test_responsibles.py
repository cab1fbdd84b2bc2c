"""Who was responsible, read from the timeline."""

from typing import Any

import pytest

from services.activities.queries.responsibles import responsibles_of

ANNA, BORIS, HEAD = "anna", "boris", "head"


def entry(what: str, at: int, who: str | None = None, **details: Any) -> dict[str, Any]:
    return {"what": what, "at": f"2026-11-{at:02}", "who": who, "details": details}


def taken(at: int, employee: str, how: str = "taken", who: str | None = None) -> dict[str, Any]:
    return entry("activity.taken", at, who or employee, responsible=employee, how=how)


def told(*entries: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("employee_id", "since", "how", "until", "why", "ended_by")
    return [tuple(each[name] for name in names) for each in responsibles_of(entries)]


def test_nobody_was_responsible_in_the_pool() -> None:
    assert told() == []


def test_a_reset_ends_it_at_the_deadline_by_nobody() -> None:
    reset = entry("activity.reset", 9, former=ANNA, due_at="2026-11-05")
    assert told(taken(1, ANNA), reset) == [
        (ANNA, "2026-11-01", "taken", "2026-11-05", "reset", None)
    ]


@pytest.mark.parametrize("what", ["activity.reset_warned", "activity.untouched"])
def test_who_is_warned_goes_on(what: str) -> None:
    warned = entry(what, 3, responsible=ANNA, due_at="2026-11-05")
    assert told(taken(1, ANNA), warned) == [(ANNA, "2026-11-01", "taken", None, None, None)]


def test_a_vip_holder_takes_over() -> None:
    moved = taken(3, BORIS, how="vip_routed", who=HEAD)
    assert told(taken(1, ANNA), moved) == [
        (ANNA, "2026-11-01", "taken", "2026-11-03", "vip_moved", HEAD),
        (BORIS, "2026-11-03", "vip_routed", None, None, None),
    ]


def test_a_win_ends_it_and_a_win_taken_back_lets_it_go_on() -> None:
    won = entry("activity.won", 4, HEAD, won_at="2026-11-04")
    assert told(taken(1, ANNA), won) == [(ANNA, "2026-11-01", "taken", "2026-11-04", "won", HEAD)]
    reversed_ = entry("activity.win_reversed", 6, HEAD)
    assert told(taken(1, ANNA), won, reversed_) == [(ANNA, "2026-11-01", "taken", None, None, None)]


def test_a_loss_of_a_free_activity_ends_nothing() -> None:
    assert told(taken(1, ANNA), entry("activity.lost", 2, HEAD, former=None)) == [
        (ANNA, "2026-11-01", "taken", None, None, None)
    ]


def test_what_ends_it_later_is_named_by_its_event() -> None:
    moved = entry("activity.moved", 2, HEAD, former=ANNA)
    assert told(taken(1, ANNA), moved)[0][4] == "moved"
