"""Replicas of the directory, which the activities service owns: event, table, columns."""

from collections.abc import Callable
from typing import Any

from services.vip.storage import tables
from shared.events import PublishedEvent
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    EmployeeChanged,
    RoomChanged,
    RoomSettingsChanged,
)
from shared.events.people import PersonDescribed
from shared.replicas import Replica, subject


def _reset_notices(published: PublishedEvent) -> list[dict[str, Any]]:
    event = published.event
    assert isinstance(event, RoomSettingsChanged)
    return [
        {"reset_days": notice.vip_reset_days, "until": notice.until}
        for notice in event.reset_notices
    ]


def _option(name: str) -> Callable[[PublishedEvent], Any]:
    """The option of a room that is called `name`."""

    def value(published: PublishedEvent) -> Any:
        event = published.event
        assert isinstance(event, RoomSettingsChanged)
        return getattr(event.options, name)

    return value


ROOM_SETTINGS = Replica(
    RoomSettingsChanged,
    tables.room_settings,
    {
        "room_id": "room_id",
        "company_id": "company_id",
        "in_development_limit": "vip_in_development_limit",
        "by_receipts_limit": "vip_by_receipts_limit",
        "reset_days": "vip_reset_days",
        "reset_notices": _reset_notices,
        "warn_before_hours": _option("warn_before_hours"),
        "receipts_days": _option("vip_receipts_days"),
    },
)
REPLICAS = (
    Replica(CompanyChanged, tables.company, {"id": "company_id", "currency": "currency"}),
    Replica(RoomChanged, tables.room, {"id": "room_id", "company_ids": "company_ids"}),
    Replica(
        EmployeeChanged,
        tables.employee,
        {
            "id": "employee_id",
            "roles": "roles",
            "room_ids": "room_ids",
            "headed_room_ids": "headed_room_ids",
            "active": "active",
        },
    ),
    Replica(
        ClientChanged,
        tables.client,
        {
            "id": "client_id",
            "large": "large",
            "do_not_call": "do_not_call",
            "room_ids": "room_ids",
        },
    ),
    # Employees are shown by id.
    Replica(
        PersonDescribed,
        tables.person,
        {"id": subject, "name": "name"},
        only=lambda event: event.kind == "client",
        owned_as="client",
    ),
)
