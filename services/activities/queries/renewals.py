"""Renewals as the API shows them: those that a room sees within its horizon, soonest first.

Whether one is seen follows from its day and the room settings at the moment of reading, so changed
settings need no rewriting. A page is the soonest of a run for each room and company, each read in
order from one index.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Subquery,
    Uuid,
    bindparam,
    func,
    select,
    true,
    tuple_,
)

from services.activities.domain import renewals as rules
from services.activities.domain.registering import OfferedProduct
from services.activities.domain.renewals import Renewal
from services.activities.queries.by_key import row_of_each
from services.activities.queries.listing import rooms_table
from services.activities.queries.renewal_rows import (
    CONTRACT,
    ROWS,
    company_day,
    horizon_days,
    with_room_settings,
)
from services.activities.storage.mapping import client_summary, plain
from services.activities.storage.registering import find_offered
from services.activities.storage.renewals import renewal_of
from services.activities.storage.tables.directory import company
from services.activities.storage.tables.renewals import renewal
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ProductId
from shared.paging import cursor_of, read_cursor
from shared.tenancy import Caller

View = dict[str, Any]
APPEARING_SHOWN = 50

_r, _k = renewal.c, CONTRACT.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_in_order = (_r.due_on, _r.id)


@dataclass(frozen=True, slots=True)
class RenewalFilters:
    """The filters of a list; None leaves one open. `responsible_id` is the contract's."""

    room_id: UUID | None = None
    company_id: UUID | None = None
    responsible_id: UUID | None = None
    contract_id: UUID | None = None


async def list_renewals(
    tx: Tx, filters: RenewalFilters, caller: Caller, limit: int, cursor: str | None
) -> View:
    """A page of the renewals that the caller's rooms see now, soonest first; of a contract all of
    its renewals, whatever became of them.
    """
    last = read_cursor(cursor, date.fromisoformat, UUID)
    rooms = caller.rooms(filters.room_id)
    values = {
        "rooms": rooms,
        "company_id": filters.company_id,
        "responsible_id": filters.responsible_id,
        "contract_id": filters.contract_id,
        "last_due_on": last[0] if last else None,
        "last_id": last[1] if last else None,
        "limit": limit + 1,
    }
    names = frozenset(name for name in ("company_id", "responsible_id") if values[name])
    statement = (
        _of_contract(names, rooms is not None, last is not None)
        if filters.contract_id
        else _visible(names, rooms is not None, last is not None)
    )
    rows = await tx.rows(statement, **values)
    end = rows[limit - 1] if len(rows) > limit else None
    next_cursor = cursor_of(end["due_on"].isoformat(), end["id"]) if end else None
    return {"items": await _views(tx, rows[:limit]), "next_cursor": next_cursor}


