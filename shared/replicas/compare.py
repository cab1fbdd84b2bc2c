"""Replicas compared with their owner, thing by thing: what is missing here, too many, or differs.

For an operator, while little is being written: what is on its way differs too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, select

from shared.db import Database, Tx, compiled
from shared.events import REGISTRY, Envelope, PublishedEvent
from shared.ids import TenantId, new_id
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Snapshot
from shared.replicas.upsert import Replica

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
_ERASED = 2**62
"""From this version on a row only says that somebody was erased."""
Key = tuple[Any, ...]
Rows = dict[Key, Mapping[str, Any]]


@dataclass(slots=True)
class Comparison:
    """How many things the owner has, and a text for each difference: ids and names of columns, no
    values.
    """

    things: int = 0
    differences: list[str] = field(default_factory=list)


async def compare(
    database: Database,
    owner: PeerClient,
    tenant_id: TenantId,
    replicas: Sequence[Replica],
    comparison: Comparison,
) -> None:
    """Adds the differences of one tenant. Raises `Unavailable`."""
    for kind in sorted({replica.kind for replica in replicas}):
        of_kind = [replica for replica in replicas if replica.kind == kind]
        after = FIRST
        while True:
            page = await owner.page(tenant_id, kind, after)
            until = page[-1].subject if page else LAST
            async with database.begin_for(tenant_id) as tx:
                for replica in of_kind:
                    await _compare_page(tx, replica, page, after, until, comparison)
            if not page or not all(replica.paged_by for replica in of_kind):
                break
            after = until


async def _compare_page(
    tx: Tx,
    replica: Replica,
    page: Sequence[Snapshot],
    after: UUID,
    until: UUID,
    comparison: Comparison,
) -> None:
    expected = _expected(replica, page, tx.tenant_id)
    # Told of by another event alone: a client that was merged. What is here of it stays as it was.
    ended = {snapshot.subject for snapshot in page}
    stored = {
        key: row
        for key, row in (await _stored(tx, replica, after, until)).items()
        if key in expected or not replica.paged_by or row[replica.paged_by] not in ended
    }
    comparison.things += len(expected)
    for key in sorted(expected.keys() | stored.keys(), key=str):
        problem = _problem(expected.get(key), stored.get(key))
        if problem:
            thing = " ".join(map(str, key)) or "its own"
            comparison.differences.append(
                f"tenant {tx.tenant_id} {replica.table.name} {thing}: {problem}"
            )


def _expected(replica: Replica, page: Iterable[Snapshot], tenant_id: TenantId) -> Rows:
    """The rows that the owner's snapshots describe."""
    rows: Rows = {}
    for snapshot in page:
        event = REGISTRY[snapshot.type].model_validate(snapshot.data)
        if isinstance(event, replica.event) and replica.only(event):
            now = datetime.now(UTC)
            envelope = Envelope(
                new_id(), snapshot.type, tenant_id, snapshot.subject, snapshot.version, now, "", ""
            )
            row = replica.row(PublishedEvent(envelope, event))
            rows[tuple(row[name] for name in replica.key)] = row
    return rows


async def _stored(tx: Tx, replica: Replica, after: UUID, until: UUID) -> Rows:
    table = replica.table
    statement = select(table).where(table.c.tenant_id == bindparam("tenant_id", type_=Uuid))
    bounds: dict[str, UUID] = {}
    if replica.paged_by:
        column, bounds = table.c[replica.paged_by], {"after": after, "until": until}
        statement = statement.where(
            column > bindparam("after", type_=Uuid), column <= bindparam("until", type_=Uuid)
        )
    rows = await tx.rows(compiled(statement), **bounds)
    return {
        tuple(row[name] for name in replica.key): row
        for row in rows
        # Version 0: nothing was heard of it yet, and the row only holds a place.
        if 0 < row["version"] < _ERASED
    }


def _problem(expected: Mapping[str, Any] | None, stored: Mapping[str, Any] | None) -> str:
    if stored is None:
        return "missing here"
    if expected is None:
        return "not at its owner"
    names = [name for name in expected if _plain(expected[name]) != _plain(stored[name])]
    return f"differs in {', '.join(names)}" if names else ""


def _plain(value: Any) -> Any:
    """The value as JSON would have it; of what is a set, the order says nothing."""
    if isinstance(value, (set, frozenset, list, tuple)):
        items = [_plain(item) for item in value]
        return sorted(items, key=str)
    return orjson.loads(orjson.dumps(value, default=str))
