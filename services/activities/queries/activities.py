"""Lists of activities, the pool, and one activity with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select, true

from services.activities.queries import timeline
from services.activities.queries.activity_view import View, chain_of, view_of_row
from services.activities.queries.by_invoice import find_invoiced
from services.activities.queries.by_name import rows_by_name
from services.activities.queries.custom_filter import read_filter
from services.activities.queries.examining import EXAMINING, Order, page_rows
from services.activities.queries.listing import (
    ROWS,
    Filters,
    activity_of_each,
    of_activities,
    rooms_table,
    statement_of,
)
from services.activities.queries.names import names_in
from services.activities.queries.responsibles import responsibles_of
from services.activities.storage.mapping import activity_of
from services.activities.storage.tables.activities import activity
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.paging import cursor_of, moment, page, read_cursor
from shared.tenancy import Caller

_a = activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_activity_id = bindparam("activity_id", type_=Uuid)
# In one trip: the timeline comes along.
_GET = compiled(
    ROWS.add_columns(*timeline.COLUMNS).where(_a.tenant_id == _tenant_id, _a.id == _activity_id)
)


async def list_activities(
    tx: Tx,
    filters: Filters,
    caller: Caller,
    limit: int,
    cursor: str | None,
    order: Order = "progress",
    custom: Sequence[str] = (),
) -> View:
    """A page of the activities of the caller's rooms, newest progress or newest created first.

    Filters that no index serves make short pages: see `examining`. `custom`, what a company keeps
    of the client, as `read_filter` has it.
    """
    if custom:
        filters = replace(filters, custom=await read_filter(tx, custom, caller))
    if order == "created" or filters.set_values().keys() & EXAMINING:
        rooms = caller.rooms(filters.room_id)
        rows, next_cursor = await page_rows(
            tx, filters, rooms, order, limit, cursor, caller.rooms()
        )
        items = [view_of_row(tx, row) for row in rows]
        return {"items": items, "next_cursor": next_cursor, "names": await names_in(tx, rows)}
    rows = (await _rows(tx, filters, caller, limit, cursor))[: limit + 1]
    end = rows[limit - 1] if len(rows) > limit else None
    shown = page(
        [view_of_row(tx, row) for row in rows],
        limit,
        cursor_of(end["progress_at"].isoformat(), end["id"]) if end else None,
    )
    return {**shown, "names": await names_in(tx, rows[:limit])}


async def _rows(
    tx: Tx, filters: Filters, caller: Caller, limit: int, cursor: str | None
) -> list[Row]:
    rooms, seen_rooms = caller.rooms(filters.room_id), caller.rooms()
    last = read_cursor(cursor, moment, UUID)
    statement = partial(statement_of, filters, rooms, limit, last, seen_rooms=seen_rooms)
    if not filters.q:
        sql, values = statement()
        return await tx.rows(sql, **values)
    rows = await rows_by_name(
        tx,
        filters.q,
        limit + 1,
        seen_rooms,
        lambda window: statement(window=window),
        lambda client_ids: statement(client_ids=client_ids),
    )
    activity_ids = await find_invoiced(tx, filters.q, rooms)
    if not activity_ids:
        return rows
    sql, values = of_activities(filters, rooms, last, activity_ids)
    by_id = {row["id"]: row for row in (*rows, *await tx.rows(sql, **values))}
    return sorted(by_id.values(), key=lambda row: (row["progress_at"], row["id"]), reverse=True)


async def list_pool(
    tx: Tx,
    room_id: UUID | None,
    company_id: UUID | None,
    caller: Caller,
    limit: int,
    cursor: str | None,
    with_names: bool = False,
) -> View:
    """A page of the free activities of the caller's rooms, oldest first; beside the names of what
    they mention if asked for.
    """
    last = read_cursor(cursor, UUID)
    rooms = caller.rooms(room_id)
    values = {
        "rooms": rooms,
        "company_id": company_id,
        "after": last[0] if last else UUID(int=0),
        "limit": limit + 1,
    }
    rows = await tx.rows(_pool(company_id is not None, rooms is not None), **values)
    shown = page(
        [view_of_row(tx, row) for row in rows],
        limit,
        cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None,
    )
    return {**shown, "names": await names_in(tx, rows[:limit])} if with_names else shown


@lru_cache(maxsize=4)
def _pool(by_company: bool, in_rooms: bool) -> Statement:
    """Oldest first: ids are in the order of registration.

    A run of each room, then the oldest of them all: see `listing`.
    """
    rooms = rooms_table(in_rooms)
    run = select(_a.id).where(
        _a.tenant_id == _tenant_id, _a.status == "free", _a.id > bindparam("after", type_=Uuid)
    )
    if by_company:
        run = run.where(_a.company_id == bindparam("company_id", type_=Uuid))
    oldest = (
        run.where(_a.room_id == rooms.c.id)
        .order_by(_a.id)
        .limit(_limit)
        .correlate(rooms)
        .lateral("oldest")
    )
    keys = (
        select(oldest.c.id)
        .select_from(rooms.join(oldest, true()))
        .order_by(oldest.c.id)
        .limit(_limit)
        .subquery("keys")
    )
    shown = activity_of_each(keys)
    return compiled(select(*shown.c).select_from(keys.join(shown, true())).order_by(shown.c.id))


async def get_activity(tx: Tx, activity_id: ActivityId, caller: Caller) -> View:
    """One activity with its newest timeline and chain. Raises `NotFound`, also for another
    room's.
    """
    row = await tx.row(_GET, activity_id=activity_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("activity")
    return {
        **view_of_row(tx, row),
        **chain_of(activity_of(row), tx.now),
        **timeline.first_page(activity_id, row["timeline"]),
        "responsibles": responsibles_of(reversed(row["responsibility"])),
    }
