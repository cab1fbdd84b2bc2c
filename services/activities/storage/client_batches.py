"""Clients by the batch, as an import writes them: a trip for all rows of a kind."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.identity import Identity
from services.activities.storage.clients import INSERT, SAVE
from services.activities.storage.tables.clients import client, client_identity
from shared.db import BulkRows, Tx, compiled
from shared.db.transaction import Row

_c = client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_LOCK = compiled(
    select(client)
    .where(_c.tenant_id == _tenant_id, _c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_c.id)
    .with_for_update()
)
_FIND = compiled(
    select(client).where(
        _c.tenant_id == _tenant_id, _c.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_claimed = BulkRows("claimed", {"client_id": Uuid(), "kind": Text(), "value": Text()})
_CLAIM = compiled(
    upsert(client_identity)
    .from_select(["tenant_id", "client_id", "kind", "value"], select(_tenant_id, *_claimed.c))
    .on_conflict_do_nothing()
)


async def find_many(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    """The clients of those ids, not locked."""
    return await tx.rows(_FIND, ids=list(ids)) if ids else []


async def lock_many(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The clients of those ids, or those into which they were merged, by the ids that were asked
    for; locked in the order of their ids.
    """
    rows = {row["id"]: row for row in await _locked(tx, ids)}
    merged = {row["id"]: row["merged_into"] for row in rows.values() if row["merged_into"]}
    if merged:
        into = {row["id"]: row for row in await _locked(tx, sorted(set(merged.values())))}
        rows |= {id_: into[into_id] for id_, into_id in merged.items()}
    return rows


async def _locked(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    return await tx.rows(_LOCK, ids=sorted(set(ids))) if ids else []


async def insert_many(tx: Tx, all_values: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Writes new clients, each with `clients.new_values`."""
    return await tx.rows_of_each(INSERT, [{**values, "now": tx.now} for values in all_values])


async def save_many(tx: Tx, all_values: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Writes locked clients, each with `clients.changed_values`."""
    return await tx.rows_of_each(SAVE, all_values)


async def claim_many(tx: Tx, identities: Sequence[tuple[UUID, Identity]]) -> None:
    """Makes identities, which are locked, those of clients."""
    rows = [{"client_id": id_, **identity._asdict()} for id_, identity in identities]
    if rows:
        await tx.rows(_CLAIM, **_claimed.of(rows))
