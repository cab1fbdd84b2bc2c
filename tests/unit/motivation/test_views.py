"""Queries return what the response models describe."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.motivation.api.responses import PayEntryView, PlanView
from services.motivation.queries.entries import entry_view
from services.motivation.queries.plans import plan_view, rule_view
from services.motivation.queries.visibility import rooms_of_plans, sees_pay_of
from services.motivation.storage.directory import Employee
from shared.ids import RoomId, TenantId
from shared.tenancy import Caller
from tests.unit.motivation.deals import ANNA, BORIS, ROOM


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
    }


def caller(*roles: str, rooms: tuple[RoomId, ...] = ()) -> Caller:
    return Caller(TenantId(UUID(int=1)), BORIS, frozenset(roles), frozenset(rooms))


@pytest.mark.parametrize(
    ("roles", "rooms", "sees"),
    [
        (("seller",), (ROOM,), False),
        (("head",), (ROOM,), True),
        (("head",), (), False),
        (("marketer",), (), False),
        (("accountant",), (), True),
        (("admin",), (), True),
    ],
)
def test_pay_is_seen_by_heads_of_the_room_accountants_and_admins(
    roles: tuple[str, ...], rooms: tuple[RoomId, ...], sees: bool
) -> None:
    anna = Employee(ANNA, frozenset({ROOM}), "001")
    assert sees_pay_of(caller(*roles, rooms=rooms), anna) is sees


def test_everybody_sees_their_own_pay() -> None:
    assert sees_pay_of(caller("seller"), Employee(BORIS, frozenset(), None))


def test_plans_are_seen_in_ones_rooms_and_everywhere_by_accountants_and_admins() -> None:
    assert rooms_of_plans(caller("seller", rooms=(ROOM,))) == [ROOM]
    assert rooms_of_plans(caller("accountant")) is None
    assert rooms_of_plans(caller("admin", "seller", rooms=(ROOM,))) is None
