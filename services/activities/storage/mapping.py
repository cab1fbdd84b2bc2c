"""Activities and their rows: the columns, the derived ones included, and back."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.activities.domain.activity import Activity
from services.activities.domain.room_options import DEFAULT_OPTIONS, RoomOptions
from services.activities.domain.room_settings import ResetNotice, RoomSettings
from services.activities.domain.split_proposal import SplitProposal
from services.activities.domain.trade import (
    Document,
    Invoice,
    OrderLine,
    Payment,
    Refund,
    Shipment,
    Trade,
)
from services.activities.domain.working_days import WorkingDays
from services.activities.storage.production_calendar import is_day_off
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.settings import ROOM_SETTINGS, room_settings
from shared.ids import EmployeeId
from shared.money import Money, MoneySum

_FIELDS = tuple(field.name for field in fields(Activity))
_OPTIONS = tuple(field.name for field in fields(RoomOptions))
_DAYS = ("days_off", "extra_working_days")
_NEW_AS_JSON = {
    f"new_{name}"
    for name in ("products", "shares", "split_proposal", "released_at_by_seller", "trade")
}
SETTINGS_COLUMNS = tuple(
    room_settings.c[name] for name in (*ROOM_SETTINGS, "reset_notices", "options")
)
"""What `room_settings_of` reads, for a statement that reads more."""


def room_settings_of(row: Mapping[str, Any] | None) -> RoomSettings:
    """The settings in a row, or the defaults where the company has set none."""
    if row is None or row[ROOM_SETTINGS[0]] is None:
        return RoomSettings()
    stored = row["reset_notices"]
    notices = tuple(_reset_notice(notice) for notice in stored) if stored else ()
    numbers = {name: row[name] for name in ROOM_SETTINGS}
    options = row["options"]
    return RoomSettings(
        **numbers,
        reset_notices=notices,
        options=options_of(options),
        calendar=calendar_of(options, options["time_zone"])
        if options and options.get("working_days")
        else None,
    )


def options_of(stored: Mapping[str, Any] | None) -> RoomOptions:
    """The options in a column, those that nobody has set by default."""
    if not stored:
        return DEFAULT_OPTIONS
    values = {name: stored[name] for name in _OPTIONS if name in stored}
    for name in _DAYS:
        if name in values:
            values[name] = tuple(map(date.fromisoformat, values[name]))
    return RoomOptions(**values)


def calendar_of(stored: Mapping[str, Any], time_zone: str) -> WorkingDays:
    """The calendar of stored options, in the company's time zone."""
    days_off, extra = (frozenset(map(date.fromisoformat, stored.get(name, ()))) for name in _DAYS)
    return WorkingDays(time_zone, days_off, extra, is_day_off)


def stored_settings(settings: RoomSettings) -> dict[str, Any]:
    """The columns of settings; the time zone of their calendar stands beside the options."""
    options = plain(settings.options)
    if settings.calendar:
        options["time_zone"] = settings.calendar.time_zone
    return {
        **{name: getattr(settings, name) for name in ROOM_SETTINGS},
        "reset_notices": [_stored_notice(notice) for notice in settings.reset_notices],
        "options": None if settings.options == DEFAULT_OPTIONS else options,
    }


def _stored_notice(notice: ResetNotice) -> dict[str, Any]:
    calendar = notice.calendar
    return {
        "activity_reset_days": notice.activity_reset_days,
        "vip_reset_days": notice.vip_reset_days,
        "until": plain(notice.until),
        "calendar": calendar
        and {
            "time_zone": calendar.time_zone,
            "days_off": plain(sorted(calendar.days_off)),
            "extra_working_days": plain(sorted(calendar.extra_working_days)),
        },
        "pause_for_invoices": notice.pause_for_invoices,
    }


def _reset_notice(stored: Mapping[str, Any]) -> ResetNotice:
    calendar = stored.get("calendar")
    return ResetNotice(
        stored["activity_reset_days"],
        stored["vip_reset_days"],
        datetime.fromisoformat(stored["until"]),
        calendar_of(calendar, calendar["time_zone"]) if calendar else None,
        stored.get("pause_for_invoices", False),
    )


@cache
def _new_values(columns: tuple[str, ...]) -> tuple[tuple[str, ...], Callable[[Activity], Any]]:
    return tuple(f"new_{name}" for name in columns), attrgetter(*columns)


