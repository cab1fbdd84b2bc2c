"""An event that cannot be sent holds up its aggregate, and nothing else."""

from uuid import UUID

import pytest

from shared.outbox.reader import statement
from shared.outbox.relay import (
    BATCH_PER_SHARD,
    CAUTIOUS_PER_SHARD,
    LEAST_BATCH_BYTES,
    MAX_BATCH_BYTES,
)
from shared.outbox.sending import Refused
from tests.unit.shared.fake_relay import FakeConnection, FakeProducer, Refusing, make_relay, waiting


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
