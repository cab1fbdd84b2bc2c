"""Statements on what notifications follow: activities, what people have before them, and the zones
and limits by which they are told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, Integer, Text, Uuid, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.domain.agenda import Entry, Place, Stored, Workload
from services.gateway.storage.notification_tables import (
    AGENDA,
    FOLLOWED_ACTIVITY,
    ROOM_ESCALATION,
    ZONE,
)
from shared.db import Tx, compiled
from shared.db.bulk import BulkRows
from shared.db.tables import Moment

_tenant = bindparam("tenant_id", type_=Uuid)
_ids = bindparam("ids", type_=ARRAY(Uuid))


def _versioned(table: Any, columns: Mapping[str, Any], key: Collection[str]) -> tuple[Any, Any]:
    """Rows of `table`, and the statement that stores them unless later ones are there."""
    rows = BulkRows("item", columns)
    new = insert(table).from_select(["tenant_id", *columns], select(_tenant, *rows.c))
    statement = new.on_conflict_do_update(
        index_elements=["tenant_id", *key],
        set_={name: new.excluded[name] for name in columns if name not in key},
        where=table.c.version < new.excluded.version,
    )
    return rows, compiled(statement)


_FOLLOWED_ROWS, _FOLLOW = _versioned(
    FOLLOWED_ACTIVITY,
    {
        "activity_id": Uuid(),
        "version": BigInteger(),
        "room_id": Uuid(),
        "company_id": Uuid(),
        "status": Text(),
        "responsible_id": Uuid(),
    },
    ["activity_id"],
)
_ZONE_ROWS, _STORE_ZONES = _versioned(
    ZONE, {"place_id": Uuid(), "version": BigInteger(), "time_zone": Text()}, ["place_id"]
)
_ESCALATION_ROWS, _STORE_ESCALATIONS = _versioned(
    ROOM_ESCALATION,
    {"room_id": Uuid(), "company_id": Uuid(), "version": BigInteger(), "minutes": Integer()},
    ["room_id", "company_id"],
)
_f = FOLLOWED_ACTIVITY.c
_FOLLOWED = compiled(
    select(FOLLOWED_ACTIVITY).where(_f.tenant_id == _tenant, _f.activity_id == any_(_ids))
)
_OF_ACTIVITIES = compiled(
    select(AGENDA).where(AGENDA.c.tenant_id == _tenant, AGENDA.c.activity_id == any_(_ids))
)
_ENTRY_COLUMNS: Mapping[str, Any] = {
    "employee_id": Uuid(),
    "kind": Text(),
    "subject_id": Uuid(),
    "activity_id": Uuid(),
    "room_id": Uuid(),
    "company_id": Uuid(),
    "version": BigInteger(),
    "at": Moment,
    "on_day": Date(),
}
_ENTRIES = BulkRows("entry", _ENTRY_COLUMNS)
_changed_at = bindparam("changed_at", type_=Moment)
_new_entries = insert(AGENDA).from_select(
    ["tenant_id", "changed_at", *_ENTRY_COLUMNS], select(_tenant, _changed_at, *_ENTRIES.c)
)
_PLACE = ("employee_id", "kind", "subject_id")
_WRITE = compiled(
    _new_entries.on_conflict_do_update(
        index_elements=["tenant_id", *_PLACE],
        set_={
            **{
                name: _new_entries.excluded[name]
                for name in ("changed_at", *_ENTRY_COLUMNS)
                if name not in _PLACE
            },
            "cancelled_at": None,
        },
    )
)
_PLACES = BulkRows(
    "place",
    {"employee_id": Uuid(), "kind": Text(), "subject_id": Uuid(), "version": BigInteger()},
)
_CANCEL = compiled(
    update(AGENDA)
    .where(
        AGENDA.c.tenant_id == bindparam("of_tenant", type_=Uuid),
        AGENDA.c.employee_id == _PLACES.c.employee_id,
        AGENDA.c.kind == _PLACES.c.kind,
        AGENDA.c.subject_id == _PLACES.c.subject_id,
    )
    .values(
        version=_PLACES.c.version,
        cancelled_at=bindparam("now", type_=Moment),
        changed_at=bindparam("now", type_=Moment),
    )
)
_ZONES = compiled(select(ZONE.c.place_id, ZONE.c.time_zone).where(ZONE.c.tenant_id == _tenant))
_ESCALATIONS = compiled(select(ROOM_ESCALATION).where(ROOM_ESCALATION.c.tenant_id == _tenant))


async def find_followed(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Activities as they were last followed, by id."""
    rows = await tx.rows(_FOLLOWED, ids=list(ids))
    return {row["activity_id"]: row for row in rows}


async def follow(tx: Tx, activities: Iterable[Workload]) -> None:
    """Stores the state of activities; one that a later version has overtaken changes nothing."""
    rows = [
        {name: getattr(work, name) for name in ("activity_id", "version", "room_id")}
        | {name: getattr(work, name) for name in ("company_id", "status", "responsible_id")}
        for work in activities
    ]
    if rows:
        await tx.rows(_FOLLOW, **_FOLLOWED_ROWS.of(rows))


async def entries_of_activities(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[Stored]]:
    """What people have before them because of activities, by activity; cancelled entries too."""
    entries: dict[UUID, list[Stored]] = {}
    for row in await tx.rows(_OF_ACTIVITIES, ids=list(ids)):
        entries.setdefault(row["activity_id"], []).append(stored_of(row))
    return entries


def stored_of(row: Any) -> Stored:
    """A row of the agenda."""
    place = Place(row["employee_id"], row["kind"], row["subject_id"])
    entry = Entry(
        place, row["activity_id"], row["room_id"], row["company_id"], row["at"], row["on_day"]
    )
    return Stored(entry, row["version"], row["cancelled_at"] is not None)


async def write_entries(tx: Tx, entries: Sequence[tuple[Entry, int]]) -> None:
    """Writes entries, each with the version of its activity."""
    rows = [
        {
            **entry.place._asdict(),
            "activity_id": entry.activity_id,
            "room_id": entry.room_id,
            "company_id": entry.company_id,
            "version": version,
            "at": entry.at,
            "on_day": entry.on,
        }
        for entry, version in entries
    ]
    if rows:
        await tx.rows(_WRITE, changed_at=tx.now, **_ENTRIES.of(rows))


async def cancel_entries(tx: Tx, places: Sequence[tuple[Place, int]]) -> None:
    """Cancels entries, each by a version of its activity."""
    rows = [{**place._asdict(), "version": version} for place, version in places]
    if rows:
        await tx.rows(_CANCEL, of_tenant=tx.tenant_id, now=tx.now, **_PLACES.of(rows))


async def store_zones(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores the zones of the tenant and its companies."""
    if rows:
        await tx.rows(_STORE_ZONES, **_ZONE_ROWS.of(rows))


async def store_escalations(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores after how many minutes the heads of rooms are told."""
    if rows:
        await tx.rows(_STORE_ESCALATIONS, **_ESCALATION_ROWS.of(rows))


async def find_zones(tx: Tx) -> dict[UUID, str]:
    """The time zones of the tenant and its companies, by id."""
    return {row["place_id"]: row["time_zone"] for row in await tx.rows(_ZONES)}


async def find_escalations(tx: Tx) -> dict[tuple[UUID, UUID], int]:
    """After how many minutes heads are told, by room and company."""
    rows = await tx.rows(_ESCALATIONS)
    return {(row["room_id"], row["company_id"]): row["minutes"] for row in rows}
