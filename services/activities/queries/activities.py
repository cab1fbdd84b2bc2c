"""Lists of activities, and one activity whole."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, and_, bindparam, func, select, text, tuple_

from services.activities import facts
from services.activities.domain.activity import Activity
from services.activities.storage.rows import activity_of
from services.activities.storage.tables import activity, activity_entry, client
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.paging import cursor_of, moment, page, read_cursor
from shared.tenancy import Caller

_a, _c, _e = activity.c, client.c, activity_entry.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_rows = select(activity, _c.name.label("client_name"), _c.large.label("client_large"), func.clock_timestamp().label("now")).select_from(
    activity.join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id))
)
_rooms = _a.room_id == func.any(bindparam("rooms", type_=ARRAY(Uuid)))
_limit = bindparam("limit", type_=BigInteger)

_activity_id = bindparam("activity_id", type_=Uuid)
_entries = (
    select(_e.at, _e.who, _e.what, _e.note, _e.details)
    .where(_e.tenant_id == _tenant_id, _e.activity_id == _activity_id)
    .order_by(_e.version)
    .limit(1000)
    .subquery("entry")
)
_timeline = select(func.coalesce(func.json_agg(_entries.table_valued()), text("'[]'"))).scalar_subquery().label("timeline")
# In one trip: the timeline comes along as JSON, which is how it is shown.
ONE = compiled(_rows.add_columns(_timeline).where(_a.tenant_id == _tenant_id, _a.id == _activity_id))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed by; None leaves open."""

    room_id: UUID | None = None
    company_id: UUID | None = None
    status: str | None = None
    stage: str | None = None
    responsible_id: UUID | None = None
    client_id: UUID | None = None
    q: str | None = None

    def given(self) -> dict[str, Any]:
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


@lru_cache(maxsize=512)
def _listing(names: frozenset[str], in_rooms: bool, resumed: bool) -> Statement:
    """Newest progress first."""
    wanted = _rows.where(_a.tenant_id == _tenant_id).order_by(_a.progress_at.desc(), _a.id.desc()).limit(_limit)
    for name in sorted(names - {"q", "room_id"}):
        wanted = wanted.where(_a[name] == bindparam(name, type_=_a[name].type))
    if "q" in names:
        wanted = wanted.where(_c.name.ilike(bindparam("q", type_=Text)))
    if in_rooms:
        wanted = wanted.where(_rooms)
    if resumed:
        last = tuple_(bindparam("last_progress", type_=Moment), bindparam("last_id", type_=Uuid))
        wanted = wanted.where(tuple_(_a.progress_at, _a.id) < last)
    return compiled(wanted)


@lru_cache(maxsize=8)
def _pool(by_company: bool, in_rooms: bool) -> Statement:
    """Oldest first: ids are in the order of registration."""
    free = _rows.where(_a.tenant_id == _tenant_id, _a.status == "free", _a.id > bindparam("after", type_=Uuid)).order_by(_a.id)
    if in_rooms:
        free = free.where(_rooms)
    if by_company:
        free = free.where(_a.company_id == bindparam("company_id", type_=Uuid))
    return compiled(free.limit(_limit))


async def listing(tx: Tx, filters: Filters, caller: Caller, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the activities of the caller's rooms."""
    rooms = caller.rooms(filters.room_id)
    last = read_cursor(cursor, moment, UUID)
    values = filters.given()
    if "q" in values:
        values["q"] = contains(values["q"])
    if last:
        values |= {"last_progress": last[0], "last_id": last[1]}
    rows = await tx.rows(_listing(frozenset(filters.given()), rooms is not None, last is not None), rooms=rooms, limit=limit + 1, **values)
    end = rows[limit - 1] if len(rows) > limit else None
    return page([_view(tx, row) for row in rows], limit, cursor_of(end["progress_at"].isoformat(), end["id"]) if end else None)


async def pool(tx: Tx, room_id: UUID | None, company_id: UUID | None, caller: Caller, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what is free in the caller's rooms."""
    last = read_cursor(cursor, UUID)
    rooms = caller.rooms(room_id)
    values = {"rooms": rooms, "company_id": company_id, "after": last[0] if last else UUID(int=0), "limit": limit + 1}
    rows = await tx.rows(_pool(company_id is not None, rooms is not None), **values)
    return page([_view(tx, row) for row in rows], limit, cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None)


async def whole(tx: Tx, activity_id: ActivityId, caller: Caller) -> dict[str, Any]:
    """One activity with its timeline and chain. Raises `NotFound`, also for another room's."""
    row = await tx.row(ONE, activity_id=activity_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("activity")
    entries, trade = row["timeline"], row["trade"]
    taken = [{"at": each["at"], **each["details"]} for each in entries if each["what"] == "activity.taken"]
    return {
        **_view(tx, row),
        "timeline": [
            {"at": each["at"], "who": each["who"], "what": each["what"], "note": each["note"], **each["details"]} for each in entries
        ],
        "responsibles": [{"employee_id": each["responsible"], "since": each["at"], "how": each["how"]} for each in taken],
        "invoices": trade["invoices"],
        "payments": trade["payments"],
        "refunds": trade["refunds"],
        "shipments": trade["shipments"],
        "documents": trade["documents"],
    }


def contains(words: str) -> str:
    """A LIKE pattern for text that contains `words` as they are."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _view(tx: Tx, row: Mapping[str, Any]) -> dict[str, Any]:
    tx.at(row["now"])
    found: Activity = activity_of(row)
    return facts.view(found, {"id": str(row["client_id"]), "name": row["client_name"], "large": row["client_large"]}, tx)
