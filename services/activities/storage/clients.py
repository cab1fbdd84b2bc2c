"""Clients and their identities."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.identity import Identity
from services.activities.storage.tables import client, client_identity
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import EmployeeId, new_id
from shared.tenancy import Caller

_c, _i = client.c, client_identity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_is_it = and_(_c.tenant_id == _tenant_id, _c.id == _id)
_room_id = bindparam("room_id", type_=Uuid)
_own = {
    column.name: bindparam(column.name, type_=column.type)
    for column in client.c
    if column.name not in ("tenant_id", "version", "created_at", "changed_at")
}

_rooms = bindparam("rooms", type_=ARRAY(Uuid))
VISIBLE = or_(
    _rooms.is_(None), _c.room_ids.op("&&")(_rooms), func.cardinality(_c.room_ids) == literal(0)
)
"""The clients of `rooms`, as `Caller.sees_client` has it."""

_FIND = compiled(select(client).where(_is_it))
_FIND_VISIBLE = compiled(select(client).where(_is_it, VISIBLE))
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(client).where(_is_it).with_for_update().subquery("locked"),
    )
)
_INSERT = compiled(
    insert(client)
    .values(tenant_id=_tenant_id, version=literal(1), created_at=_now, changed_at=_now, **_own)
    .returning(client)
)
_UPDATE = compiled(
    update(client)
    .where(_is_it)
    .values(
        version=_c.version + 1,
        changed_at=_now,
        **{name: bind for name, bind in _own.items() if name != "id"},
    )
    .returning(client)
)
# Who waited for another registration of the room finds the room there and changes nothing.
_ENTER = compiled(
    update(client)
    .where(_is_it, _room_id != func.all(_c.room_ids))
    .values(
        version=_c.version + 1,
        changed_at=_now,
        room_ids=func.array_append(_c.room_ids, _room_id),
    )
    .returning(client)
)
_DELETE = compiled(delete(client).where(_is_it))

_identities = BulkRows("identity", {"kind": Text(), "value": Text()})
_CLAIM_IDENTITIES = compiled(
    upsert(client_identity)
    .from_select(
        ["tenant_id", "client_id", "kind", "value"], select(_tenant_id, _id, *_identities.c)
    )
    .on_conflict_do_nothing()
    .returning(_i.kind, _i.value)
)
_DROP_IDENTITIES = compiled(
    delete(client_identity).where(_i.tenant_id == _tenant_id, _i.client_id == _id)
)
_OWNERS_OF_IDENTITIES = compiled(
    select(_i.kind, _i.value, _i.client_id)
    .select_from(
        client_identity.join(
            _identities.table,
            and_(_i.kind == _identities.c.kind, _i.value == _identities.c.value),
        )
    )
    .where(_i.tenant_id == _tenant_id)
)


async def find(tx: Tx, client_id: UUID) -> Row | None:
    """A client, whoever may see it."""
    return await tx.row(_FIND, id=client_id)


async def find_visible(tx: Tx, client_id: UUID, caller: Caller) -> Row | None:
    """A client, if it is the caller's to see."""
    return await tx.row(_FIND_VISIBLE, id=client_id, rooms=caller.rooms())


async def lock(tx: Tx, client_id: UUID) -> Row:
    """A client, locked until the transaction ends. Raises `NotFound`."""
    row = await tx.row(_LOCK, id=client_id)
    if row is None:
        raise NotFound("client")
    tx.at(row["now"])
    return row


async def insert_new(
    tx: Tx, values: Mapping[str, Any], registered_by: EmployeeId, room_ids: Sequence[UUID]
) -> Row:
    """Writes a new client, entered by people of `room_ids`."""
    await tx.read_clock()
    row = await tx.row(
        _INSERT,
        **values,
        id=new_id(),
        registered_by=registered_by,
        room_ids=list(room_ids),
        now=tx.now,
    )
    assert row
    return row


async def enter_room(tx: Tx, client_id: UUID, room_id: UUID) -> Row | None:
    """Makes the client one of the room's, one version later; None where it is already."""
    return await tx.row(_ENTER, id=client_id, room_id=room_id, now=tx.now)


async def save(tx: Tx, values: Mapping[str, Any]) -> Row:
    """Writes a locked client, one version later."""
    row = await tx.row(_UPDATE, **{**values, "now": tx.now})
    assert row
    return row


async def discard(tx: Tx, client_id: UUID) -> None:
    """Removes a client that was written in this transaction, with its identities."""
    await drop_identities(tx, client_id)
    await tx.rows(_DELETE, id=client_id)


async def claim_identities(tx: Tx, client_id: UUID, identities: Sequence[Identity]) -> bool:
    """Makes `identities` the client's; whether all of them are its own now."""
    if not identities:
        return True
    claimed = await tx.rows(_CLAIM_IDENTITIES, id=client_id, **_bulk(identities))
    return len(claimed) == len(set(identities))


async def drop_identities(tx: Tx, client_id: UUID) -> None:
    """Frees the client's identities for others."""
    await tx.rows(_DROP_IDENTITIES, id=client_id)


async def owners_of(tx: Tx, identities: Sequence[Identity]) -> list[Row]:
    """Which clients have which of `identities`: rows of kind, value and client_id."""
    return await tx.rows(_OWNERS_OF_IDENTITIES, **_bulk(identities)) if identities else []


def _bulk(identities: Sequence[Identity]) -> dict[str, list[Any]]:
    return _identities.of(identity._asdict() for identity in identities)
