"""Open activities follow who holds their client."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.activities.domain.following import LostHold, follow_holder, is_lost
from services.activities.domain.vip_hold import is_in_force
from shared.ids import EmployeeId, RoomId, new_id
from tests.unit.activities.builders import ANNA, BORIS, NOW, SETTINGS, a_free, in_work

LATER = NOW + timedelta(hours=1)
WAITING = a_free()
WORKED = in_work(responsible_id=ANNA, responsible_since=NOW)
LOST = (LostHold(ANNA, NOW),)


@pytest.mark.parametrize(
    ("losses", "holder", "lost"),
    [
        ((), None, False),
        (LOST, None, True),
        (LOST, BORIS, True),
        (LOST, ANNA, False),
        ((LostHold(BORIS, NOW),), None, False),
        ((LostHold(ANNA, NOW - timedelta(seconds=1)),), None, False),
        ((LostHold(ANNA, NOW + timedelta(seconds=1)),), None, True),
        ((LostHold(BORIS, NOW), LostHold(ANNA, NOW)), None, True),
    ],
)
def test_what_the_former_holder_works_since_before_is_lost(
    losses: tuple[LostHold, ...], holder: EmployeeId | None, lost: bool
) -> None:
    assert is_lost(WORKED, losses, holder) is lost


def test_what_is_not_in_work_is_not_lost() -> None:
    assert not is_lost(replace(WORKED, status="won"), LOST, None)
    assert not is_lost(replace(WORKED, responsible_since=None), LOST, None)


def test_what_waits_goes_to_the_holder() -> None:
    (event,) = follow_holder(WAITING, (), ANNA, WAITING.room_id, SETTINGS, LATER)
    assert (event.type, event.details["how"]) == ("activity.taken", "vip_routed")
    assert (event.after.responsible_id, event.after.responsible_since) == (ANNA, LATER)


def test_what_waits_in_another_room_is_moved_to_the_holders() -> None:
    room_id = RoomId(new_id())
    (event,) = follow_holder(WAITING, (), ANNA, room_id, SETTINGS, LATER)
    assert (event.type, event.after.room_id) == ("activity.moved", room_id)
    assert (event.after.responsible_id, event.after.status) == (ANNA, "in_work")


def test_what_waits_stays_where_nobody_holds_the_client() -> None:
    assert follow_holder(WAITING, LOST, None, WAITING.room_id, SETTINGS, LATER) == []


def test_what_is_lost_goes_to_the_next_holder_or_to_the_pool() -> None:
    (taken,) = follow_holder(WORKED, LOST, BORIS, WORKED.room_id, SETTINGS, LATER)
    assert (taken.type, taken.after.responsible_id) == ("activity.taken", BORIS)
    (freed,) = follow_holder(WORKED, LOST, None, WORKED.room_id, SETTINGS, LATER)
    assert (freed.type, freed.after.status) == ("activity.released", "free")


@pytest.mark.parametrize("holder", [None, ANNA, BORIS])
def test_what_a_colleague_works_stays_with_them(holder: EmployeeId | None) -> None:
    assert follow_holder(WORKED, (), holder, WORKED.room_id, SETTINGS, LATER) == []


def test_what_is_closed_follows_nobody() -> None:
    won = replace(WORKED, status="won")
    assert follow_holder(won, LOST, BORIS, won.room_id, SETTINGS, LATER) == []


@pytest.mark.parametrize(
    ("held_from", "rooms", "active", "in_force"),
    [
        (1, (1, 2), True, True),
        (1, (2,), True, False),
        (1, (), True, False),
        (1, (1,), False, False),
        (None, (2,), True, True),
        (None, (), True, False),
        (None, (2,), False, False),
    ],
)
def test_a_hold_is_in_force_while_its_holder_works_where_they_hold_it(
    held_from: int | None, rooms: tuple[int, ...], active: bool, in_force: bool
) -> None:
    room_ids = [UUID(int=room) for room in rooms]
    assert is_in_force(UUID(int=held_from) if held_from else None, room_ids, active) is in_force
