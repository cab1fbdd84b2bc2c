"""The audience of changes, and their order."""

from uuid import UUID, uuid4

import orjson
import pytest

from services.gateway.live.audience import Change, concerns, order
from services.gateway.live.hub import change_of
from services.gateway.live.sse import rendered
from shared.ids import EmployeeId, RoomId, TenantId
from shared.tenancy import Caller

ROOM, OTHER_ROOM = UUID(int=1), UUID(int=4)
ME, OTHER = UUID(int=2), UUID(int=3)


def caller(*roles: str, rooms: tuple[UUID, ...] = ()) -> Caller:
    return Caller(
        TenantId(UUID(int=9)),
        EmployeeId(ME),
        frozenset(roles),
        frozenset(RoomId(room) for room in rooms),
    )


def change(audience: str, room: UUID | None = ROOM, employees: tuple[UUID, ...] = ()) -> Change:
    ids = frozenset(str(employee) for employee in employees)
    return Change("1-0", "x", str(uuid4()), 1, str(room or ""), audience, ids)


@pytest.mark.parametrize(
    ("change", "caller", "concerned"),
    [
        (change("room"), caller("seller", rooms=(ROOM,)), True),
        (change("room"), caller("seller"), False),
        (change("room"), caller("admin"), True),
        (change("holder", employees=(ME,)), caller("seller", rooms=(ROOM,)), True),
        (change("holder", employees=(OTHER,)), caller("seller", rooms=(ROOM,)), False),
        (change("holder", employees=(OTHER,)), caller("head", rooms=(ROOM,)), True),
        (change("holder", employees=(OTHER,)), caller("head"), False),
        (change("pay", None, (ME,)), caller("seller"), True),
        (change("pay", None, (OTHER,)), caller("head", rooms=(ROOM,)), False),
        (change("pay", None, (OTHER,)), caller("accountant"), True),
        (change("staff", None, (OTHER,)), caller("seller"), False),
        (change("tenant", None), caller("seller"), True),
        (change("something new"), caller("admin"), False),
    ],
)
def test_a_change_reaches_those_whom_it_concerns(
    change: Change, caller: Caller, concerned: bool
) -> None:
    assert concerns(change, caller) is concerned


def test_a_connection_for_one_room_gets_changes_of_that_room() -> None:
    assert concerns(change("room"), caller("admin"), {ROOM})
    assert not concerns(change("room"), caller("admin"), {OTHER_ROOM})


@pytest.mark.parametrize(("earlier", "later"), [("9-0", "10-0"), ("5-9", "5-10"), ("0", "0-1")])
def test_changes_are_ordered_by_number_not_by_letter(earlier: str, later: str) -> None:
    assert order(earlier) < order(later)


def test_a_change_of_a_job_carries_its_progress() -> None:
    job = b'{"state":"running","done":3,"total":null,"refused":0}'
    entry = {
        b"kind": b"job.progressed",
        b"id": b"j",
        b"version": b"2",
        b"room": b"",
        b"audience": b"staff",
        b"whom": str(ME).encode(),
        b"job": job,
    }
    lines = rendered(change_of(b"1-0", entry)).splitlines()
    assert lines[:2] == [b"id: 1-0", b"event: job.progressed"]
    assert orjson.loads(lines[2].removeprefix(b"data: ")) == {
        "kind": "job.progressed",
        "id": "j",
        "version": 2,
        "room_id": None,
        "job": orjson.loads(job),
    }
