"""Statements on saved views: the filters of a screen under a name."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.gateway.storage.tables import metadata
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row

# One's own, or with a `room_id` everybody's who sees that room. The id is made from its owner,
# screen and name: the same name again is the same view.
SAVED_VIEW = Table(
    "saved_view",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("screen", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("filters", JSONB, nullable=False),
    Column("room_id", Uuid),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_v = SAVED_VIEW.c
Index("ix_saved_view_employee", _v.tenant_id, _v.employee_id)
Index("ix_saved_view_room", _v.tenant_id, _v.room_id, postgresql_where=_v.room_id.is_not(None))

_tenant = bindparam("tenant_id", type_=Uuid)
_employee = bindparam("employee_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_VALUES: Mapping[str, Any] = {
    "screen": Text,
    "name": Text,
    "filters": JSONB,
    "room_id": Uuid,
    "created_at": Moment,
}
_new = insert(SAVED_VIEW).values(
    tenant_id=_tenant,
    id=_id,
    employee_id=_employee,
    **{name: bindparam(name, type_=type_) for name, type_ in _VALUES.items()},
)
_PUT = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "id"],
        set_={name: _new.excluded[name] for name in ("filters", "room_id")},
    ).returning(SAVED_VIEW)
)
_COUNT_OTHERS = compiled(
    select(func.count().label("count")).where(
        _v.tenant_id == _tenant, _v.employee_id == _employee, _v.id != _id
    )
)
_in_rooms = _v.room_id == any_(bindparam("rooms", type_=ARRAY(Uuid)))
_all = select(SAVED_VIEW).where(_v.tenant_id == _tenant).order_by(_v.name, _v.id)
_OF_ROOMS = compiled(_all.where(or_(_v.employee_id == _employee, _in_rooms)))
_OF_EVERY_ROOM = compiled(_all.where(or_(_v.employee_id == _employee, _v.room_id.is_not(None))))
_GET = compiled(_all.where(_v.id == _id))
_REMOVE = compiled(delete(SAVED_VIEW).where(_v.tenant_id == _tenant, _v.id == _id))


async def put(tx: Tx, id_: UUID, employee_id: UUID, values: Mapping[str, Any]) -> Row:
    """Adds a view, or gives the one of that id other filters and another room."""
    at = await tx.read_clock()
    row = await tx.row(_PUT, id=id_, employee_id=employee_id, created_at=at, **values)
    assert row is not None
    return row


async def count_others(tx: Tx, employee_id: UUID, id_: UUID) -> int:
    """How many views a person has beside one."""
    (row,) = await tx.rows(_COUNT_OTHERS, employee_id=employee_id, id=id_)
    return int(row["count"])


async def seen_by(tx: Tx, employee_id: UUID, rooms: Collection[UUID] | None) -> list[Row]:
    """A person's own and those of their rooms, None for all rooms, by name."""
    if rooms is None:
        return await tx.rows(_OF_EVERY_ROOM, employee_id=employee_id)
    return await tx.rows(_OF_ROOMS, employee_id=employee_id, rooms=list(rooms))


async def find(tx: Tx, id_: UUID) -> Row | None:
    """A view, whoever may see it."""
    return await tx.row(_GET, id=id_)


async def remove(tx: Tx, id_: UUID) -> None:
    """Removes a view."""
    await tx.rows(_REMOVE, id=id_)
