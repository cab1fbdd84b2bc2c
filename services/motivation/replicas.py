"""Replicas of the directory, which the activities service owns."""

from collections.abc import Sequence
from typing import Any

from services.motivation.storage.tables import (
    company,
    company_vat,
    employee,
    product,
    room,
    tenant,
)
from shared.events import PublishedEvent
from shared.events.base import State
from shared.events.directory import (
    CompanyChanged,
    CompanyVatChanged,
    EmployeeChanged,
    ProductChanged,
    RoomChanged,
    TenantChanged,
)
from shared.replicas import Replica, subject


def _costs(published: PublishedEvent) -> list[dict[str, Any]] | None:
    assert isinstance(published.event, ProductChanged)
    costs = published.event.costs
    return None if costs is None else _as_json(costs)


def _periods(published: PublishedEvent) -> list[dict[str, Any]]:
    assert isinstance(published.event, CompanyVatChanged)
    return _as_json(published.event.periods)


def _as_json(states: Sequence[State]) -> list[dict[str, Any]]:
    return [state.model_dump(mode="json") for state in states]


COMPANIES = Replica(
    CompanyChanged,
    company,
    {"company_id": "company_id", "time_zone": "time_zone", "currency": "currency"},
)
"""Whose changes may let pay follow."""
PRODUCTS = Replica(
    ProductChanged,
    product,
    {
        "product_id": "product_id",
        "company_id": "company_id",
        "category": "category",
        "active": "active",
        "vat": "vat",
        "costs": _costs,
    },
)
COMPANY_VAT = Replica(
    CompanyVatChanged,
    company_vat,
    {
        "vat_id": subject,
        "company_id": "company_id",
        "periods": _periods,
    },
)
"""By which rules of net receipts and of margin pay."""
REPLICAS = (
    Replica(TenantChanged, tenant, {"time_zone": "time_zone", "currency": "currency"}),
    Replica(RoomChanged, room, {"room_id": "room_id", "company_ids": "company_ids"}),
    Replica(
        EmployeeChanged,
        employee,
        {
            "employee_id": "employee_id",
            "room_ids": "room_ids",
            "personnel_number": "personnel_number",
            "active": "active",
        },
    ),
)
