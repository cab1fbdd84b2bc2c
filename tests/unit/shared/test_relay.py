"""The relay beside PostgreSQL and Kafka: how shards are shared, what is sent, when it prunes."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from shared.bus import producer as producer_module
from shared.bus.producer import EventProducer
from shared.outbox import batch
from shared.outbox import relay as relay_module
from shared.outbox.batch import with_heartbeats
from shared.outbox.relay import (
    BATCH_PER_SHARD,
    _close,
)
from tests.unit.shared.fake_relay import (
    FakeConnection,
    FakeProducer,
    in_shards,
    make_relay,
    waiting,
)


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


async def test_a_relay_that_is_paused_owns_nothing_and_says_so() -> None:
    (relay, _), connection = make_relay(), FakeConnection()
    await relay._share_shards(connection)
    assert (len(relay._owned), relay.problem) == (8, "")
    connection.pauses = 1
    await relay._share_shards(connection)
    assert (sorted(connection.unlocked), relay._owned) == (list(range(8)), set())
    assert relay.problem == "paused"
    connection.pauses = 0
    await relay._share_shards(connection)
    assert (len(relay._owned), relay.problem) == (8, "")


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
            if "AS pruned" in arguments[0]:
                return [{"pruned": 0}]
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


@pytest.mark.parametrize(
    ("left", "pruned"), [(False, [0.0, 30.0]), (True, [0.0, 0.5, 1.0, 29.9, 30.4])]
)
async def test_shards_are_shared_every_second_and_tables_pruned_while_something_is_left(
    monkeypatch: pytest.MonkeyPatch, left: bool, pruned: list[float]
) -> None:
    relay, _ = make_relay()
    moments = [0.0, 0.5, 1.0, 29.9, 30.0, 30.4]
    clock = iter(moments)
    calls: dict[str, list[float]] = {"share": [], "prune": []}
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now = next(clock)
        relay._stopping = now == moments[-1]
        return now

    async def record(name: str) -> bool:
        calls[name].append(now)
        return left

    async def rest() -> None:
        pass

    monkeypatch.setattr(relay_module, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(relay, "_share_shards", lambda _: record("share"))
    monkeypatch.setattr(relay_module, "prune_step", lambda *_: record("prune"))
    monkeypatch.setattr(relay, "_await_commit", rest)
    nothing: Any = SimpleNamespace(fetch=None)
    await relay._relay(nothing, nothing)
    assert calls == {"share": [0.0, 1.0, 29.9], "prune": pruned}


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
