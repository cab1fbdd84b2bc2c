"""Reading what waits in the outbox, at a cost that follows what waits.

While somebody holds a snapshot (a backup, a forgotten session), no published row's dead entries
leave the indexes, and a search for what is unpublished passes all of them. So the reader remembers
for each shard the transaction below which nothing waits any more and searches from there.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from shared.outbox.batch import Aggregate

_SEARCH = """
    SELECT h.horizon, w.*
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint) AS h(horizon)
    LEFT JOIN (
        {owned} CROSS JOIN LATERAL (
            SELECT tenant_id, topic, aggregate_id, aggregate_version, event_id, type, noun, value,
                correlation_id, causation_id, created_at, shard
            FROM outbox
            WHERE outbox.shard = owned.shard AND published_at IS NULL {recent} {others}
            ORDER BY {order} LIMIT $2
        ) w
    ) ON true
"""
_IN_ORDER_OF_KEYS = "tenant_id, topic, aggregate_id, aggregate_version"


class OutboxReader:
    """Waiting events of some shards, each aggregate's in order.

    Its memory holds for one session: ids of transactions are those of one server.
    """

    def __init__(self) -> None:
        self._lowest: dict[int, int] = {}
        self._next: dict[int, int] = {}

    def search_all(self) -> None:
        """Makes the next read look at everything unpublished, whichever transaction wrote it: an
        operator may have taken back what was published.
        """
        self._lowest.clear()

    async def read(
        self, connection: Any, shards: Sequence[int], limit: int, held: Collection[Aggregate] = ()
    ) -> list[Any]:
        """At most `limit` events of each shard, none of the aggregates that are `held`."""
        self._next = {}
        names = [f"{topic}{aggregate}" for _, topic, aggregate in held]
        recent = [shard for shard in shards if shard in self._lowest]
        rows: list[Any] = []
        if recent:
            rows = await self._recent(connection, recent, limit, names)
        if others := [shard for shard in shards if shard not in self._lowest]:
            arguments = [others, limit, *([names] if names else [])]
            selected = await connection.fetch(statement(False, bool(names)), *arguments)
            rows += self._counted(selected, others, limit)
        if len(rows) > 1:
            # Of different transactions the later may have the lower id; the order within each
            # aggregate is its versions'.
            rows.sort(key=_version)
        return rows

    def published(self) -> None:
        """Everything that the last read gave is published or held: the next one begins behind."""
        self._lowest |= self._next

    async def _recent(
        self, connection: Any, shards: list[int], limit: int, names: list[str]
    ) -> list[Any]:
        lowest = [self._lowest[shard] for shard in shards]
        arguments = [shards, limit, *([names] if names else []), lowest]
        selected = await connection.fetch(statement(True, bool(names)), *arguments)
        rows = self._counted(selected, shards, limit)
        for shard in shards:
            if shard not in self._next:
                # More than fits: only in the order of keys is each aggregate's first among them.
                del self._lowest[shard]
        return [row for row in rows if row["shard"] in self._lowest]

    def _counted(self, selected: list[Any], shards: list[int], limit: int) -> list[Any]:
        """The events in `selected`. A shard that has given all that it has may begin at the horizon
        next time: every transaction below was seen, for it had ended.
        """
        horizon = selected[0]["horizon"]
        rows = [row for row in selected if row["shard"] is not None]
        counts = dict.fromkeys(shards, 0)
        for row in rows:
            counts[row["shard"]] += 1
        self._next |= {shard: horizon for shard, count in counts.items() if count < limit}
        return rows


@lru_cache
def statement(recent: bool, holding: bool) -> str:
    """The search in given shards; `recent`: from a transaction on, `holding`: without some
    aggregates. Gives one row without an event where there is none.
    """
    lowest = f", ${4 if holding else 3}::bigint[]" if recent else ""
    parts = {
        "{owned}": f"unnest($1::smallint[]{lowest}) AS owned(shard{', lowest' if recent else ''})",
        "{recent}": "AND transaction_id >= owned.lowest" if recent else "",
        "{others}": "AND topic || aggregate_id::text <> ALL($3::text[])" if holding else "",
        "{order}": "transaction_id" if recent else _IN_ORDER_OF_KEYS,
    }
    sql = _SEARCH
    for name, part in parts.items():
        sql = sql.replace(name, part)
    return sql


def _version(row: Any) -> int:
    version: int = row["aggregate_version"]
    return version
