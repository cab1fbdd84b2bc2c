"""Messages from outside: each claimed once by its sender's id, closed with what became of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.inbound import activity_attribution, inbound_message
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import EmployeeId
from shared.vocabulary import InboundState

KEPT = timedelta(days=90)
"""How long a sender's repetition is known."""
WAITS = timedelta(days=30)
"""How long a body waits for a person: it holds personal data."""
RECEIVED = "received"
"""The state of a message under way; nobody sees it."""

_m, _a = inbound_message.c, activity_attribution.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_CLAIM = compiled(
    upsert(inbound_message)
    .values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in inbound_message.c
            if not column.name.startswith("clos")
        }
    )
    .on_conflict_do_nothing(index_elements=["tenant_id", "key_id", "external_id"])
    .returning(_m.id)
)
_OF_SENDER = compiled(
    select(inbound_message).where(
        _m.tenant_id == _tenant_id,
        _m.key_id == bindparam("key_id", type_=Uuid),
        _m.external_id == bindparam("external_id", type_=Text),
    )
)
_CLOSED = ("state", "reason", "activity_id", "body", "expires_at")
_FINISH = compiled(
    update(inbound_message)
    .where(_m.tenant_id == _tenant_id, _m.id == _id)
    .values({name: bindparam(name, type_=_m[name].type) for name in _CLOSED})
)
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_WAITED = ("unprocessed", "resolved", "dismissed")
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(inbound_message)
        .where(
            _m.tenant_id == _tenant_id,
            _m.id == _id,
            or_(*(_m.state == state for state in _WAITED)),
            or_(_rooms.is_(None), _m.room_ids.op("&&")(_rooms)),
        )
        .with_for_update()
        .subquery("locked"),
    )
)
_CLOSE = compiled(
    update(inbound_message)
    .where(_m.tenant_id == _tenant_id, _m.id == _id)
    .values(
        state=bindparam("state", type_=Text),
        activity_id=bindparam("activity_id", type_=Uuid),
        body=None,
        closed_at=bindparam("now", type_=_m.closed_at.type),
        closed_by=bindparam("closed_by", type_=Uuid),
        closing_reason=bindparam("closing_reason", type_=Text),
        expires_at=bindparam("expires_at", type_=_m.expires_at.type),
    )
    .returning(inbound_message)
)
_ATTRIBUTE = compiled(
    upsert(activity_attribution)
    .values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in activity_attribution.c
        }
    )
    .on_conflict_do_nothing()
)
_pruned = (
    delete(inbound_message)
    .where(_m.expires_at < func.statement_timestamp())
    .returning(literal_column("1").label("pruned"))
    .cte("pruned")
)
PRUNE = compiled(select(func.count().label("pruned")).select_from(_pruned))
"""Deletes what has expired, of all tenants; under the worker's role."""


async def claim(tx: Tx, new: Mapping[str, Any]) -> Row | None:
    """Writes a new message, or gives the one that has the sender's id already.

    Who sends the same at the same moment waits here until the first is through.
    """
    await tx.read_clock()
    values = {**new, "state": RECEIVED, "reason": None, "activity_id": None}
    values |= {"received_at": tx.now, "expires_at": tx.now + KEPT}
    if await tx.row(_CLAIM, **values):
        return None
    return await tx.row(_OF_SENDER, key_id=new["key_id"], external_id=new["external_id"])


async def finish(tx: Tx, id_: UUID, values: Mapping[str, Any]) -> None:
    """Writes what became of a message."""
    await tx.rows(_FINISH, id=id_, **values)


async def attribute(tx: Tx, activity_id: UUID, advertising: Mapping[str, str | None]) -> None:
    """Keeps what brought the client with the activity; what is kept already stays."""
    if any(advertising.values()):
        await tx.rows(_ATTRIBUTE, activity_id=activity_id, at=tx.now, **advertising)


async def lock(tx: Tx, id_: UUID, rooms: Sequence[UUID] | None) -> Row | None:
    """A message that waits or waited for a person, of `rooms`, None for all, locked."""
    row = await tx.row(_LOCK, id=id_, rooms=rooms)
    if row:
        tx.at(row["now"])
    return row


async def close(
    tx: Tx,
    id_: UUID,
    state: InboundState,
    by: EmployeeId,
    *,
    activity_id: UUID | None,
    reason: str | None,
) -> Row:
    """Closes a locked message; its body is deleted."""
    row = await tx.row(
        _CLOSE,
        id=id_,
        state=state,
        activity_id=activity_id,
        closed_by=by,
        closing_reason=reason,
        now=tx.now,
        expires_at=tx.now + KEPT,
    )
    assert row
    return row
