"""The relay: publishes what waits in the outbox, in the order of each aggregate's versions, at
least once.

Relays share the work by owning shards: an advisory lock per shard on a direct connection, so two
never send one aggregate's facts.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.events import Envelope, headers, key
from shared.ids import TenantId
from shared.metrics import Metrics

log = structlog.get_logger()

LOCK_CLASS = 7401
BATCH_PER_SHARD = 250
# A request takes one batch of each partition: with the client's 16 kB that is some fifty facts for
# each wait for an answer.
MAX_BATCH_BYTES = 262_144
REBALANCE_SECONDS = 1.0
PRUNE_SECONDS = 30.0
HEARTBEAT_SECONDS = 1.0
# An idempotent producer tries for ever; others may reach the broker where this relay does not.
GIVE_UP_SECONDS = 15.0
# A relay that is paused or cut off keeps its session, and with it its shards: PostgreSQL ends a
# session it no longer hears from.
SILENCE = {
    "idle_session_timeout": "5s",
    "tcp_user_timeout": "5s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}
KEEP = {
    "outbox": ("published_at", "3 days"),
    "inbox": ("seen_at", "14 days"),
    "idempotent_response": ("stored_at", "2 days"),
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

_WAITING = """
    SELECT w.* FROM unnest($1::smallint[]) AS owned(shard) CROSS JOIN LATERAL (
        SELECT tenant_id, topic, aggregate_id, aggregate_version, event_id, type, noun, value,
            correlation_id, causation_id, created_at
        FROM outbox WHERE outbox.shard = owned.shard AND published_at IS NULL
        ORDER BY tenant_id, topic, aggregate_id, aggregate_version LIMIT $2
    ) w
"""
_MARK = """
    UPDATE outbox o SET published_at = clock_timestamp()
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[]) AS sent(tenant_id, topic,
        aggregate_id, aggregate_version)
    WHERE o.tenant_id = sent.tenant_id AND o.topic = sent.topic
        AND o.aggregate_id = sent.aggregate_id
      AND o.aggregate_version = sent.aggregate_version