async def get_renewal(tx: Tx, renewal_id: UUID, caller: Caller) -> View:
    """One renewal. Raises `NotFound`, also for another room's."""
    row = await tx.row(_GET, renewal_id=renewal_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("renewal")
    return (await _views(tx, [row]))[0]


async def renewals_between(
    tx: Tx, room_id: UUID, company_id: UUID, horizon_days: int, beyond_days: int | None = None
) -> View:
    """The renewals of a company in a room that are due within `horizon_days`, but later than within
    `beyond_days`: which ones a longer horizon would show. How many, and the soonest of them.
    """
    values = {
        "room_id": room_id,
        "company_id": company_id,
        "horizon_days": horizon_days,
        "beyond_days": beyond_days,
    }
    count = await tx.row(_COUNT_BETWEEN, **values)
    rows = await tx.rows(_BETWEEN, **values, limit=APPEARING_SHOWN)
    assert count
    return {"count": count["count"], "items": await _views(tx, rows)}


_GET = compiled(
    ROWS.where(_r.tenant_id == _tenant_id, _r.id == bindparam("renewal_id", type_=Uuid))
)
_days_ahead = (
    select((company_day() + bindparam("horizon_days", type_=Integer)).label("until"))
    .add_columns((company_day() + bindparam("beyond_days", type_=Integer)).label("beyond"))
    .where(company.c.tenant_id == _tenant_id, company.c.id == bindparam("company_id", type_=Uuid))
    .subquery("ahead")
)
_between = (
    _r.tenant_id == _tenant_id,
    _r.room_id == bindparam("room_id", type_=Uuid),
    _r.company_id == bindparam("company_id", type_=Uuid),
    _r.status == "scheduled",
    _r.due_on <= select(_days_ahead.c.until).scalar_subquery(),
    _r.due_on
    > func.coalesce(select(_days_ahead.c.beyond).scalar_subquery(), func.date("-infinity")),
)
_COUNT_BETWEEN = compiled(select(func.count().label("count")).select_from(renewal).where(*_between))
_BETWEEN = compiled(ROWS.where(*_between).order_by(*_in_order).limit(_limit))


@lru_cache(maxsize=16)
def _visible(names: frozenset[str], in_rooms: bool, resumed: bool) -> Statement:
    rooms = rooms_table(in_rooms)
    places = select(
        rooms.c.id.label("room_id"),
        company.c.id.label("company_id"),
        (company_day() + horizon_days()).label("until"),
    ).select_from(with_room_settings(rooms.join(company, true()), rooms.c.id))
    places = places.where(company.c.tenant_id == _tenant_id)
    if "company_id" in names:
        places = places.where(company.c.id == bindparam("company_id", type_=Uuid))
    place = places.subquery("place")
    run = _narrowed(names - {"company_id"}, resumed).where(
        _r.room_id == place.c.room_id,
        _r.company_id == place.c.company_id,
        _r.status == "scheduled",
        _r.due_on <= place.c.until,
    )
    soonest = run.correlate(place).lateral("soonest")
    keys = (
        select(soonest.c.id)
        .select_from(place.join(soonest, true()))
        .order_by(soonest.c.due_on, soonest.c.id)
        .limit(_limit)
        .subquery("keys")
    )
    return _rows_of(keys)


@lru_cache(maxsize=16)
def _of_contract(names: frozenset[str], in_rooms: bool, resumed: bool) -> Statement:
    keys = _narrowed(names, resumed).where(_r.contract_id == bindparam("contract_id", type_=Uuid))
    if in_rooms:
        keys = keys.where(_r.room_id.in_(select(rooms_table(True).c.id)))
    return _rows_of(keys.subquery("keys"))


def _rows_of(keys: Subquery) -> Statement:
    shown = row_of_each(keys, ROWS.where(_r.tenant_id == _tenant_id, _r.id == keys.c.id))
    soonest = (shown.c.due_on, shown.c.id)
    return compiled(select(*shown.c).select_from(keys.join(shown, true())).order_by(*soonest))


def _narrowed(names: Collection[str], resumed: bool) -> Any:
    keys = select(_r.id, _r.due_on).where(_r.tenant_id == _tenant_id)
    if "company_id" in names:
        keys = keys.where(_r.company_id == bindparam("company_id", type_=Uuid))
    if "responsible_id" in names:
        keys = keys.where(
            _k.tenant_id == _r.tenant_id,
            _k.id == _r.contract_id,
            _k.responsible_id == bindparam("responsible_id", type_=Uuid),
        )
    if resumed:
        last = tuple_(bindparam("last_due_on", type_=Date), bindparam("last_id", type_=Uuid))
        keys = keys.where(tuple_(_r.due_on, _r.id) > last)
    return keys.order_by(*_in_order).limit(_limit)


async def _views(tx: Tx, rows: Sequence[Row]) -> list[View]:
    """The `RenewalView` of each row, with products and prices as the directory has them now."""
    found = [(row, renewal_of(row, row["client_id"])) for row in rows]
    product_ids = {line.product_id for _, stored in found for line in stored.products}
    offered = await find_offered(tx, sorted(product_ids)) if product_ids else {}
    return [_view(row, stored, offered) for row, stored in found]


def _view(row: Row, stored: Renewal, offered: Mapping[ProductId, OfferedProduct]) -> View:
    lines, dropped = rules.followed_lines(stored.products, offered)
    following = {**plain(stored), "products": [_line(line, offered, dropped) for line in lines]}
    amounts = [line.amount.amount for line in lines]
    amount = {"amount": f"{sum(amounts):.2f}", "currency": lines[0].price.currency}
    return {
        **{name: following[name] for name in _SAME_NAME},
        "overdue": row["due_on"] < row["today"],
        "visible": row["status"] == "scheduled" and row["due_on"] <= row["until"],
        "room": _named(row, "room"),
        "company": _named(row, "company"),
        "client": client_summary(row),
        "source": _named(row, "source"),
        "responsible": _named(row, "responsible"),
        "amount": amount,
        "dropped_products": [str(product_id) for product_id in dropped],
        "created_at": row["created_at"],
    }


_SAME_NAME = (
    "id",
    "version",
    "contract_id",
    "company_id",
    "room_id",
    "term_months",
    "number",
    "due_on",
    "products",
    "status",
    "activity_id",
    "note",
    "withdrawal",
    "withdrawn_by",
    "withdrawn_reason",
)


def _named(row: Row, noun: str) -> View | None:
    """The id and name of something, None where it is nobody."""
    id_ = row[f"{noun}_id"]
    return {"id": str(id_), "name": row[f"{noun}_name"]} if id_ else None


def _line(line: Any, offered: Mapping[ProductId, OfferedProduct], dropped: Collection[Any]) -> View:
    product = offered.get(line.product_id)
    return {
        "product_id": str(line.product_id),
        "name": product.name if product else "",
        "category": line.category,
        "quantity": line.quantity,
        "price": plain(line.price),
        "amount": plain(line.amount),
        "delivered": line.delivered,
        "term_months": line.term_months,
        "sold": line.product_id not in dropped,
    }
