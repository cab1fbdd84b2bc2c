"""What a company's new rooms begin with, what heads may change, and the history of both."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.settings import (
    ROOM_SETTINGS,
    room_defaults,
    room_defaults_change,
)
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import EmployeeId

_d, _h = room_defaults.c, room_defaults_change.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_is_it = (_d.tenant_id == _tenant_id, _d.company_id == _company_id)
_CHOSEN = (*ROOM_SETTINGS, "heads_may_change")

_FIND = compiled(select(room_defaults).where(*_is_it))
_new = upsert(room_defaults).values(
    tenant_id=_tenant_id,
    company_id=_company_id,
    version=literal(1),
    **{name: bindparam(name, type_=_d[name].type) for name in _CHOSEN},
)
_SET = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "company_id"],
        set_={"version": _d.version + 1, **{name: _new.excluded[name] for name in _CHOSEN}},
    ).returning(room_defaults)
)
# The clock is read above the lock, as everywhere.
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(room_defaults).where(*_is_it).with_for_update().subquery("locked"),
    )
)
_RECORD_CHANGE = compiled(
    insert(room_defaults_change).values(
        tenant_id=_tenant_id,
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in room_defaults_change.c
            if column.name != "tenant_id"
        },
    )
)
_HISTORY = compiled(
    select(room_defaults_change)
    .where(
        _h.tenant_id == _tenant_id,
        _h.company_id == _company_id,
        _h.version < bindparam("before_version", type_=BigInteger),
    )
    .order_by(_h.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


async def find(tx: Tx, company_id: UUID) -> Row | None:
    """The row, None where the company has set nothing yet."""
    return await tx.row(_FIND, company_id=company_id)


async def lock(tx: Tx, company_id: UUID) -> Row | None:
    """As `find`, locked until the transaction ends."""
    return await tx.row(_LOCK, company_id=company_id)


async def save(
    tx: Tx, company_id: UUID, before: Row | None, chosen: Row, changed_by: EmployeeId
) -> Row:
    """Writes what the company has `chosen`, one version later, and who did so."""
    row = await tx.row(_SET, company_id=company_id, **chosen)
    assert row
    await tx.rows(
        _RECORD_CHANGE,
        company_id=company_id,
        version=row["version"],
        changed_at=tx.now,
        changed_by=changed_by,
        before=chosen_in(before) if before else None,
        after=chosen_in(row),
    )
    return row


async def list_changes(tx: Tx, company_id: UUID, before_version: int, limit: int) -> Sequence[Row]:
    """The latest changes before a version, newest first."""
    return await tx.rows(
        _HISTORY, company_id=company_id, before_version=before_version, limit=limit
    )


def chosen_in(row: Row) -> Row:
    """The six numbers in a row, and which of them heads may change."""
    return {name: row[name] for name in _CHOSEN}
