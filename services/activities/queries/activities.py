"""Lists of activities, and one activity whole."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, func, select, text, true

from services.activities import events as published
from services.activities.domain.activity import Activity
from services.activities.queries.by_name import rows_by_name
from services.activities.queries.listing import ROWS, Filters, places, statement_of
from services.activities.storage.mapping import activity_of
from services.activities.storage.tables import activity, activity_entry
from shared.db import Statement, Tx, compiled
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.paging import cursor_of, moment, page, read_cursor
from shared.tenancy import Caller

_a, _e = activity.c, activity_entry.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)

_activity_id = bindparam("activity_id", type_=Uuid)
_entries = (
    select(_e.at, _e.who, _e.what, _e.note, _e.details)
    .where(_e.tenant_id == _tenant_id, _e.activity_id == _activity_id)
    .order_by(_e.version)
    .limit(1000)
    .subquery("entry")
)
_timeline = (
    select(func.coalesce(func.json_agg(_entries.table_valued()), text("'[]'")))
    .scalar_subquery()
    .label("timeline")
)
# In one trip: the timeline comes along as JSON, which is how it is shown.
ONE = compiled(ROWS.add_columns(_timeline).where(_a.tenant_id == _tenant_id, _a.id == _activity_id))


@lru_cache(maxsize=4)
def _pool(by_company: bool, in_rooms: bool) -> Statement:
    """Oldest first: ids are in the order of registration.

    A run of each room, then the oldest of them all: see `listing`.
    """
    place = places(in_rooms)
    run = select(_a.id).where(
        _a.tenant_id == _tenant_id, _a.status == "free", _a.id > bindparam("after", type_=Uuid)
    )
    if by_company:
        run = run.where(_a.company_id == bindparam("company_id", type_=Uuid))
    each = (
        run.where(_a.room_id == place.c.id)
        .order_by(_a.id)
        .limit(_limit)
        .correlate(place)
        .lateral("each")
    )
    found = (
        select(each.c.id)
        .select_from(place.join(each, true()))
        .order_by(each.c.id)
        .limit(_limit)
        .subquery("found")
    )
    return compiled(ROWS.where(_a.tenant_id == _tenant_id, _a.id == found.c.id).order_by(_a.id))


async def listing(
    tx: Tx, filters: Filters, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the activities of the caller's rooms."""
    last = read_cursor(cursor, moment, UUID)
    rows = (await _rows(tx, filters, caller.rooms(filters.room_id), limit, last))[: limit + 1]
    end = rows[limit - 1] if len(rows) > limit else None
    return page(
        [_view(tx, row) for row in rows],
        limit,
        cursor_of(end["progress_at"].isoformat(), end["id"]) if end else None,
    )


async def _rows(
    tx: Tx, filters: Filters, rooms: list[UUID] | None, limit: int, last: list[Any] | None
) -> list[Any]:
    asked = partial(statement_of, filters, rooms, limit, last)
    if filters.q:
        return await rows_by_name(
            tx,
            filters.q,
            limit + 1,
            lambda window: asked(window=window),
            lambda these: asked(named=these),
        )
    statement, values = asked()
    return await tx.rows(statement, **values)


async def pool(
    tx: Tx,
    room_id: UUID | None,
    company_id: UUID | None,
    caller: Caller,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """A page of what is free in the caller's rooms."""
    last = read_cursor(cursor, UUID)
    rooms = caller.rooms(room_id)
    values = {
        "rooms": rooms,
        "company_id": company_id,
        "after": last[0] if last else UUID(int=0),
        "limit": limit + 1,
    }
    rows = await tx.rows(_pool(company_id is not None, rooms is not None), **values)
    return page(
        [_view(tx, row) for row in rows],
        limit,
        cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None,
    )


async def whole(tx: Tx, activity_id: ActivityId, caller: Caller) -> dict[str, Any]:
    """One activity with its timeline and chain. Raises `NotFound`, also for another room's."""
    row = await tx.row(ONE, activity_id=activity_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("activity")
    entries, trade = row["timeline"], row["trade"]
    taken = [
        {"at": each["at"], **each["details"]}
        for each in entries
        if each["what"] == "activity.taken"
    ]
    return {
        **_view(tx, row),
        "timeline": [
            {
                "at": each["at"],
                "who": each["who"],
                "what": each["what"],
                "note": each["note"],
                **each["details"],
            }
            for each in entries
        ],
        "responsibles": [
            {"employee_id": each["responsible"], "since": each["at"], "how": each["how"]}
            for each in taken
        ],
        "invoices": trade["invoices"],
        "payments": trade["payments"],
        "refunds": trade["refunds"],
        "shipments": trade["shipments"],
        "documents": trade["documents"],
    }


def _view(tx: Tx, row: Mapping[str, Any]) -> dict[str, Any]:
    tx.at(row["now"])
    found: Activity = activity_of(row)
    return published.view(
        found,
        {"id": str(row["client_id"]), "name": row["client_name"], "large": row["client_large"]},
        tx,
    )