def new_values_of(activity: Activity, columns: tuple[str, ...]) -> dict[str, Any]:
    """The values of some columns of an activity, the derived ones included, as `new_…`."""
    names, values_of = _new_values(columns)
    row = dict(zip(names, values_of(activity), strict=True))
    for name in _NEW_AS_JSON & row.keys():
        row[name] = plain(row[name])
    return row


def activity_of(row: Mapping[str, Any]) -> Activity:
    """The activity in a row."""
    return Activity(
        **{
            name: _FROM_COLUMN[name](row[name]) if name in _FROM_COLUMN else row[name]
            for name in _FIELDS
        }
    )


CLIENT_SUMMARY = tuple(
    client.c[name].label(f"client_{name}") for name in ("name", "large", "do_not_call")
)
"""What `client_summary` needs of the table of clients, beside `client_id`."""


def client_summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """The client of an activity that a row carries along, as the API shows it."""
    return {
        "id": str(row["client_id"]),
        "name": row["client_name"],
        "large": row["client_large"],
        "do_not_call": row["client_do_not_call"],
    }


def plain(value: Any) -> Any:
    """JSON without floats: money as `{"amount": "1.00", …}`, ids and moments as text."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, MoneySum):
        return {"amount": f"{value.amount:.2f}", "currency": value.currency}
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict | MappingProxyType):
        return {str(key): plain(item) for key, item in value.items()}
    return {name: plain(getattr(value, name)) for name in _field_names(value.__class__)}


@cache
def _field_names(dataclass: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(dataclass))


def order_lines(stored: list[Mapping[str, Any]]) -> tuple[OrderLine, ...]:
    """The lines of an order in a JSON column."""
    return tuple(OrderLine(**_typed(OrderLine, line)) for line in stored)


def _shares(stored: list[list[str]]) -> tuple[tuple[EmployeeId, Decimal], ...]:
    return tuple((EmployeeId(UUID(employee_id)), Decimal(share)) for employee_id, share in stored)


def _moments_by_seller(stored: Mapping[str, str]) -> MappingProxyType[EmployeeId, datetime]:
    return MappingProxyType(
        {
            EmployeeId(UUID(seller)): datetime.fromisoformat(moment)
            for seller, moment in stored.items()
        }
    )


_PARTS_OF_TRADE: dict[str, type[Any]] = {
    "invoices": Invoice,
    "payments": Payment,
    "refunds": Refund,
    "shipments": Shipment,
    "documents": Document,
}


def _trade(stored: Mapping[str, Any]) -> Trade:
    return Trade(
        **{
            name: tuple(part(**_typed(part, values)) for values in stored[name])
            for name, part in _PARTS_OF_TRADE.items()
        }
    )


def _split_proposal(stored: Mapping[str, Any] | None) -> SplitProposal | None:
    if stored is None:
        return None
    return SplitProposal(
        UUID(stored["id"]),
        EmployeeId(UUID(stored["by"])),
        datetime.fromisoformat(stored["at"]),
        _shares(stored["shares"]),
        tuple(EmployeeId(UUID(employee_id)) for employee_id in stored["asked"]),
    )


_FROM_COLUMN: dict[str, Callable[[Any], Any]] = {
    "products": order_lines,
    "shares": _shares,
    "split_proposal": _split_proposal,
    "released_at_by_seller": _moments_by_seller,
    "trade": _trade,
}


def _money(stored: Mapping[str, str]) -> Money:
    return Money.build(amount=Decimal(stored["amount"]), currency=stored["currency"])


_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "id": UUID,
    "product_id": UUID,
    "invoice_id": UUID,
    "payment_id": UUID,
    "recorded_by": UUID,
    "amount": _money,
    "price": _money,
    "issued_at": datetime.fromisoformat,
    "paid_at": datetime.fromisoformat,
    "paid_on": date.fromisoformat,
    "refunded_at": datetime.fromisoformat,
    "due_on": date.fromisoformat,
    "overdue_at": datetime.fromisoformat,
    "shipped_on": date.fromisoformat,
    "on": date.fromisoformat,
}


def _typed(part: Any, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a part; what a newer version has added is left out."""
    names = _field_names(part)
    return {
        name: _FROM_JSON[name](value) if name in _FROM_JSON and value is not None else value
        for name, value in stored.items()
        if name in names
    }
