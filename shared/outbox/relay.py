"""The relay: publishes what waits in the outbox, in the order of each aggregate's versions, at
least once.

Relays share the work by owning shards: an advisory lock per shard on a direct connection, so two
never send one aggregate's events.
"""

import asyncio
import time
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from shared.bus.connection import KafkaConnection
from shared.bus.producer import EventProducer
from shared.db.pruning import KEEP, PAUSE_SECONDS, prune_step
from shared.events import headers, key
from shared.metrics import Metrics
from shared.outbox.batch import (
    acknowledged,
    aggregate_of,
    envelope_of,
    mark,
    with_heartbeats,
)
from shared.outbox.blocked import REFUSALS, BlockedAggregates, Unsendable, Withheld
from shared.outbox.reader import OutboxReader
from shared.outbox.sending import Refused, first_of_each, send_in_order

log = structlog.get_logger()

LOCK_CLASS = 7401
BATCH_PER_SHARD = 250
CAUTIOUS_PER_SHARD = 50
# A request takes one batch of each partition: with the client's 16 kB that is some fifty events for
# each wait for an answer.
MAX_BATCH_BYTES = 262_144
LEAST_BATCH_BYTES = 16_384
REBALANCE_SECONDS = 1.0
SEARCH_SECONDS = 30.0
PRUNE_SECONDS = 30.0
# A relay that is paused or cut off keeps its session, and with it its shards: PostgreSQL ends a
# session that is silent.
SILENCE = {
    "idle_session_timeout": "5s",
    "tcp_user_timeout": "5s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}

# InternalClientError: what the driver makes of a session that the server ended at a bad moment.
BROKEN = (
    KafkaError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

_SESSIONS = (
    "SELECT count(*) FILTER (WHERE application_name = $1) AS relays,"
    " count(*) FILTER (WHERE application_name = $2) AS pauses"
    " FROM pg_stat_activity WHERE datname = current_database()"
)


def pause_name(service: str) -> str:
    """The name of a session while which the service's relays publish nothing."""
    return f"relay-pause:{service}"


class Relay:
    """One process's part of the publishing: `run` until `stop`, `wake` after a commit."""

    def __init__(
        self,
        service: str,
        url: str,
        kafka: KafkaConnection,
        namespace: str,
        shards: int,
        poll_seconds: float,
        metrics: Metrics,
    ) -> None:
        self._service, self._url, self._kafka, self._namespace = service, url, kafka, namespace
        self._shards, self._poll, self._metrics = shards, poll_seconds, metrics
        self._name = f"relay:{service}"
        self._wake = asyncio.Event()
        self._stopping = False
        self._owned: set[int] = set()
        self._is_paused = False
        self._reader = OutboxReader()
        self._blocked = BlockedAggregates()
        self._batch_bytes = MAX_BATCH_BYTES
        # After a refusal each record is a batch of its own, so that the broker names the bad one.
        self._cautious = self._blamed = False
        self.failing = ""

    @property
    def problem(self) -> str:
        """What keeps the relay, or some aggregates, from going on; empty where nothing does."""
        return self.failing or ("paused" if self._is_paused else self._blocked.problem)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Relays until stopped; while the broker or the database is away, the events wait."""
        pause = 0.1
        while not self._stopping:
            try:
                await self._relay_until_broken()
            except Refused as refusal:
                log.warning("relay_producer_renewed", reason=str(refusal)[:300])
            except BROKEN as failure:
                self.failing = type(failure).__name__
                log.warning("relay_interrupted", reason=str(failure)[:300])
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                pause = 0.1

    async def stop(self) -> None:
        """Sends what waits already, then ends."""
        self._stopping = True
        self._wake.set()

    async def _relay_until_broken(self) -> None:
        producer = EventProducer()
        connection = None
        try:
            # The broker first: a relay that cannot reach it must not count among those that share
            # the shards.
            await producer.open(
                self._kafka,
                self._name,
                compression_type="zstd",
                max_batch_size=1 if self._cautious else self._batch_bytes,
                metadata_max_age_ms=30_000,
            )
            connection = await asyncpg.connect(
                self._url,
                command_timeout=20,
                # What is sent and cannot be marked would be sent again at each try.
                target_session_attrs="read-write",
                server_settings={"application_name": self._name, **SILENCE},
            )
            self.failing, self._reader = "", OutboxReader()
            await self._relay(connection, producer)
        finally:
            self._owned.clear()
            self._metrics.shards_owned.set(0)
            await asyncio.shield(_close(connection, producer))

    async def _relay(self, connection: Any, producer: EventProducer) -> None:
        rebalance_at = search_at = prune_at = 0.0
        while True:
            self._wake.clear()
            now = time.monotonic()
            if now >= rebalance_at:
                was_paused = self._is_paused
                await self._share_shards(connection)
                rebalance_at = now + REBALANCE_SECONDS
                if was_paused and not self._is_paused:
                    # The topics may have other partitions by now: a new producer asks for them.
                    return
            if now >= search_at:
                self._reader.search_all()
                search_at = now + SEARCH_SECONDS
            if now >= prune_at:
                # A step between two sendings, so that none waits for all of a backlog.
                left = await prune_step(connection.fetch, *KEEP)
                prune_at = now + (PAUSE_SECONDS if left else PRUNE_SECONDS)
            sent = await self._send_waiting(connection, producer) if self._owned else 0
            if sent < BATCH_PER_SHARD:
                if self._stopping:
                    return
                await self._await_commit()

    async def _await_commit(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            pass

    async def _share_shards(self, connection: Any) -> None:
        """Owns this relay's part of the shards among those alive; gives back what is more, and all
        while somebody has them pause.
        """
        sessions = await connection.fetchrow(_SESSIONS, self._name, pause_name(self._service))
        self._is_paused = sessions["pauses"] > 0
        part = 0 if self._is_paused else -(-self._shards // max(1, sessions["relays"]))
        while len(self._owned) > part:
            shard = self._owned.pop()
            await connection.fetchval("SELECT pg_advisory_unlock($1, $2)", LOCK_CLASS, shard)
        for shard in range(self._shards):
            if len(self._owned) >= part:
                break
            if shard not in self._owned and await connection.fetchval(
                "SELECT pg_try_advisory_lock($1, $2)", LOCK_CLASS, shard
            ):
                self._owned.add(shard)
        self._metrics.shards_owned.set(len(self._owned))

    async def _send_waiting(self, connection: Any, producer: EventProducer) -> int:
        rows = await self._read_waiting(connection)
        self._metrics.outbox_waiting.set(len(rows))
        self._metrics.outbox_age.set(
            time.time() - min(row["created_at"].timestamp() for row in rows) if rows else 0
        )
        sent: list[Any] = []
        if rows:
            outcomes = await with_heartbeats(connection, self._send_all(producer, rows))
            if sent := acknowledged(rows, outcomes):
                await mark(connection, sent)
                self._metrics.published.inc(len(sent))
            self._judge(rows, outcomes)
        self._end_caution()
        self._reader.published()
        return len(rows)

    async def _read_waiting(self, connection: Any) -> list[Any]:
        """The next events of the owned shards, without those of aggregates that are blocked."""
        due = self._blocked.due() if self._blocked else ()
        if due:
            self._reader.search_all()
        limit = CAUTIOUS_PER_SHARD if self._cautious else BATCH_PER_SHARD
        rows = await self._reader.read(
            connection, sorted(self._owned), limit, self._blocked.held(due)
        )
        if due:
            # What an operator skipped is not there any more.
            self._blocked.free(set(due).difference(map(aggregate_of, rows)))
            self._metrics.outbox_blocked.set(len(self._blocked))
        return first_of_each(rows) if self._cautious else rows

    async def _send_all(self, producer: EventProducer, rows: list[Any]) -> list[Any]:
        return await send_in_order(lambda row: self._send(producer, row), rows)

    def _judge(self, rows: list[Any], outcomes: list[Any]) -> None:
        """Blocks the aggregates whose event cannot be sent and frees those whose event was.

        Raises the failure of what was sent, or `Refused` where the producer is used up.
        """
        failures: list[BaseException] = []
        for row, outcome in zip(rows, outcomes, strict=True):
            if not isinstance(outcome, BaseException):
                if self._blocked:
                    self._blocked.free([aggregate_of(row)])
            elif isinstance(outcome, Unsendable) or (
                self._cautious and isinstance(outcome, REFUSALS)
            ):
                self._blocked.block(row, outcome)
                self._blamed = True
            if isinstance(outcome, BaseException) and not isinstance(
                outcome, Unsendable | Withheld
            ):
                failures.append(outcome)
        self._metrics.outbox_blocked.set(len(self._blocked))
        if any(isinstance(failure, REFUSALS) for failure in failures):
            if not self._cautious:
                self._cautious, self._blamed = True, False
            raise Refused(str(failures[0]))
        for failure in failures:
            raise failure

    def _end_caution(self) -> None:
        """Goes back to full batches, and to smaller ones where no single event was to blame."""
        if self._cautious:
            self._cautious = False
            if not self._blamed:
                self._batch_bytes = max(self._batch_bytes // 2, LEAST_BATCH_BYTES)
            raise Refused("every event by itself is sent or blocked")

    async def _send(self, producer: EventProducer, row: Any) -> Any:
        return await producer.send(
            self._namespace + row["topic"],
            row["value"],
            key=key(row["tenant_id"], row["aggregate_id"]),
            headers=headers(envelope_of(row), row["noun"], self._service),
        )


async def _close(connection: Any, producer: EventProducer) -> None:
    """The shards first, so that others go on at once and send what this producer still holds."""
    if connection is not None:
        connection.terminate()
    await producer.close()
