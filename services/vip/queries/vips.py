"""VIPs: one, and pages of those that are held."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, and_, any_, bindparam, func, or_, select

from services.vip.storage.receipts import clients_of, window_start
from services.vip.storage.tables import client, person, receipt, vip
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.money import MoneySum
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

_v = vip.c

_seen_rooms = bindparam("seen_rooms", type_=ARRAY(Uuid))
# What came in while the holder was responsible, of the rooms that the viewer sees.
_receipts = (
    select(func.coalesce(func.sum(receipt.c.amount - receipt.c.returned), 0))
    .where(
        receipt.c.amount > 0,
        receipt.c.seller_id == _v.responsible_id,
        receipt.c.tenant_id == _v.tenant_id,
        receipt.c.company_id == _v.company_id,
        receipt.c.client_id == any_(clients_of(_v)),
        receipt.c.currency == _v.currency,
        receipt.c.received_at > window_start(_v.room_id, _v.company_id, func.clock_timestamp()),
        or_(
            _seen_rooms.is_(None),
            func.coalesce(receipt.c.room_id, _v.room_id) == any_(_seen_rooms),
        ),
    )
    .scalar_subquery()
)
_views = (
    select(
        vip,
        client.c.large,
        client.c.do_not_call,
        client.c.room_ids.label("client_room_ids"),
        person.c.name,
        _receipts.label("receipts"),
    )
    .select_from(
        vip.outerjoin(
            client, and_(client.c.tenant_id == _v.tenant_id, client.c.id == _v.client_id)
        ).outerjoin(person, and_(person.c.tenant_id == _v.tenant_id, person.c.id == _v.client_id))
    )
    .where(_v.tenant_id == bindparam("tenant_id", type_=Uuid))
)


def _unless_null(name: str, type_: Any, condition: Callable[[Any], Any]) -> Any:
    """The condition on a parameter, or none where the parameter is null."""
    value = bindparam(name, type_=type_)
    return or_(value.is_(None), condition(value))


ONE = compiled(_views.where(_v.id == bindparam("vip_id", type_=Uuid)))
PAGE = compiled(
    _views.where(
        _v.responsible_id.is_not(None),
        _v.head_id.is_(None),
        _unless_null(
            "room_ids",
            ARRAY(Uuid),
            lambda room_ids: or_(
                _v.room_id == any_(room_ids),
                client.c.room_ids.op("&&")(bindparam("headed_rooms", type_=ARRAY(Uuid))),
            ),
        ),
        _unless_null("company_id", Uuid, lambda company_id: _v.company_id == company_id),
        _unless_null("employee_id", Uuid, lambda employee_id: _v.responsible_id == employee_id),
        _unless_null("after", Uuid, lambda after: _v.id > after),
    )
    .order_by(_v.id)
    .limit(bindparam("limit", type_=BigInteger))
)


@dataclass(frozen=True, slots=True)
class VipFilter:
    """What a list is narrowed by; None leaves open."""

    room_id: RoomId | None = None
    company_id: CompanyId | None = None
    employee_id: EmployeeId | None = None


async def view(tx: Tx, vip_id: VipId, caller: Caller) -> dict[str, Any]:
    """The VIP as it is now, with the receipts of rooms that the caller sees. Raises `NotFound`."""
    return _view(await _row(tx, vip_id, caller))


async def get_vip(tx: Tx, vip_id: VipId, caller: Caller) -> dict[str, Any]:
    """A VIP of the caller's rooms; a head's also where their room works the client. Raises
    `NotFound`.
    """
    row = await _row(tx, vip_id, caller)
    if caller.headed_rooms.isdisjoint(row["client_room_ids"] or ()):
        caller.require_room(row["room_id"], "VIP")
    return _view(row)


async def _row(tx: Tx, vip_id: VipId, caller: Caller) -> Row:
    row = await tx.row(ONE, vip_id=vip_id, seen_rooms=caller.rooms())
    if row is None:
        raise NotFound("VIP")
    return row


async def list_vips(
    tx: Tx, filters: VipFilter, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Held VIPs of the caller's rooms, in the order in which they were first claimed; a head's also
    those of clients whom a room that they head works.

    Raises `NotFound` for a room that is not the caller's, `Invalid` for a cursor not from here.
    """
    last = read_cursor(cursor, UUID)
    rows = await tx.rows(
        PAGE,
        room_ids=caller.rooms(filters.room_id),
        headed_rooms=_headed(caller, filters.room_id),
        seen_rooms=caller.rooms(),
        company_id=filters.company_id,
        employee_id=filters.employee_id,
        after=last[0] if last else None,
        limit=limit + 1,
    )
    end = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page([_view(row) for row in rows], limit, end)


def _headed(caller: Caller, room_id: RoomId | None) -> list[RoomId]:
    if room_id is None:
        return sorted(caller.headed_rooms)
    return [room_id] if caller.oversees(room_id) else []


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "version": row["version"],
        "client": {
            "id": row["client_id"],
            "name": row["name"] or "",
            "large": bool(row["large"]),
            "do_not_call": bool(row["do_not_call"]),
        },
        "company_id": row["company_id"],
        "room_id": row["room_id"],
        "responsible_id": row["responsible_id"],
        "kind": row["kind"],
        "receipts": MoneySum.build(amount=row["receipts"], currency=row["currency"]),
        "reset_due_at": row["reset_due_at"],
    }
