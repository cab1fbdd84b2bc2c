"""A batch of the relay: what is read, sent, and marked."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.events import Envelope, headers, key
from shared.outbox.batch import MARK, envelope_of
from shared.outbox.reader import OutboxReader, statement
from shared.outbox.relay import (
    BATCH_PER_SHARD,
)
from tests.unit.shared.fake_relay import (
    TENANT,
    FakeConnection,
    FakeProducer,
    make_relay,
    waiting,
)


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
