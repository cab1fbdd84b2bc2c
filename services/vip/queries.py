"""Reads: VIPs and places as the API shows them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, func, literal, or_, select

from services.vip.domain.room_settings import WINDOW, RoomSettings
from services.vip.storage.tables import client, employee, person, receipt, vip
from shared.activity_view import ClientSummary
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.money import Money
from shared.paging import cursor_of, read_cursor
from shared.tenancy import Caller
from shared.vocabulary import VipKind
from shared.web.responses import Page

_v, _e = vip.c, employee.c
_TENANT = bindparam("tenant_id", type_=Uuid)


class VipView(BaseModel):
    """A client as a seller holds it for a company. `receipts` are those of the last 365 days;
    `responsible_id` and `kind` are null once nobody holds it; `reset_due_at` is when it becomes
    free without progress, null for never."""

    id: VipId
    version: int
    client: ClientSummary
    company_id: CompanyId
    room_id: RoomId
    responsible_id: EmployeeId | None
    kind: VipKind | None
    receipts: Money
    reset_due_at: datetime | None


class PlaceCount(BaseModel):
    """How many places a seller has taken, of how many."""

    held: int
    limit: int


class SellerPlaces(BaseModel):
    """A seller's places in a room for a company."""

    employee_id: EmployeeId
    in_development: PlaceCount
    by_receipts: PlaceCount


_received = (
    select(func.greatest(func.coalesce(func.sum(receipt.c.amount), 0), 0))
    .where(
        receipt.c.tenant_id == _v.tenant_id,
        receipt.c.company_id == _v.company_id,
        receipt.c.client_id == _v.client_id,
        receipt.c.currency == _v.currency,
        receipt.c.received_at > func.clock_timestamp() - WINDOW,
    )
    .scalar_subquery()
)
_view = (
    select(vip, client.c.large, person.c.name, _received.label("receipts"))
    .select_from(
        vip.outerjoin(
            client, and_(client.c.tenant_id == _v.tenant_id, client.c.id == _v.client_id)
        ).outerjoin(person, and_(person.c.tenant_id == _v.tenant_id, person.c.id == _v.client_id))
    )
    .where(_v.tenant_id == _TENANT)
)


def _given(name: str, kind: Any, condition: Callable[[Any], Any]) -> Any:
    """The condition on a parameter, or none where the parameter is None."""
    value = bindparam(name, type_=kind)
    return or_(value.is_(None), condition(value))


ONE = compiled(_view.where(_v.id == bindparam("vip_id", type_=Uuid)))
LIST = compiled(
    _view.where(
        _v.responsible_id.is_not(None),
        _given("room_ids", ARRAY(Uuid), lambda rooms: _v.room_id == any_(rooms)),
        _given("company_id", Uuid, lambda company_id: _v.company_id == company_id),
        _given("employee_id", Uuid, lambda employee_id: _v.responsible_id == employee_id),
        _given("after", Uuid, lambda after: _v.id > after),
    )
    .order_by(_v.id)
    .limit(bindparam("count"))
)
_of_room = and_(
    _v.tenant_id == _TENANT,
    _v.room_id == bindparam("room_id", type_=Uuid),
    _v.company_id == bindparam("company_id", type_=Uuid),
    _v.responsible_id.is_not(None),
)
HELD = compiled(
    select(
        _v.responsible_id,
        func.count().filter(_v.kind == "in_development").label("in_development"),
        func.count().filter(_v.kind == "by_receipts").label("by_receipts"),
    )
    .where(_of_room)
    .group_by(_v.responsible_id)
)
SELLERS = compiled(
    select(_e.id).where(
        _e.tenant_id == _TENANT,
        _e.active,
        bindparam("room_id", type_=Uuid) == any_(_e.room_ids),
        literal("seller") == any_(_e.roles),
    )
)


async def vip_view(tx: Tx, vip_id: VipId) -> VipView:
    """The VIP as it is now. Raises `NotFound`."""
    row = await tx.row(ONE, vip_id=vip_id)
    if row is None:
        raise NotFound("VIP")
    return _shown(row)


async def visible(tx: Tx, vip_id: VipId, caller: Caller) -> VipView:
    """The VIP, if its room is one the caller may see. Raises `NotFound`."""
    view = await vip_view(tx, vip_id)
    caller.require_room(view.room_id, "VIP")
    return view


async def held(
    tx: Tx,
    rooms: Sequence[UUID] | None,
    company_id: CompanyId | None,
    employee_id: EmployeeId | None,
    limit: int,
    cursor: str | None,
) -> Page[VipView]:
    """Held VIPs of `rooms` (None: of all), in the order in which they were first claimed.

    Raises `Invalid` for a cursor not from here.
    """
    last = read_cursor(cursor, UUID)
    after = last[0] if last else None
    rows = await tx.rows(
        LIST,
        room_ids=rooms,
        company_id=company_id,
        employee_id=employee_id,
        after=after,
        count=limit + 1,
    )
    items = [_shown(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=cursor_of(items[-1].id) if len(rows) > limit else None)


async def places(
    tx: Tx, room_id: RoomId, company_id: CompanyId, room_settings: RoomSettings
) -> list[SellerPlaces]:
    """The places of the room's sellers, and of whoever else holds a VIP there."""
    taken = {
        row["responsible_id"]: row
        for row in await tx.rows(HELD, room_id=room_id, company_id=company_id)
    }
    sellers = {row["id"] for row in await tx.rows(SELLERS, room_id=room_id)}
    return [
        SellerPlaces(
            employee_id=seller,
            in_development=PlaceCount(
                held=_count(taken.get(seller), "in_development"),
                limit=room_settings.in_development_limit,
            ),
            by_receipts=PlaceCount(
                held=_count(taken.get(seller), "by_receipts"), limit=room_settings.by_receipts_limit
            ),
        )
        for seller in sorted(sellers | taken.keys())
    ]


def _count(row: Mapping[str, Any] | None, kind: str) -> int:
    return row[kind] if row else 0


def _shown(row: Mapping[str, Any]) -> VipView:
    return VipView(
        id=row["id"],
        version=row["version"],
        client=ClientSummary(id=row["client_id"], name=row["name"] or "", large=bool(row["large"])),
        company_id=row["company_id"],
        room_id=row["room_id"],
        responsible_id=row["responsible_id"],
        kind=row["kind"],
        receipts=Money(amount=row["receipts"], currency=row["currency"]),
        reset_due_at=row["reset_due_at"],
    )
