"""A relay with a database and a broker of its own, for tests of its rules alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiokafka.errors import MessageSizeTooLargeError

from shared.bus.connection import KafkaConnection
from shared.bus.producer import EventProducer
from shared.ids import TenantId, new_id
from shared.metrics import Metrics
from shared.outbox.relay import (
    _SESSIONS,
    LOCK_CLASS,
    Relay,
)

TENANT = TenantId(UUID(int=1))


NOTHING: dict[str, Any] = {"horizon": 100, "shard": None}


def in_shards(shards: list[int], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a search in `shards` gives of `rows`, the first of them for those of no matter which."""
    moved = [row if row["shard"] in shards else {**row, "shard": shards[0]} for row in rows]
    return moved or [NOTHING]


class FakeConnection:
    """Gives locks that `taken` leaves free, and `rows`; records statements with their arguments."""

    def __init__(self, relays: int = 1, taken: set[int] | None = None) -> None:
        self.relays, self.taken = relays, taken or set()
        self.pauses = 0
        self.rows: list[dict[str, Any]] = []
        self.unlocked: list[int] = []
        self.executed: list[tuple[Any, ...]] = []
        self.fetched: list[tuple[Any, ...]] = []
        self.fails = False

    async def fetchrow(self, statement: str, *arguments: Any) -> dict[str, int]:
        assert (statement, arguments) == (_SESSIONS, ("relay:vip", "relay-pause:vip"))
        return {"relays": self.relays, "pauses": self.pauses}

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        lock_class, shard = arguments
        assert lock_class == LOCK_CLASS
        if statement == "SELECT pg_advisory_unlock($1, $2)":
            self.unlocked.append(shard)
            return True
        assert statement == "SELECT pg_try_advisory_lock($1, $2)"
        return shard not in self.taken

    async def fetch(self, *arguments: Any) -> list[dict[str, Any]]:
        if "AS pruned" in arguments[0]:
            self.executed.append(arguments)
            return [{"pruned": 0}]
        self.fetched.append(arguments)
        return in_shards(arguments[1], self.rows)

    async def execute(self, *arguments: Any) -> None:
        if self.fails:
            raise OSError("the session is lost")
        self.executed.append(arguments)


class FakeProducer(EventProducer):
    """Records what is sent; acknowledges at once but for `failing` values."""

    def __init__(self, failing: tuple[bytes, ...] = ()) -> None:
        super().__init__()
        self.sent: list[tuple[Any, ...]] = []
        self.failing = failing

    async def send(self, topic: str, value: bytes | None, **named: Any) -> asyncio.Future[Any]:
        self.sent.append((topic, value, named))
        promise = asyncio.get_running_loop().create_future()
        if value in self.failing:
            promise.set_exception(OSError("refused"))
        else:
            promise.set_result(None)
        return promise


def make_relay(shards: int = 8, poll_seconds: float = 0.01) -> tuple[Relay, Metrics]:
    metrics = Metrics("vip")
    kafka = KafkaConnection("kafka")
    return Relay("vip", "postgresql://", kafka, "test.", shards, poll_seconds, metrics), metrics


def waiting(version: int, age_seconds: float = 0, aggregate: int = 2) -> dict[str, Any]:
    return {
        "tenant_id": TENANT,
        "horizon": 100,
        "shard": 3,
        "topic": "sales.vip.v1",
        "aggregate_id": UUID(int=aggregate),
        "aggregate_version": version,
        "event_id": new_id(),
        "type": "vip.claimed",
        "noun": "vip",
        "value": f"{version}".encode(),
        "correlation_id": "c-1",
        "causation_id": "c-0",
        "created_at": datetime.now(UTC) - timedelta(seconds=age_seconds),
    }


class Refusing(FakeProducer):
    """Refuses values at once, as a client does, or later, as a broker does."""

    def __init__(self, at_once: tuple[bytes, ...] = (), later: tuple[bytes, ...] = ()) -> None:
        super().__init__()
        self.at_once, self.later = at_once, later

    async def send(self, topic: str, value: bytes | None, **named: Any) -> asyncio.Future[Any]:
        if value in self.at_once:
            raise MessageSizeTooLargeError("too large")
        promise = await super().send(topic, value, **named)
        if value in self.later:
            promise = asyncio.get_running_loop().create_future()
            promise.set_exception(MessageSizeTooLargeError("too large"))
        return promise
