"""The relay beside PostgreSQL and Kafka: how shards are shared, what is sent, marked and pruned."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from shared.bus import producer as producer_module
from shared.bus.connection import KafkaConnection
from shared.bus.producer import EventProducer
from shared.events import Envelope, headers, key
from shared.ids import TenantId, new_id
from shared.metrics import Metrics
from shared.outbox import batch
from shared.outbox import relay as relay_module
from shared.outbox.batch import MARK, envelope_of, with_heartbeats
from shared.outbox.reader import OutboxReader, statement
from shared.outbox.relay import (
    _RELAYS,
    BATCH_PER_SHARD,
    CAUTIOUS_PER_SHARD,
    LEAST_BATCH_BYTES,
    LOCK_CLASS,
    MAX_BATCH_BYTES,
    Relay,
    _close,
)
from shared.outbox.sending import Refused

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
        self.rows: list[dict[str, Any]] = []
        self.unlocked: list[int] = []
        self.executed: list[tuple[Any, ...]] = []
        self.fetched: list[tuple[Any, ...]] = []
        self.fails = False

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        if statement == _RELAYS:
            assert arguments == ("relay:vip",)
            return self.relays
        lock_class, shard = arguments
        assert lock_class == LOCK_CLASS
        if statement == "SELECT pg_advisory_unlock($1, $2)":
            self.unlocked.append(shard)
            return True
        assert statement == "SELECT pg_try_advisory_lock($1, $2)"
        return shard not in self.taken

    async def fetch(self, *arguments: Any) -> list[dict[str, Any]]:
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


@pytest.mark.parametrize(
    ("relays", "owned", "taken", "then", "owned_count"),
    [
        (0, set(), set(), {0, 1, 2, 3, 4, 5, 6, 7}, 8),
        (1, set(), set(), {0, 1, 2, 3, 4, 5, 6, 7}, 8),
        (2, set(), set(), {0, 1, 2, 3}, 4),
        (3, set(), set(), {0, 1, 2}, 3),
        (2, set(), {0, 1, 2}, {3, 4, 5, 6}, 4),
        (2, {6}, {0, 1}, {2, 3, 4, 6}, 4),
        (1, set(), {0, 1, 2, 3, 4, 5, 6, 7}, set(), 0),
        (2, {0, 1, 2, 3}, set(), {0, 1, 2, 3}, 4),
        (3, {0, 1, 2}, set(), {0, 1, 2}, 3),
    ],
)
async def test_a_relay_owns_its_part_of_the_shards(
    relays: int, owned: set[int], taken: set[int], then: set[int], owned_count: int
) -> None:
    relay, metrics = make_relay()
    relay._owned = set(owned)
    connection = FakeConnection(relays, taken)
    await relay._share_shards(connection)
    assert (relay._owned, relay.failing) == (then, "")
    assert connection.unlocked == []
    assert metrics.shards_owned._value.get() == owned_count


async def test_a_relay_gives_back_what_is_more_than_its_part() -> None:
    relay, _ = make_relay()
    relay._owned = set(range(8))
    connection = FakeConnection(relays=4)
    await relay._share_shards(connection)
    assert len(relay._owned) == 2
    assert sorted([*relay._owned, *connection.unlocked]) == list(range(8))


async def test_waiting_events_are_sent_and_marked_up_to_the_first_failure() -> None:
    relay, metrics = make_relay()
    relay._owned = {5, 3}
    connection, producer = FakeConnection(), FakeProducer(failing=(b"3",))
    connection.rows = [waiting(1, age_seconds=10), waiting(2), waiting(3), waiting(4)]
    with pytest.raises(OSError, match="refused"):
        await relay._send_waiting(connection, producer)
    assert connection.fetched == [(statement(False, False), [3, 5], BATCH_PER_SHARD)]
    assert [value for _, value, _ in producer.sent] == [b"1", b"2", b"3", b"4"]
    ((executed, *columns),) = connection.executed
    assert executed == MARK
    assert columns == [[TENANT] * 2, ["sales.vip.v1"] * 2, [UUID(int=2)] * 2, [1, 2]]
    assert metrics.outbox_waiting._value.get() == 4
    assert metrics.outbox_age._value.get() == pytest.approx(10, abs=2)
    assert metrics.published._value.get() == 2


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


async def test_an_event_that_the_client_refuses_holds_up_its_aggregate_alone() -> None:
    relay, metrics = make_relay()
    relay._owned = {3}
    connection, producer = FakeConnection(), Refusing(at_once=(b"2",))
    connection.rows = [waiting(1), waiting(2), waiting(3), waiting(4, aggregate=5)]
    assert await relay._send_waiting(connection, producer) == 4
    assert [value for _, value, _ in producer.sent] == [b"1", b"4"]
    ((_, *columns),) = connection.executed
    assert columns[2:] == [[UUID(int=2), UUID(int=5)], [1, 4]]
    assert (relay.failing, metrics.outbox_blocked._value.get()) == ("", 1)
    assert "1 aggregates wait for an event that cannot be sent" in relay.problem
    assert "MessageSizeTooLargeError" in relay.problem
    connection.rows = []
    await relay._send_waiting(connection, producer)
    assert connection.fetched[-1][3] == [f"sales.vip.v1{UUID(int=2)}"], "it is left out"


async def test_a_blocked_aggregate_is_tried_again_and_freed() -> None:
    relay, metrics = make_relay()
    relay._owned = {3}
    connection, producer = FakeConnection(), Refusing(at_once=(b"1",))
    connection.rows = [waiting(1)]
    await relay._send_waiting(connection, producer)
    (blocked,) = relay._blocked._blocked.values()
    blocked.retry_at = 0
    await relay._send_waiting(connection, producer)
    (blocked,) = relay._blocked._blocked.values()
    assert blocked.pause == 2.0
    producer.at_once, blocked.retry_at = (), 0
    await relay._send_waiting(connection, producer)
    assert (relay.problem, metrics.outbox_blocked._value.get()) == ("", 0)
    assert connection.fetched[-1] == (statement(False, False), [3], BATCH_PER_SHARD)


async def test_a_skipped_event_frees_its_aggregate() -> None:
    relay, _ = make_relay()
    relay._owned = {3}
    connection, producer = FakeConnection(), Refusing(at_once=(b"1",))
    connection.rows = [waiting(1)]
    await relay._send_waiting(connection, producer)
    (blocked,) = relay._blocked._blocked.values()
    connection.rows, blocked.retry_at = [], 0
    await relay._send_waiting(connection, producer)
    assert relay.problem == ""


async def test_a_batch_that_the_broker_refuses_is_sent_event_by_event() -> None:
    relay, _ = make_relay()
    relay._owned = {3}
    connection, producer = FakeConnection(), Refusing(later=(b"1", b"2"))
    connection.rows = [waiting(1), waiting(2, aggregate=5), waiting(3, aggregate=6)]
    with pytest.raises(Refused):
        await relay._send_waiting(connection, producer)
    assert (relay._cautious, relay.problem) == (True, ""), "nobody knows yet which one it was"
    producer.later = (b"1",)
    with pytest.raises(Refused):
        await relay._send_waiting(connection, producer)
    assert connection.fetched[-1][2] == CAUTIOUS_PER_SHARD
    assert relay._cautious and str(UUID(int=2)) in relay.problem
    connection.rows = []
    with pytest.raises(Refused, match="by itself"):
        await relay._send_waiting(connection, producer)
    assert (relay._cautious, relay._batch_bytes) == (False, MAX_BATCH_BYTES)


async def test_a_cautious_relay_sends_the_first_event_of_each_aggregate() -> None:
    relay, _ = make_relay()
    relay._owned, relay._cautious = {3}, True
    connection, producer = FakeConnection(), FakeProducer()
    connection.rows = [waiting(1), waiting(2), waiting(3, aggregate=5)]
    with pytest.raises(Refused):
        await relay._send_waiting(connection, producer)
    assert [value for _, value, _ in producer.sent] == [b"1", b"3"]


async def test_batches_get_smaller_where_no_single_event_was_refused() -> None:
    relay, _ = make_relay()
    relay._owned = {3}
    connection = FakeConnection()
    connection.rows = [waiting(1), waiting(2, aggregate=5)]
    with pytest.raises(Refused):
        await relay._send_waiting(connection, Refusing(later=(b"1", b"2")))
    with pytest.raises(Refused, match="by itself"):
        await relay._send_waiting(connection, FakeProducer())
    assert repr(relay._batch_bytes) == repr(MAX_BATCH_BYTES // 2), "Kafka's client takes an int"
    for _ in range(6):
        relay._owned, relay._cautious, relay._blamed = {3}, True, False
        with pytest.raises(Refused, match="by itself"):
            await relay._send_waiting(FakeConnection(), FakeProducer())
    assert relay._batch_bytes == LEAST_BATCH_BYTES


async def test_what_was_sent_before_a_broker_went_away_is_marked() -> None:
    relay, _ = make_relay()
    relay._owned = {3}
    connection = FakeConnection()

    class Away(FakeProducer):
        async def send(self, topic: str, value: bytes | None, **named: Any) -> asyncio.Future[Any]:
            if value == b"2":
                raise KafkaConnectionError("away")
            return await super().send(topic, value, **named)

    connection.rows = [waiting(1, aggregate=5), waiting(2), waiting(3, aggregate=6)]
    producer = Away()
    with pytest.raises(KafkaConnectionError):
        await relay._send_waiting(connection, producer)
    assert [value for _, value, _ in producer.sent] == [b"1"]
    ((_, *columns),) = connection.executed
    assert columns[3] == [1]
    assert relay.problem == ""


async def test_the_reader_begins_at_the_horizon_once_everything_is_published() -> None:
    reader, connection = OutboxReader(), FakeConnection()
    connection.rows = [waiting(2), waiting(1)]
    assert [row["aggregate_version"] for row in await reader.read(connection, [3, 5], 10)] == [1, 2]
    await reader.read(connection, [3, 5], 10)
    assert connection.fetched[-1] == (statement(False, False), [3, 5], 10), "not published yet"
    reader.published()
    connection.rows = []
    await reader.read(connection, [3, 5, 6], 10)
    assert connection.fetched[-2:] == [
        (statement(True, False), [3, 5], 10, [100, 100]),
        (statement(False, False), [6], 10),
    ]
    reader.search_all()
    await reader.read(connection, [3], 10)
    assert connection.fetched[-1] == (statement(False, False), [3], 10)


async def test_a_shard_with_more_than_fits_is_read_in_the_order_of_keys() -> None:
    reader, connection = OutboxReader(), FakeConnection()
    await reader.read(connection, [3, 5], 2)
    reader.published()
    connection.rows = [waiting(2), waiting(3)]
    await reader.read(connection, [3, 5], 2)
    assert [arguments[0] for arguments in connection.fetched[-2:]] == [
        statement(True, False),
        statement(False, False),
    ]
    assert connection.fetched[-1][1] == [3], "the other shard has given all that it has"
    reader.published()
    connection.rows = []
    await reader.read(connection, [3, 5], 2)
    assert connection.fetched[-2][1:] == ([5], 2, [100])


async def test_sending_returns_the_number_of_rows() -> None:
    relay, _ = make_relay()
    relay._owned = {3}
    connection = FakeConnection()
    connection.rows = [waiting(1), waiting(2)]
    assert await relay._send_waiting(connection, FakeProducer()) == 2


async def test_an_empty_outbox_sends_nothing_and_has_no_age() -> None:
    relay, metrics = make_relay()
    metrics.outbox_age.set(5)
    connection, producer = FakeConnection(), FakeProducer()
    assert await relay._send_waiting(connection, producer) == 0
    assert (connection.executed, producer.sent) == ([], [])
    assert metrics.outbox_age._value.get() == 0


async def test_an_event_is_sent_with_its_topic_key_and_headers() -> None:
    relay, _ = make_relay()
    producer, row = FakeProducer(), waiting(7)
    await relay._send(producer, row)
    envelope = Envelope(
        row["event_id"],
        "vip.claimed",
        TENANT,
        row["aggregate_id"],
        7,
        row["created_at"],
        "c-1",
        row["causation_id"],
    )
    assert envelope_of(row) == envelope
    assert producer.sent == [
        (
            "test.sales.vip.v1",
            b"7",
            {
                "key": key(TENANT, row["aggregate_id"]),
                "headers": headers(envelope, "vip", "vip"),
            },
        )
    ]


async def test_an_interrupted_batch_cancels_its_promises() -> None:
    relay, _ = make_relay()
    promises: list[asyncio.Future[Any]] = []

    class Silent(FakeProducer):
        async def send(self, topic: str, value: bytes | None, **named: Any) -> asyncio.Future[Any]:
            promises.append(asyncio.get_running_loop().create_future())
            return promises[-1]

    task = asyncio.create_task(relay._send_all(Silent(), [waiting(1), waiting(2)]))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [promise.cancelled() for promise in promises] == [True, True]


async def test_each_table_is_pruned_by_its_own_age() -> None:
    relay, _ = make_relay()
    connection = FakeConnection()
    await relay._prune(connection)
    assert [statement for (statement,) in connection.executed] == [
        f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {column} <"
        f" now() - interval '{age}' LIMIT 5000))"
        for table, column, age in (
            ("outbox", "published_at", "3 days"),
            ("inbox", "seen_at", "14 days"),
            ("idempotent_response", "stored_at", "2 days"),
        )
    ]


async def test_waiting_for_acknowledgements_keeps_the_session_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "HEARTBEAT_SECONDS", 0.01)
    connection = FakeConnection()

    async def slow() -> list[Any]:
        await asyncio.sleep(0.05)
        return ["acknowledged"]

    assert await with_heartbeats(connection, slow()) == ["acknowledged"]
    assert connection.executed and set(connection.executed) == {("SELECT 1",)}


async def test_a_broker_that_acknowledges_nothing_ends_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(batch, "GIVE_UP_SECONDS", 0.03)
    cancelled = asyncio.Event()

    async def silent() -> list[Any]:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return []

    with pytest.raises(TimeoutError, match="acknowledges nothing"):
        await asyncio.wait_for(with_heartbeats(FakeConnection(), silent()), 2)
    await asyncio.wait_for(cancelled.wait(), 1)


async def test_a_lost_session_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "HEARTBEAT_SECONDS", 0.01)
    connection = FakeConnection()
    connection.fails = True
    with pytest.raises(OSError, match="session is lost"):
        await asyncio.wait_for(with_heartbeats(connection, asyncio.sleep(60, [])), 2)


async def test_a_relay_waits_for_a_commit_or_its_next_poll() -> None:
    relay, _ = make_relay(poll_seconds=60)
    waiting_task = asyncio.create_task(relay._await_commit())
    await asyncio.sleep(0)
    relay.wake()
    await asyncio.wait_for(waiting_task, 1)
    polling, _ = make_relay(poll_seconds=0.01)
    await asyncio.wait_for(polling._await_commit(), 1)


async def test_a_stopping_relay_sends_what_waits_and_ends() -> None:
    relay, _ = make_relay(shards=2, poll_seconds=60)
    connection, producer = FakeConnection(), FakeProducer()
    connection.rows = [waiting(1)]
    await relay.stop()
    await asyncio.wait_for(relay._relay(connection, producer), 1)
    assert relay._owned == {0, 1}
    assert [value for _, value, _ in producer.sent] == [b"1"]
    assert any("DELETE FROM inbox" in statement for statement, *_ in connection.executed)


async def test_a_full_batch_is_followed_by_the_next_without_rest() -> None:
    relay, _ = make_relay(poll_seconds=60)
    producer = FakeProducer()

    class Draining(FakeConnection):
        async def fetch(self, *arguments: Any) -> list[dict[str, Any]]:
            first, self.rows = self.rows[:BATCH_PER_SHARD], self.rows[BATCH_PER_SHARD:]
            return in_shards(arguments[1], first)

    connection = Draining()
    connection.rows = [waiting(version) for version in range(BATCH_PER_SHARD + 1)]
    task = asyncio.create_task(relay._relay(connection, producer))
    async with asyncio.timeout(5):
        while len(producer.sent) <= BATCH_PER_SHARD:
            await asyncio.sleep(0.01)
    await relay.stop()
    await asyncio.wait_for(task, 1)


async def test_a_relay_without_shards_sends_nothing() -> None:
    relay, _ = make_relay()
    connection, producer = FakeConnection(taken=set(range(8))), FakeProducer()
    connection.rows = [waiting(1)]
    await relay.stop()
    await asyncio.wait_for(relay._relay(connection, producer), 1)
    assert (producer.sent, connection.fetched) == ([], [])


async def test_an_interrupted_relay_tries_again_with_growing_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay, _ = make_relay()
    pauses: list[float] = []
    attempts = 0

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def interrupted() -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 9:
            assert relay.failing == "OSError"
            relay._stopping = True
        elif attempts != 7:
            raise OSError("gone")

    monkeypatch.setattr(asyncio, "sleep", pause)
    monkeypatch.setattr(relay, "_relay_until_broken", interrupted)
    await relay.run()
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 0.1], "patience starts anew"


async def test_closing_ends_the_session_first_and_then_the_producer() -> None:
    calls: list[str] = []

    class Closing(FakeProducer):
        def terminate(self) -> None:
            calls.append("terminate")

        async def close(self) -> None:
            calls.append("close")

    await _close(Closing(), Closing())
    assert calls == ["terminate", "close"]
    calls.clear()
    await _close(None, Closing())
    assert calls == ["close"]


@pytest.mark.parametrize("in_time", [True, False])
async def test_a_producer_that_does_not_stop_in_time_is_cut_off(
    in_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    class Sender:
        async def close(self) -> None:
            calls.append("close")

    class Client:
        _sender = Sender()

        async def start(self) -> None:
            calls.append("start")

        async def stop(self) -> None:
            await asyncio.sleep(0 if in_time else 60)
            calls.append("stop")

    monkeypatch.setattr(producer_module, "CLOSE_SECONDS", 0.05)
    client: Any = Client()
    producer = EventProducer()
    await producer.connect(client, serializer=None)
    await producer.close()
    assert calls == ["start", "stop" if in_time else "close"]


async def test_shards_are_shared_every_second_and_tables_pruned_every_half_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay, _ = make_relay()
    moments = [0.0, 0.5, 1.0, 29.9, 30.0]
    clock = iter(moments)
    calls: dict[str, list[float]] = {"share": [], "prune": []}
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now = next(clock)
        relay._stopping = now == moments[-1]
        return now

    async def record(name: str) -> None:
        calls[name].append(now)

    async def rest() -> None:
        pass

    monkeypatch.setattr(relay_module, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(relay, "_share_shards", lambda _: record("share"))
    monkeypatch.setattr(relay, "_prune", lambda _: record("prune"))
    monkeypatch.setattr(relay, "_await_commit", rest)
    nothing: Any = None
    await relay._relay(nothing, nothing)
    assert calls == {"share": [0.0, 1.0, 29.9], "prune": [0.0, 30.0]}


async def test_the_session_is_kept_alive_while_a_batch_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "HEARTBEAT_SECONDS", 0.01)

    class Slow(FakeProducer):
        async def send(self, topic: str, value: bytes | None, **named: Any) -> asyncio.Future[Any]:
            return asyncio.ensure_future(asyncio.sleep(0.05))

    relay, _ = make_relay()
    relay._owned = {3}
    connection, producer = FakeConnection(), Slow()
    connection.rows = [waiting(1)]
    assert await relay._send_waiting(connection, producer) == 1
    assert ("SELECT 1",) in connection.executed
