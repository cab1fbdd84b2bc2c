"""Activities that are moved to another room."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.handing_over import move
from services.activities.domain.refusals import AlreadyWon
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from shared.ids import EmployeeId, RoomId
from shared.vocabulary import Status
from tests.unit.activities.builders import ANNA, BORIS, NOW, SETTINGS, a_free, in_work, later

OMSK, TOMSK = (RoomId(UUID(int=number)) for number in (11, 12))
OF_TOMSK = RoomSettings(activity_reset_days=5, options=RoomOptions(pause_for_invoices=True))
QUICK_TOMSK = RoomSettings(options=RoomOptions(first_touch_minutes=30))
MOVED_AT = later(days=1)
FIRST_TOUCH = {"untouched_at": MOVED_AT + timedelta(minutes=30), "untouched_told_at": None}
TOUCHED = {"untouched_at": None, "untouched_told_at": None}
SHARES = ((ANNA, Decimal(1)),)
PROMISED = {"next_step": "перезвонить", "next_step_due_at": later(days=3)}
DROPPED = {"step": "dropped", "step_due_at": later(days=3)}
NO_PROMISE = {"next_step": None, "next_step_due_at": None}
IN_THE_POOL = {
    "status": "free",
    "reset_due_at": None,
    "reset_warning_at": None,
    "reset_warned_at": None,
}


def an_activity(**differently: Any) -> Activity:
    """Anna's, of Omsk, with a promised step and a pause."""
    about = {"shares": SHARES, "reset_paused_until": later(days=9), **PROMISED}
    return in_work(room_id=OMSK, **about | differently)


def moved(activity: Activity, responsible: EmployeeId | None) -> list[DomainEvent]:
    return move(activity, TOMSK, "переезд", responsible, OF_TOMSK, MOVED_AT)


def the_move(
    activity: Activity,
    former: EmployeeId | None,
    responsible: EmployeeId | None,
    changes: dict[str, Any],
    step: dict[str, Any] | None = None,
) -> DomainEvent:
    """The event that is expected of a move from Omsk to Tomsk."""
    return DomainEvent(
        "activity.moved",
        replace(activity, version=2, room_id=TOMSK, **changes),
        {
            "from_room": OMSK,
            "to_room": TOMSK,
            "former": former,
            "responsible": responsible,
            **(step or {}),
        },
        "переезд",
        text={"step_what": "перезвонить"} if step else {},
    )


RESTARTED = {
    "progress_at": MOVED_AT,
    "reset_due_at": later(days=14),
    "reset_warning_at": later(days=13),
    "reset_warned_at": None,
}
"""The changes of what somebody works on: the time until a reset runs anew, after the pause."""


@pytest.mark.parametrize(
    ("of_whom", "waits", "responsible", "wait"),
    [
        (None, {"untouched_at": later(hours=1)}, None, FIRST_TOUCH),
        (None, {"untouched_told_at": NOW}, ANNA, FIRST_TOUCH),
        (None, {}, None, TOUCHED),
        (None, {}, ANNA, FIRST_TOUCH),
        (ANNA, {}, BORIS, FIRST_TOUCH),
        (ANNA, {}, ANNA, TOUCHED),
        (ANNA, {"untouched_at": later(hours=1)}, ANNA, FIRST_TOUCH),
        (ANNA, {}, None, TOUCHED),
    ],
)
def test_the_first_touch_is_waited_for_anew_where_nobody_has_worked_it_there(
    of_whom: EmployeeId | None,
    waits: dict[str, Any],
    responsible: EmployeeId | None,
    wait: dict[str, Any],
) -> None:
    activity = an_activity(**waits) if of_whom else a_free(room_id=OMSK, **waits)
    (event,) = move(activity, TOMSK, None, responsible, QUICK_TOMSK, MOVED_AT)
    assert {name: getattr(event.after, name) for name in TOUCHED} == wait


def test_a_move_keeps_the_responsible_who_sells_in_both_rooms() -> None:
    activity = an_activity(reset_warned_at=NOW)
    assert moved(activity, ANNA) == [the_move(activity, None, None, RESTARTED)]


@pytest.mark.parametrize(
    ("status", "former", "before", "last"),
    [
        ("in_work", ANNA, None, ANNA),
        ("in_work", ANNA, BORIS, ANNA),
        ("free", None, BORIS, BORIS),
        ("free", None, None, None),
    ],
)
def test_who_sells_in_the_other_room_goes_on_there_and_keeps_the_promise(
    status: Status,
    former: EmployeeId | None,
    before: EmployeeId | None,
    last: EmployeeId | None,
) -> None:
    activity = an_activity(status=status, responsible_id=former, last_responsible_id=before)
    changes = {
        "status": "in_work",
        "responsible_id": BORIS,
        "responsible_since": MOVED_AT,
        "how": "handed_over",
        "last_responsible_id": last,
        "shares": (),
    }
    assert moved(activity, BORIS) == [the_move(activity, former, BORIS, RESTARTED | changes)]


def test_a_move_to_the_pool_drops_the_promise_and_the_deadline() -> None:
    activity = an_activity(reset_warned_at=NOW)
    nobody = {
        "responsible_id": None,
        "responsible_since": None,
        "how": None,
        "last_responsible_id": ANNA,
        "shares": (),
    }
    assert moved(activity, None) == [
        the_move(activity, ANNA, None, IN_THE_POOL | NO_PROMISE | nobody, DROPPED)
    ]


def test_a_move_from_pool_to_pool_changes_the_room_alone() -> None:
    activity = a_free(room_id=OMSK, last_responsible_id=BORIS)
    assert moved(activity, None) == [the_move(activity, None, None, {})]


@pytest.mark.parametrize(
    ("responsible", "since", "how"), [(BORIS, MOVED_AT, "handed_over"), (None, None, None)]
)
def test_a_lost_activity_stays_lost_and_remembers_who_would_work_it(
    responsible: EmployeeId | None, since: object, how: str | None
) -> None:
    activity = a_free(room_id=OMSK, status="lost", responsible_id=ANNA, shares=SHARES)
    changes = {
        "responsible_id": responsible,
        "responsible_since": since,
        "first_taken_at": since,
        "how": how,
        "last_responsible_id": ANNA,
        "shares": (),
    }
    assert moved(activity, responsible) == [the_move(activity, ANNA, responsible, changes)]


@pytest.mark.parametrize("status", ["free", "in_work", "lost"])
def test_a_move_to_its_own_room_changes_nothing(status: Status) -> None:
    activity = an_activity(status=status)
    assert move(activity, OMSK, "переезд", BORIS, SETTINGS, NOW) == []


@pytest.mark.parametrize("room_id", [OMSK, TOMSK])
def test_a_won_activity_stays_in_its_room(room_id: RoomId) -> None:
    with pytest.raises(AlreadyWon):
        move(an_activity(status="won"), room_id, "переезд", ANNA, SETTINGS, NOW)
