"""Membership of rooms: one rule for every service."""

from uuid import UUID

import pytest

from shared.errors import NotSoldInRoom
from shared.ids import new_id
from shared.membership import heads, require_sold_in_room, sells_in, works_in

ROOM, ELSEWHERE = new_id(), new_id()


@pytest.mark.parametrize(
    ("roles", "room_ids", "active", "sells"),
    [
        (["seller"], [ROOM], True, True),
        (["head"], [ROOM, ELSEWHERE], True, True),
        (["accountant", "seller"], [ROOM], True, True),
        (["admin", "accountant", "marketer"], [ROOM], True, False),
        (["seller"], [ELSEWHERE], True, False),
        (["seller"], [], True, False),
        (["seller"], [ROOM], False, False),
        ([], [ROOM], True, False),
    ],
)
def test_active_sellers_and_heads_of_the_room_sell_in_it(
    roles: list[str], room_ids: list[object], active: bool, sells: bool
) -> None:
    assert sells_in(roles, room_ids, active, ROOM) == sells  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("roles", "headed", "leads", "sells"),
    [
        (["head"], None, True, True),
        (["head"], [ROOM], True, True),
        (["head"], [ELSEWHERE], False, False),
        (["head", "seller"], [ELSEWHERE], False, True),
        (["seller"], [ROOM], False, True),
    ],
)
def test_a_head_leads_all_of_their_rooms_or_those_named(
    roles: list[str], headed: list[UUID] | None, leads: bool, sells: bool
) -> None:
    assert heads(roles, [ROOM, ELSEWHERE], True, ROOM, headed) is leads
    assert sells_in(roles, [ROOM, ELSEWHERE], True, ROOM, headed) is sells


def test_who_was_dismissed_or_left_heads_nothing() -> None:
    assert not heads(["head"], [ROOM], False, ROOM)
    assert not heads(["head"], [ELSEWHERE], True, ROOM, [ROOM])


@pytest.mark.parametrize(
    ("room_ids", "active", "works"),
    [([ROOM], True, True), ([ELSEWHERE], True, False), ([ROOM], False, False)],
)
def test_an_employee_works_in_their_rooms_until_dismissed(
    room_ids: list[object], active: bool, works: bool
) -> None:
    assert works_in(room_ids, active, ROOM) == works  # type: ignore[arg-type]


def test_a_company_the_room_does_not_sell_for_is_refused_by_field_and_rule() -> None:
    company = new_id()
    require_sold_in_room([company], company)
    with pytest.raises(NotSoldInRoom) as refused:
        require_sold_in_room([new_id()], company, "room_id")
    assert refused.value.extra["errors"] == [{"field": "room_id", "rule": "sold_in_room"}]
