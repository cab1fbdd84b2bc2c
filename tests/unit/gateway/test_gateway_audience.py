"""The audience of changes, and their order."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.gateway.live.audience import AUDIENCES, Change, concerns, order
from services.gateway.live.hub import change_of
from services.gateway.live.publisher import address_of
from services.gateway.live.sse import rendered
from shared.events import PEOPLE, REGISTRY, TOPICS, Event
from shared.events.directory import ClientChanged
from shared.events.people import ActivityDescribed, PersonDescribed
from shared.ids import ClientId, EmployeeId, RoomId, TenantId
from shared.tenancy import Caller

EXAMPLES = Path(__file__).parents[3] / "docs" / "events" / "examples"
ROOM, OTHER_ROOM = UUID(int=1), UUID(int=4)
ME, OTHER = UUID(int=2), UUID(int=3)


def caller(
    *roles: str, rooms: tuple[UUID, ...] = (), headed: tuple[UUID, ...] | None = None
) -> Caller:
    return Caller(
        TenantId(UUID(int=9)),
        EmployeeId(ME),
        frozenset(roles),
        frozenset(RoomId(room) for room in rooms),
        headed_room_ids=None if headed is None else frozenset(map(RoomId, headed)),
    )


def change(
    audience: str,
    room: UUID | None = ROOM,
    employees: tuple[UUID, ...] = (),
    client_rooms: tuple[UUID, ...] = (),
) -> Change:
    ids = frozenset(str(employee) for employee in employees)
    return Change(
        "1-0",
        "x",
        str(uuid4()),
        1,
        str(room or ""),
        audience,
        ids,
        client_rooms=frozenset(client_rooms),
    )


def example_of(event_type: type[Event]) -> Any:
    return orjson.loads((EXAMPLES / f"{event_type.type}.json").read_bytes())["data"]


def of_client(*rooms: UUID) -> Change:
    return change("client", None, client_rooms=rooms)


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
        (change("pay", ROOM, (OTHER,)), caller("head", rooms=(ROOM,)), True),
        (change("pay", OTHER_ROOM, (OTHER,)), caller("head", rooms=(ROOM,)), False),
        (
            change("pay", ROOM, (OTHER,)),
            caller("head", "seller", rooms=(ROOM, OTHER_ROOM), headed=(OTHER_ROOM,)),
            False,
        ),
        (
            change("holder", ROOM, (OTHER,)),
            caller("head", "seller", rooms=(ROOM, OTHER_ROOM), headed=(OTHER_ROOM,)),
            False,
        ),
        (change("room"), caller("marketer"), False),
        (change("room"), caller("marketer", "seller", rooms=(OTHER_ROOM,)), False),
        (change("room"), caller("accountant"), True),
        (change("workplace"), caller("marketer"), True),
        (change("workplace"), caller("seller", rooms=(OTHER_ROOM,)), False),
        (of_client(ROOM), caller("seller", rooms=(ROOM,)), True),
        (of_client(ROOM), caller("seller", rooms=(OTHER_ROOM,)), False),
        (of_client(ROOM, OTHER_ROOM), caller("seller", rooms=(OTHER_ROOM,)), True),
        (of_client(), caller("seller", rooms=(OTHER_ROOM,)), True),
        (of_client(ROOM), caller("marketer", rooms=(ROOM,)), False),
        (of_client(ROOM), caller("admin"), True),
        (change("figures", None), caller("marketer"), True),
        (change("figures", None), caller("accountant"), True),
        (change("figures", None), caller("admin"), True),
        (change("figures", None), caller("head", "seller", rooms=(ROOM,)), False),
        (change("nobody"), caller("admin", "head", rooms=(ROOM,)), False),
        (change("staff", None, (OTHER,)), caller("seller"), False),
        (change("tenant", None), caller("seller"), True),
        (change("something new"), caller("admin"), False),
    ],
)
def test_a_change_reaches_those_whom_it_concerns(
    change: Change, caller: Caller, concerned: bool
) -> None:
    assert concerns(change, caller) is concerned


@pytest.mark.parametrize(
    "event_type",
    [kind for kind in REGISTRY.values() if kind.topic in TOPICS and kind.topic != PEOPLE],
    ids=lambda event_type: event_type.type,
)
def test_every_published_event_has_an_audience(event_type: type[Event]) -> None:
    event = event_type.model_validate(example_of(event_type))
    address = address_of(event)
    assert address.audience in AUDIENCES and address.audience != "nobody"
    needs_room = {"workplace", "room", "holder"}
    assert (address.room is not None) or address.audience not in needs_room


@pytest.mark.parametrize("event_type", [PersonDescribed, ActivityDescribed])
def test_what_identifies_people_is_announced_to_nobody(event_type: type[Event]) -> None:
    assert address_of(event_type.model_validate(example_of(event_type))).audience == "nobody"


def test_a_client_of_before_its_rooms_were_told_is_announced_to_admins_alone() -> None:
    event = ClientChanged(
        client_id=ClientId(uuid4()), kind="person", large=False, registered_by=None
    )
    assert address_of(event).audience == "staff"


def test_a_client_without_rooms_passes_the_filter_of_a_connection_for_one_room() -> None:
    assert concerns(of_client(), caller("admin"), {ROOM})
    assert concerns(of_client(ROOM), caller("admin"), {ROOM})
    assert not concerns(of_client(OTHER_ROOM), caller("admin"), {ROOM})


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
        b"employees": str(ME).encode(),
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
