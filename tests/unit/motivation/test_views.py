"""Queries return what the response models describe."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.motivation.api.responses import PayEntryView, PlanView
from services.motivation.queries.entries import entry_view
from services.motivation.queries.plans import plan_view, rule_view
from services.motivation.queries.statements import _total
from services.motivation.queries.visibility import PlanRooms, rooms_of_pay, rooms_of_plans
from shared.ids import RoomId, TenantId, new_id
from shared.money import MoneySum
from shared.tenancy import Caller
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, BORIS, ROOM

OTHER_ROOM = RoomId(new_id())


@pytest.mark.parametrize(
    ("view", "model"),
    [
        (plan_view(defaultdict(lambda: None, rules=[])), PlanView),
        (entry_view(defaultdict(lambda: None)), PayEntryView),
    ],
)
def test_a_view_has_the_fields_of_its_model(view: dict[str, Any], model: type[BaseModel]) -> None:
    assert view.keys() == model.model_fields.keys()


def test_a_rule_is_shown_with_all_its_limits() -> None:
    assert rule_view({"kind": "percent_of_receipts", "percent": "5.00", "sale": "first"}) == {
        "kind": "percent_of_receipts",
        "percent": "5.00",
        "product_category": None,
        "source_kind": None,
        "sale": "first",
        "base": "receipts",
        "vip_coefficient": "1.00",
        "cap": None,
        "recipients": [],
    }


def caller(
    *roles: str, rooms: tuple[RoomId, ...] = (), headed: tuple[RoomId, ...] | None = None
) -> Caller:
    return Caller(
        TenantId(UUID(int=1)),
        BORIS,
        frozenset(roles),
        frozenset(rooms),
        headed_room_ids=None if headed is None else frozenset(headed),
    )


@pytest.mark.parametrize(
    ("caller", "rooms"),
    [
        (caller("seller", rooms=(ROOM,)), set()),
        (caller("head", rooms=(ROOM, OTHER_ROOM)), {ROOM, OTHER_ROOM}),
        (caller("head", "seller", rooms=(ROOM, OTHER_ROOM), headed=(OTHER_ROOM,)), {OTHER_ROOM}),
        (caller("head"), set()),
        (caller("marketer"), set()),
        (caller("accountant"), None),
        (caller("admin"), None),
    ],
)
def test_pay_is_seen_of_rooms_one_heads_and_whole_by_accountants_and_admins(
    caller: Caller, rooms: set[RoomId] | None
) -> None:
    assert rooms_of_pay(caller, ANNA) == rooms


def test_everybody_sees_their_own_pay_whole() -> None:
    assert rooms_of_pay(caller("seller"), BORIS) is None


@pytest.mark.parametrize(
    ("caller", "rooms"),
    [
        (caller("seller", rooms=(ROOM,)), PlanRooms([ROOM], [])),
        (caller("head", rooms=(ROOM,)), PlanRooms([ROOM], [ROOM])),
        (
            caller("head", "seller", rooms=(ROOM, OTHER_ROOM), headed=(ROOM,)),
            PlanRooms(sorted((ROOM, OTHER_ROOM)), [ROOM]),
        ),
        (caller("accountant"), PlanRooms(None, [])),
        (caller("admin", "seller", rooms=(ROOM,)), PlanRooms(None, None)),
    ],
)
def test_drafts_of_plans_are_seen_by_heads_of_the_room_and_admins(
    caller: Caller, rooms: PlanRooms
) -> None:
    assert rooms_of_plans(caller) == rooms


EUROS = MoneySum(amount=roubles("5").amount, currency="EUR")


@pytest.mark.parametrize(
    ("sums", "total"),
    [
        ([], MoneySum.zero("RUB")),
        ([roubles("7")], roubles("7")),
        ([EUROS], EUROS),
        ([EUROS, roubles("7")], None),
        ([EUROS, MoneySum(amount=roubles("5").amount, currency="USD")], None),
    ],
)
def test_sums_of_several_currencies_have_no_total(
    sums: list[MoneySum], total: MoneySum | None
) -> None:
    assert _total(sums, "RUB") == total
