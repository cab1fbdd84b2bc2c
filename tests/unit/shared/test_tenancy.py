"""What a caller may see and do."""

from dataclasses import replace
from uuid import UUID

import pytest

from shared.errors import Forbidden, NotFound
from shared.ids import EmployeeId, RoomId, TenantId, new_id
from shared.tenancy import Caller

ROOM = RoomId(new_id())


def a_caller(*roles: str, rooms: tuple[RoomId, ...] = (ROOM,)) -> Caller:
    return Caller(TenantId(new_id()), EmployeeId(new_id()), frozenset(roles), frozenset(rooms))


@pytest.mark.parametrize(
    ("roles", "sees"),
    [
        (("seller",), False),
        (("head",), False),
        (("admin",), True),
        (("accountant",), True),
        (("marketer", "seller"), False),
    ],
)
def test_sellers_and_heads_see_their_own_rooms_only(roles: tuple[str, ...], sees: bool) -> None:
    caller, other = a_caller(*roles), UUID(int=7)
    assert (caller.sees_room(ROOM), caller.sees_room(other)) == (True, sees)
    assert caller.rooms() == (None if sees else [ROOM])
    assert caller.rooms(ROOM) == [ROOM]
    if not sees:
        with pytest.raises(NotFound):
            caller.rooms(other)


def test_a_marketer_knows_every_room_and_sees_the_work_of_none() -> None:
    caller, other = a_caller("marketer", "seller"), UUID(int=7)
    assert caller.knows_room(other) and caller.known_rooms() is None
    assert not caller.sees_room(other)
    assert not a_caller("seller").knows_room(other)


@pytest.mark.parametrize(
    ("roles", "headed", "heads", "oversees", "sells"),
    [
        (("head",), None, True, True, True),
        (("head",), (), False, False, False),
        (("head", "seller"), (), False, False, True),
        (("head", "seller"), (ROOM,), True, True, True),
        (("seller",), (ROOM,), False, False, True),
        (("admin",), None, False, True, False),
    ],
)
def test_a_head_is_one_in_all_of_their_rooms_or_in_those_named(
    roles: tuple[str, ...],
    headed: tuple[RoomId, ...] | None,
    heads: bool,
    oversees: bool,
    sells: bool,
) -> None:
    rooms = None if headed is None else frozenset(headed)
    caller = replace(a_caller(*roles), headed_room_ids=rooms)
    assert (caller.heads(ROOM), caller.oversees(ROOM), caller.sells_in(ROOM)) == (
        heads,
        oversees,
        sells,
    )
    assert (ROOM in caller.headed_rooms) is heads


@pytest.mark.parametrize(
    ("roles", "client_rooms", "sees"),
    [
        (("seller",), [ROOM], True),
        (("seller",), [UUID(int=7)], False),
        (("seller",), [UUID(int=7), ROOM], True),
        (("seller",), [], True),
        (("accountant",), [UUID(int=7)], True),
        (("marketer", "head"), [UUID(int=7)], False),
    ],
)
def test_a_client_is_seen_by_the_rooms_that_entered_it(
    roles: tuple[str, ...], client_rooms: list[UUID], sees: bool
) -> None:
    assert a_caller(*roles).sees_client(client_rooms) is sees


def test_who_works_nowhere_sees_nothing_rather_than_everything() -> None:
    assert a_caller("seller", rooms=()).rooms() == []


def test_a_role_is_required() -> None:
    a_caller("head").require("head", "admin")
    with pytest.raises(Forbidden):
        a_caller("seller").require("head", "admin")
