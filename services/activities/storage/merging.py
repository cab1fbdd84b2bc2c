"""Merging clients: both under lock, and the activities of the one that ends."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, select, update

from services.activities.domain.activity import Activity
from services.activities.storage.client_changes import recorded, recording
from services.activities.storage.mapping import CLIENT_SUMMARY, activity_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row

_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_into_id = bindparam("into_id", type_=Uuid)
# In the order of ids, so that A into B and B into A wait for each other and do not deadlock. A
# registration holds the client's key: it is through before, or finds the client merged.
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(client)
        .where(_c.tenant_id == _tenant_id, _c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
        .order_by(_c.id)
        .with_for_update()
        .subquery("locked"),
    )
)
_FIND_INTO = compiled(
    select(_c.merged_into).where(_c.tenant_id == _tenant_id, _c.id == bindparam("id", type_=Uuid))
)
_HOLD = compiled(
    select(
        _c.id.label("client_id"),
        *CLIENT_SUMMARY,
        _c.merged_into,
    )
    .where(_c.tenant_id == _tenant_id, _c.id == bindparam("id", type_=Uuid))
    .with_for_update(read=True, key_share=True)
)
_END = recording(
    update(client)
    .where(_c.tenant_id == _tenant_id, _c.id == bindparam("id", type_=Uuid))
    .values(version=_c.version + 1, changed_at=bindparam("now", type_=Moment), merged_into=_into_id)
)
# Those that had been merged into the one that ends: an old id leads on in one step.
_LEAD_ON = compiled(
    update(client)
    .where(_c.tenant_id == _tenant_id, _c.merged_into == bindparam("id", type_=Uuid))
    .values(merged_into=_into_id)
)
_of_client = (_a.tenant_id == _tenant_id, _a.client_id == bindparam("client_id", type_=Uuid))
_LOCK_ACTIVITIES = compiled(
    select(activity)
    .where(*_of_client)
    .order_by(_a.id)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update()
)
_COUNT_ACTIVITIES = compiled(select(func.count().label("count")).where(*_of_client))


async def lock_clients(tx: Tx, ids: Sequence[UUID]) -> Mapping[UUID, Row]:
    """Those of `ids` that exist, locked until the transaction ends."""
    rows = await tx.rows(_LOCK, ids=list(ids))
    if rows:
        tx.at(rows[0]["now"])
    return {row["id"]: row for row in rows}


async def find_into(tx: Tx, client_id: UUID) -> UUID | None:
    """The client into which this one was merged, if it was."""
    row = await tx.row(_FIND_INTO, id=client_id)
    return row["merged_into"] if row else None


async def hold_client(tx: Tx, client_id: UUID) -> Row:
    """The client, or the one into which it was merged; it stays so until the transaction ends."""
    row = await tx.row(_HOLD, id=client_id)
    assert row
    return await hold_client(tx, row["merged_into"]) if row["merged_into"] else row


async def end(tx: Tx, locked: Row, into_id: UUID) -> Row:
    """Marks a locked client as merged, one version later, with those merged into it before."""
    client_id = locked["id"]
    await tx.rows(_LEAD_ON, id=client_id, into_id=into_id)
    history = recorded(tx, "merged_into", locked, locked, into_id)
    row = await tx.row(_END, id=client_id, into_id=into_id, now=tx.now, **history)
    assert row
    return row


async def lock_activities(tx: Tx, client_id: UUID, limit: int) -> list[Activity]:
    """Up to `limit` of the client's activities, locked."""
    rows = await tx.rows(_LOCK_ACTIVITIES, client_id=client_id, limit=limit)
    return [activity_of(row) for row in rows]


async def count_activities(tx: Tx, client_id: UUID) -> int:
    row = await tx.row(_COUNT_ACTIVITIES, client_id=client_id)
    assert row
    return int(row["count"])
