"""What sources cost: lists, every version, and many at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Date,
    Text,
    Uuid,
    bindparam,
    cast,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_once

from services.activities.domain.cost_file import Names
from services.activities.storage.mapping import plain
from services.activities.storage.tables.directory import company, room, source
from services.activities.storage.tables.source_costs import source_cost, source_cost_version
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import EmployeeId

_c, _v = source_cost.c, source_cost_version.c
_tenant_id, _now = bindparam("tenant_id", type_=Uuid), bindparam("now", type_=Moment)
_since, _until = bindparam("since", type_=Date), bindparam("until", type_=Date)
VALUES = ("source_id", "company_id", "room_id", "first_on", "last_on", "amount", "currency", "note")
"""What somebody enters of a cost, by column."""
_STATE = (*VALUES, "removed")

_PAGE = compiled(
    select(source_cost)
    .where(
        _c.tenant_id == _tenant_id,
        _c.source_id == bindparam("source_id", type_=Uuid),
        _c.id > bindparam("after", type_=Uuid),
        or_(_since.is_(None), _c.last_on >= _since),
        or_(_until.is_(None), _c.first_on <= _until),
        ~_c.removed,
    )
    .order_by(_c.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_VERSIONS = compiled(
    select(_v.version, _v.at, _v.by, _v.state)
    .where(_v.tenant_id == _tenant_id, _v.cost_id == bindparam("cost_id", type_=Uuid))
    .order_by(_v.version)
)
_versions = BulkRows("version", {"cost_id": Uuid(), "version": BigInteger(), "state": Text()})
_KEEP_VERSIONS = compiled(
    insert(source_cost_version).from_select(
        ["tenant_id", "cost_id", "version", "at", "by", "state"],
        select(
            _tenant_id,
            _versions.c.cost_id,
            _versions.c.version,
            _now,
            bindparam("by", type_=Uuid),
            cast(_versions.c.state, JSONB),
        ),
    )
)
_new = BulkRows("new", {name: _c[name].type for name in ("id", *VALUES)})
_ADD_MISSING = compiled(
    insert_once(source_cost)
    .from_select(
        ["tenant_id", "version", "created_at", "changed_at", "id", *VALUES],
        select(_tenant_id, literal(1), _now, _now, *_new.c),
    )
    .on_conflict_do_nothing()
    .returning(source_cost)
)

_s, _co, _r = source.c, company.c, room.c
_NO_CAMPAIGN = null().label("campaign")
_NAMES = compiled(
    union_all(
        select(literal_column("'sources'").label("kind"), _s.id, _s.name, _s.campaign).where(
            _s.tenant_id == _tenant_id
        ),
        select(literal_column("'companies'"), _co.id, _co.name, _NO_CAMPAIGN).where(
            _co.tenant_id == _tenant_id
        ),
        select(literal_column("'rooms'"), _r.id, _r.name, _NO_CAMPAIGN).where(
            _r.tenant_id == _tenant_id
        ),
    )
)


async def names(tx: Tx) -> Names:
    """What a file may call sources, companies and rooms: by id, by name, and sources by name and
    campaign, divided by a tab.
    """
    ids: dict[str, dict[str, list[UUID]]] = {"sources": {}, "companies": {}, "rooms": {}}
    for row in await tx.rows(_NAMES):
        spellings = {str(row["id"]), row["name"].casefold()}
        if row["campaign"]:
            spellings.add(f"{row['name']}\t{row['campaign']}".casefold())
        for spelling in spellings:
            ids[row["kind"]].setdefault(spelling, []).append(row["id"])
    return Names(**ids)


async def page_of_source(
    tx: Tx, source_id: UUID, since: date | None, until: date | None, after: UUID, limit: int
) -> list[Row]:
    """Up to `limit` costs of a source by id after `after`, those that touch the days alone."""
    values = {"source_id": source_id, "since": since, "until": until}
    return await tx.rows(_PAGE, **values, after=after, limit=limit)


async def versions_of(tx: Tx, cost_id: UUID) -> list[Row]:
    """Every version of a cost, the oldest first."""
    return await tx.rows(_VERSIONS, cost_id=cost_id)


async def keep_versions(tx: Tx, rows: Sequence[Row], by: EmployeeId) -> None:
    """Keeps how costs are now, for ever."""
    kept = (
        {
            "cost_id": row["id"],
            "version": row["version"],
            "state": orjson.dumps({name: plain(row[name]) for name in _STATE}).decode(),
        }
        for row in rows
    )
    await tx.rows(_KEEP_VERSIONS, now=tx.now, by=by, **_versions.of(kept))


async def add_missing(tx: Tx, costs: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Writes those of `costs` whose ids are not there yet; gives their rows."""
    return await tx.rows(_ADD_MISSING, now=tx.now, **_new.of(costs))
