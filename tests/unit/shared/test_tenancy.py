"""What a caller may see and do."""

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
        (("marketer", "seller"), True),
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


def test_who_works_nowhere_sees_nothing_rather_than_everything() -> None:
    assert a_caller("seller", rooms=()).rooms() == []


def test_a_role_is_required() -> None:
    a_caller("head").require("head", "admin")
    with pytest.raises(Forbidden):
        a_caller("seller").require("head", "admin")
