"""The roles of an employee."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.roles import (
    employee_sells,
    headed_rooms,
    is_admin,
    rooms_left,
)
from shared.errors import Invalid

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


def an_employee(*roles: str, **differently: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "active": True,
        "roles": list(roles),
        "room_ids": [FIRST, SECOND],
        "headed_room_ids": None,
    }
    return about | differently


@pytest.mark.parametrize(
    ("headed", "stored"),
    [
        (None, None),
        ([], []),
        ([SECOND, FIRST], [FIRST, SECOND]),
        ([SECOND], [SECOND]),
    ],
)
def test_headed_rooms_are_some_of_an_employees_own(
    headed: Sequence[UUID] | None, stored: Sequence[UUID] | None
) -> None:
    assert headed_rooms([FIRST, SECOND], headed) == stored


def test_a_room_of_others_is_not_headed() -> None:
    with pytest.raises(Invalid) as refused:
        headed_rooms([FIRST, SECOND], [FIRST, THIRD])
    assert refused.value.extra == {"errors": [{"field": "headed_room_ids", "rule": "own_room"}]}


@pytest.mark.parametrize(
    ("employee", "expected"),
    [
        (an_employee("admin"), True),
        (an_employee("seller", "admin"), True),
        (an_employee("seller"), False),
        (an_employee("admin", active=False), False),
    ],
)
def test_an_admin_can_log_in(employee: dict[str, Any], expected: bool) -> None:
    assert is_admin(employee) is expected


@pytest.mark.parametrize(
    ("employee", "room", "expected"),
    [
        (an_employee("seller"), FIRST, True),
        (an_employee("seller"), THIRD, False),
        (an_employee("seller", active=False), FIRST, False),
        (an_employee("head"), FIRST, True),
        (an_employee("head"), THIRD, False),
        (an_employee("head", headed_room_ids=[SECOND]), SECOND, True),
        (an_employee("head", headed_room_ids=[SECOND]), FIRST, False),
        (an_employee("admin"), FIRST, False),
    ],
)
def test_sellers_and_heads_sell_in_their_rooms(
    employee: dict[str, Any], room: UUID, expected: bool
) -> None:
    assert employee_sells(employee, room) is expected


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        (an_employee("seller"), an_employee("seller"), []),
        (an_employee("seller"), an_employee("seller", active=False), [FIRST, SECOND]),
        (an_employee("seller"), an_employee("seller", room_ids=[SECOND, THIRD]), [FIRST]),
        (an_employee("seller"), an_employee("admin"), [FIRST, SECOND]),
        (an_employee("admin"), an_employee("seller", active=False), []),
        (an_employee("head"), an_employee("head", headed_room_ids=[FIRST]), [SECOND]),
    ],
)
def test_who_is_dismissed_moved_or_demoted_leaves_the_rooms_where_they_sold(
    before: dict[str, Any], after: dict[str, Any], left: list[UUID]
) -> None:
    assert rooms_left(before, after) == left
