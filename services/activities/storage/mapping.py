"""Activities and their rows: the columns, the derived ones included, and back."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.activities.domain.activity import (
    Activity,
    Document,
    Invoice,
    Line,
    Payment,
    Refund,
    Shipment,
    Trade,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.storage.tables import ROOM_SETTINGS
from shared.ids import ActivityId, EmployeeId, RoomId
from shared.money import Money


def room_settings_of(row: Mapping[str, Any]) -> RoomSettings:
    """The six numbers in a row, or the defaults where the company has set none."""
    return (
        RoomSettings(*(row[name] for name in ROOM_SETTINGS))
        if row[ROOM_SETTINGS[0]] is not None
        else RoomSettings()
    )


def row_of(one: Activity) -> dict[str, Any]:
    """The columns of an activity, the derived ones included."""
    return {
        "id": one.id,
        "version": one.version,
        "company_id": one.company_id,
        "room_id": one.room_id,
        "client_id": one.client_id,
        "source_id": one.source_id,
        "source_kind": one.source_kind,
        "sale": one.sale,
        "currency": one.currency,
        "products": [plain(line) for line in one.products],
        "status": one.status,
        "stage": one.stage,
        "responsible_id": one.responsible,
        "responsible_since": one.responsible_since,
        "how": one.how,
        "shares": [[str(employee_id), str(share)] for employee_id, share in one.shares],
        "parted": {
            str(seller): moment.isoformat() for seller, moment in one.released_at_by_seller.items()
        },
        "progress_at": one.progress_at,
        "reset_due_at": one.reset_due_at,
        "trade": plain(one.trade),
        "next_step_due_at": one.next_step_due_at,
        "invoice_due_on": one.invoice_due_on,
        "won_at": one.won_at,
        "note": one.note,
        "next_step": one.next_step,
        "lost_reason": one.lost_reason,
        "created_at": one.created_at,
        "created_by": one.created_by,
    }


def activity_of(row: Mapping[str, Any]) -> Activity:
    """The activity in a row."""
    return Activity(
        id=ActivityId(row["id"]),
        version=row["version"],
        company_id=row["company_id"],
        room_id=RoomId(row["room_id"]),
        client_id=row["client_id"],
        source_id=row["source_id"],
        source_kind=row["source_kind"],
        sale=row["sale"],
        currency=row["currency"],
        products=tuple(Line(**_typed(line)) for line in row["products"]),
        status=row["status"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        progress_at=row["progress_at"],
        responsible=row["responsible_id"],
        responsible_since=row["responsible_since"],
        how=row["how"],
        shares=tuple(
            (EmployeeId(UUID(employee_id)), Decimal(share)) for employee_id, share in row["shares"]
        ),
        released_at_by_seller=MappingProxyType(
            {
                EmployeeId(UUID(key)): datetime.fromisoformat(moment)
                for key, moment in row["parted"].items()
            }
        ),
        reset_due_at=row["reset_due_at"],
        trade=trade_of(row["trade"]),
        next_step_due_at=row["next_step_due_at"],
        won_at=row["won_at"],
        note=row["note"],
        next_step=row["next_step"],
        lost_reason=row["lost_reason"],
    )


def trade_of(stored: Mapping[str, Any]) -> Trade:
    """The chain in its stored form."""
    return Trade(
        invoices=tuple(Invoice(**_typed(each)) for each in stored["invoices"]),
        payments=tuple(Payment(**_typed(each)) for each in stored["payments"]),
        refunds=tuple(Refund(**_typed(each)) for each in stored["refunds"]),
        shipments=tuple(Shipment(**_typed(each)) for each in stored["shipments"]),
        documents=tuple(Document(**_typed(each)) for each in stored["documents"]),
    )


def plain(value: Any) -> Any:
    """JSON without floats: money as `{"amount": "1.00", …}`, ids and moments as text."""
    if isinstance(value, Money):
        return {"amount": f"{value.amount:.2f}", "currency": value.currency}
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


_TYPES: dict[str, Any] = {
    "id": UUID,
    "product_id": UUID,
    "invoice_id": UUID,
    "payment_id": UUID,
    "amount": lambda money: Money.of(amount=Decimal(money["amount"]), currency=money["currency"]),
    "price": lambda money: Money.of(amount=Decimal(money["amount"]), currency=money["currency"]),
    "issued_at": datetime.fromisoformat,
    "paid_at": datetime.fromisoformat,
    "refunded_at": datetime.fromisoformat,
    "due_on": date.fromisoformat,
    "shipped_on": date.fromisoformat,
    "on": date.fromisoformat,
}


def _typed(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _TYPES[name](value) if name in _TYPES and value is not None else value
        for name, value in stored.items()
    }
