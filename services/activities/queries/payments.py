"""Payments by state: what waits for confirmation, what counts, what was struck out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, and_, bindparam, select, true

from services.activities.queries.by_key import row_of_each
from services.activities.queries.listing import rooms_table
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, employee, room
from services.activities.storage.tables.money import payment
from shared.db import Statement, Tx, compiled
from shared.errors import Forbidden
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller
from shared.vocabulary import PaymentState

_p, _a, _c = payment.c, activity.c, client.c
_responsible, _recorder = employee.alias("responsible"), employee.alias("recorder")
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)


@dataclass(frozen=True, slots=True)
class PaymentFilters:
    """The payments that are listed; None is any."""

    state: PaymentState
    room_id: UUID | None = None
    company_id: UUID | None = None


async def list_payments(
    tx: Tx, filters: PaymentFilters, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the payments that the caller oversees, in the order of their ids.

    Raises `NotFound`, `Forbidden`, `Invalid` for a broken cursor.
    """
    last = read_cursor(cursor, UUID)
    rooms = _rooms(filters.room_id, caller)
    after = last[0] if last else UUID(int=0)
    statement, values = page_statement(filters, rooms, after, limit + 1)
    rows = await tx.rows(statement, **values)
    more = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page([_view(row) for row in rows], limit, more)


def page_statement(
    filters: PaymentFilters, rooms: Sequence[UUID] | None, after: UUID, limit: int
) -> tuple[Statement, dict[str, Any]]:
    """The statement that reads `limit` payments behind the id `after`, and its values but for the
    tenant.
    """
    values = {
        "state": filters.state,
        "company_id": filters.company_id,
        "rooms": rooms,
        "after": after,
        "limit": limit,
    }
    return _page(filters.company_id is not None, rooms is not None), values


def _rooms(room_id: UUID | None, caller: Caller) -> list[UUID] | None:
    """The rooms whose payments the caller sees; None for all of the tenant's."""
    if room_id is None:
        return None if caller.sees_every_room else sorted(caller.headed_rooms)
    caller.require_room(room_id)
    if not caller.sees_every_room and not caller.heads(room_id):
        raise Forbidden("head_of_room")
    return [room_id]


@lru_cache(maxsize=4)
def _page(of_company: bool, in_rooms: bool) -> Statement:
    """The oldest of a run of each room; of a company in all rooms, one run of its index."""
    run = select(_p.id).where(
        _p.tenant_id == _tenant_id,
        _p.state == bindparam("state", type_=Text),
        _p.id > bindparam("after", type_=Uuid),
    )
    if of_company:
        run = run.where(_p.company_id == bindparam("company_id", type_=Uuid))
    run = run.order_by(_p.id).limit(_limit)
    if not of_company or in_rooms:
        rooms = rooms_table(in_rooms)
        oldest = run.where(_p.room_id == rooms.c.id).correlate(rooms).lateral("oldest")
        run = (
            select(oldest.c.id)
            .select_from(rooms.join(oldest, true()))
            .order_by(oldest.c.id)
            .limit(_limit)
        )
    keys = run.subquery("keys")
    shown = row_of_each(keys, _ROWS.where(_p.tenant_id == _tenant_id, _p.id == keys.c.id))
    return compiled(select(*shown.c).select_from(keys.join(shown, true())).order_by(shown.c.id))


def _of(table: Any, id_: Any) -> Any:
    return and_(table.c.tenant_id == _p.tenant_id, table.c.id == id_)


_ROWS = select(
    payment,
    _a.client_id,
    _a.responsible_id,
    _a.status.label("activity_status"),
    _c.name.label("client_name"),
    company.c.name.label("company_name"),
    room.c.name.label("room_name"),
    _responsible.c.name.label("responsible_name"),
    _recorder.c.name.label("recorded_by_name"),
).select_from(
    payment.join(activity, _of(activity, _p.activity_id))
    .join(client, _of(client, _a.client_id))
    .join(company, _of(company, _p.company_id))
    .join(room, _of(room, _p.room_id))
    .outerjoin(_responsible, _of(_responsible, _a.responsible_id))
    .outerjoin(_recorder, _of(_recorder, _p.recorded_by))
)
_NAMED = ("client", "company", "room", "responsible", "recorded_by")
_AS_THEY_ARE = (
    "id",
    "activity_id",
    "activity_status",
    "state",
    "invoice_id",
    "paid_at",
    "paid_on",
    "recorded_at",
    "external_id",
)


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    amount = {"amount": f"{row['amount']:.2f}", "currency": row["currency"]}
    things = {name: _named(row, name) for name in _NAMED}
    return {name: row[name] for name in _AS_THEY_ARE} | {"amount": amount} | things


def _named(row: Mapping[str, Any], thing: str) -> dict[str, Any] | None:
    """A thing by id and name; an employee's name may be that of an API key, which has none."""
    id_ = row[thing] if thing == "recorded_by" else row[f"{thing}_id"]
    return {"id": id_, "name": row[f"{thing}_name"]} if id_ else None