"""
_RELAYS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND datname ="
    " current_database()"
)


class Relay:
    """One process's part of the publishing.

    `run` until `stop`; `wake` says that a commit left facts behind.
    """

    def __init__(
        self,
        service: str,
        url: str,
        kafka: str,
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
        self.failing = ""

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Relays until stopped; a broker or database that goes away is waited for, the facts wait
        too.
        """
        pause = 0.1
        while not self._stopping:
            try:
                await self._relay_until_broken()
            except BROKEN as broken:
                self.failing = type(broken).__name__
                log.warning("relay interrupted", reason=str(broken)[:300])
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                pause = 0.1

    async def stop(self) -> None:
        """Sends what waits already, then ends."""
        self._stopping = True
        self._wake.set()

    async def _relay_until_broken(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka,
            enable_idempotence=True,
            acks="all",
            compression_type="zstd",
            max_batch_size=MAX_BATCH_BYTES,
            request_timeout_ms=15_000,
            metadata_max_age_ms=30_000,
            client_id=self._name,
        )
        connection = None
        try:
            # The broker first: a relay that cannot reach it must not count among those that share
            # the shards.
            await producer.start()
            connection = await asyncpg.connect(
                self._url,
                command_timeout=20,
                server_settings={"application_name": self._name, **SILENCE},
            )
            self.failing = ""
            await self._relay(connection, producer)
        finally:
            self._owned.clear()
            self._metrics.shards_owned.set(0)
            await asyncio.shield(_close(connection, producer))

    async def _relay(self, connection: Any, producer: AIOKafkaProducer) -> None:
        rebalance_at = prune_at = 0.0
        while True:
            self._wake.clear()
            now = time.monotonic()
            if now >= rebalance_at:
                await self._share_shards(connection)
                rebalance_at = now + REBALANCE_SECONDS
            if now >= prune_at:
                await self._prune(connection)
                prune_at = now + PRUNE_SECONDS
            sent = await self._send_waiting(connection, producer) if self._owned else 0
            if sent < BATCH_PER_SHARD:
                if self._stopping:
                    return
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            pass

    async def _share_shards(self, connection: Any) -> None:
        """Owns as many shards as are this relay's part among those alive; gives back what is more,
        between batches.
        """
        relays = max(1, await connection.fetchval(_RELAYS, self._name))
        part = -(-self._shards // relays)
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

    async def _send_waiting(self, connection: Any, producer: AIOKafkaProducer) -> int:
        rows = await connection.fetch(_WAITING, sorted(self._owned), BATCH_PER_SHARD)
        self._metrics.outbox_waiting.set(len(rows))
        self._metrics.outbox_age.set(
            time.time() - min(row["created_at"].timestamp() for row in rows) if rows else 0
        )
        if not rows:
            return 0
        outcomes = await _heard(connection, self._send_all(producer, rows))
        sent = _acknowledged(rows, outcomes)
        if sent:
            columns = ("tenant_id", "topic", "aggregate_id", "aggregate_version")
            await connection.execute(_MARK, *([row[column] for row in sent] for column in columns))
            self._metrics.published.inc(len(sent))
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(rows)

    async def _send_all(self, producer: AIOKafkaProducer, rows: list[Any]) -> list[Any]:
        promises = [await self._send(producer, row) for row in rows]
        try:
            # One after another: of those that are acknowledged already nothing is scheduled, as
            # `gather` would for each.
            return [await _outcome(promise) for promise in promises]
        except BaseException:
            for promise in promises:
                promise.cancel()
            raise

    async def _send(self, producer: AIOKafkaProducer, row: Any) -> Any:
        return await producer.send(
            self._namespace + row["topic"],
            row["value"],
            key=key(row["tenant_id"], row["aggregate_id"]),
            headers=headers(_envelope(row), row["noun"], self._service),
        )

    async def _prune(self, connection: Any) -> None:
        """Deletes what is past keeping, in small steps; bytes, not work, decide how much hardware
        the outbox needs.
        """
        for table, (column, age) in KEEP.items():
            past = f"SELECT ctid FROM {table} WHERE {column} < now() - interval '{age}' LIMIT 5000"
            await connection.execute(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({past}))")


async def _heard(connection: Any, work: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    """What `work` gives; meanwhile the session is kept from looking silent.

    A lost session or `GIVE_UP_SECONDS` end the wait.
    """
    task = asyncio.create_task(work)
    give_up_at = time.monotonic() + GIVE_UP_SECONDS
    try:
        while not (await asyncio.wait({task}, timeout=HEARTBEAT_SECONDS))[0]:
            if time.monotonic() > give_up_at:
                raise TimeoutError("the broker acknowledges nothing")
            await connection.execute("SELECT 1")
        return await task
    finally:
        task.cancel()


def _envelope(row: Any) -> Envelope:
    return Envelope(
        row["event_id"],
        row["type"],
        TenantId(row["tenant_id"]),
        row["aggregate_id"],
        row["aggregate_version"],
        row["created_at"],
        row["correlation_id"],
        row["causation_id"],
    )


async def _outcome(promise: asyncio.Future[Any]) -> Any:
    """What the broker said, or how it failed; only this task's own cancellation is raised."""
    try:
        return await promise
    except Exception as failure:
        return failure


def _acknowledged(rows: list[Any], outcomes: list[Any]) -> list[Any]:
    """Of each aggregate the facts before its first failure: a later one marked alone would overtake
    it.
    """
    broken: set[tuple[UUID, str, UUID]] = set()
    sent = []
    for row, outcome in zip(rows, outcomes, strict=True):
        aggregate = (row["tenant_id"], row["topic"], row["aggregate_id"])
        if isinstance(outcome, BaseException):
            broken.add(aggregate)
        elif aggregate not in broken:
            sent.append(row)
    return sent


async def _close(connection: Any, producer: AIOKafkaProducer) -> None:
    """The shards first, so that others go on at once; what the producer still holds they will send,
    too.
    """
    if connection is not None:
        connection.terminate()
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (KafkaError, OSError, TimeoutError):
        log.warning("the producer did not stop in time")
        await producer._sender.close()
