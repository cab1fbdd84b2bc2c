"""The six numbers of a company in a room, and the history of their changes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.room_settings import RoomSettings
from services.activities.storage.mapping import options_of, stored_settings
from services.activities.storage.tables.settings import (
    ROOM_SETTINGS,
    room_settings,
    room_settings_change,
)
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import EmployeeId

_s = room_settings.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_room_id = bindparam("room_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_is_it = and_(_s.tenant_id == _tenant_id, _s.room_id == _room_id, _s.company_id == _company_id)

_FIND = compiled(select(room_settings).where(_is_it))
_LOCK = compiled(select(room_settings).where(_is_it).with_for_update())
_SET_COLUMNS = (*ROOM_SETTINGS, "reset_notices", "options")
_new = upsert(room_settings).values(
    tenant_id=_tenant_id,
    room_id=_room_id,
    company_id=_company_id,
    version=literal(1),
    **{name: bindparam(name, type_=_s[name].type) for name in _SET_COLUMNS},
)
_SET = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "room_id", "company_id"],
        set_={"version": _s.version + 1, **{name: _new.excluded[name] for name in _SET_COLUMNS}},
    ).returning(room_settings)
)
_h = room_settings_change.c
_FIND_CHANGE = compiled(
    select(room_settings_change).where(
        _h.tenant_id == _tenant_id,
        _h.room_id == _room_id,
        _h.company_id == _company_id,
        _h.version == bindparam("version", type_=_h.version.type),
    )
)
_new_zone = func.to_jsonb(bindparam("time_zone", type_=Text))
_MOVE_ZONE = compiled(
    update(room_settings)
    .where(
        _s.tenant_id == _tenant_id,
        _s.company_id == _company_id,
        _s.options["working_days"].as_boolean(),
    )
    .values(options=func.jsonb_set(_s.options, literal_column("'{time_zone}'"), _new_zone))
    .returning(_s.room_id)
)
_RECORD_CHANGE = compiled(
    insert(room_settings_change).values(
        tenant_id=_tenant_id,
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in room_settings_change.c
            if column.name != "tenant_id"
        },
    )
)


async def find_change(tx: Tx, room_id: UUID, company_id: UUID, version: int) -> Row | None:
    """The change that made a version."""
    return await tx.row(_FIND_CHANGE, room_id=room_id, company_id=company_id, version=version)


async def find(tx: Tx, room_id: UUID, company_id: UUID) -> Row | None:
    """The row, None where the company has set nothing yet."""
    return await tx.row(_FIND, room_id=room_id, company_id=company_id)


async def lock(tx: Tx, room_id: UUID, company_id: UUID) -> Row | None:
    """As `find`, locked until the transaction ends."""
    return await tx.row(_LOCK, room_id=room_id, company_id=company_id)


async def save(tx: Tx, room_id: UUID, company_id: UUID, settings: RoomSettings) -> Row:
    """Writes the settings and options, one version later."""
    values = stored_settings(settings)
    row = await tx.row(_SET, room_id=room_id, company_id=company_id, **values)
    assert row
    return row


async def follow_time_zone(tx: Tx, company_id: UUID, time_zone: str) -> list[UUID]:
    """Puts the company's rooms with working days into its new time zone; which they are."""
    rows = await tx.rows(_MOVE_ZONE, company_id=company_id, time_zone=time_zone)
    return [row["room_id"] for row in rows]


async def record_change(tx: Tx, before: Row | None, after: Row, changed_by: EmployeeId) -> None:
    """Adds to the history who changed the settings or the options, from what to what."""
    stored = (before["options"] if before else None), after["options"]
    options = dict(zip(("before", "after"), map(_plain_options, stored), strict=True))
    await tx.rows(
        _RECORD_CHANGE,
        room_id=after["room_id"],
        company_id=after["company_id"],
        version=after["version"],
        changed_at=tx.now,
        changed_by=changed_by,
        before=numbers_of(before) if before else None,
        after=numbers_of(after),
        options=options if options["before"] != options["after"] else None,
    )


def _plain_options(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    return asdict(options_of(stored))


def numbers_of(row: Row) -> dict[str, int]:
    """The six numbers in a row."""
    return {name: row[name] for name in ROOM_SETTINGS}
