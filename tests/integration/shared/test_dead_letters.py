"""Dead letters: what cannot be understood or applied is kept with its origin, and nothing waits
behind it.
"""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.bus.dead_letter_replay import replay_dead_letters, waiting_dead_letters
from shared.bus.dead_letters import topic_for
from shared.bus.subscription import Batch, Subscription
from shared.db import Tx
from shared.events import ACTIVITIES, PEOPLE, Envelope, key
from shared.events.directory import CompanyChanged
from shared.ids import TenantId, new_id
from tests.integration.shared.scratch import READER, Scratch, eventually, good
from tests.integration.shared.things import (
    COUNT_EFFECT,
    TENANT,
    affected,
    count_effect,
    counted,
)

KEY, VALUE, HEADERS = good(TENANT, new_id())
STRANGER = good(TenantId(new_id()), new_id())[0]

Raw = tuple[bytes | None, bytes | None, list[tuple[str, Any]]]


def headers_with(**changes: bytes | None) -> list[tuple[str, Any]]:
    return list({**dict(HEADERS), **changes}.items())


POISON: dict[str, tuple[Raw, str]] = {
    "unreadable bytes": ((KEY, b"\xff\xfe\x00", HEADERS), "schema"),
    "not JSON": ((KEY, b"{half", HEADERS), "schema"),
    "another schema": ((KEY, b'{"company_id": 5}', HEADERS), "company_id"),
    "a newer version": (
        (KEY, VALUE, headers_with(ce_dataschema=b"/schemas/company.changed/v2")),
        "version 2",
    ),
    "no headers": ((KEY, VALUE, []), "ce_type is missing"),
    "a missing header": (
        (KEY, VALUE, [header for header in HEADERS if header[0] != "ce_id"]),
        "ce_id is missing",
    ),
    "an undecodable header": (
        (KEY, VALUE, headers_with(ce_tenantid=b"\xff\xfe")),
        "ce_tenantid is broken",
    ),
    "a null header": ((KEY, VALUE, headers_with(ce_time=None)), "ce_time is broken"),
    "an undecodable header of others": (
        (KEY, b"{", [*HEADERS, ("traceparent", b"\xff")]),
        "schema",
    ),
    "no key": ((None, VALUE, HEADERS), "key"),
    "another tenant's key": ((STRANGER, VALUE, HEADERS), "key"),
    "a tombstone": ((KEY, None, HEADERS), "no data"),
    "a bare tombstone": ((KEY, None, []), "ce_type is missing"),
    "900 KB": ((KEY, b"x" * 900_000, HEADERS), "schema"),
    "more than a dead letter holds": ((KEY, b"x" * 1_047_900, HEADERS), "schema"),
}


@pytest.mark.parametrize("poison", list(POISON))
async def test_poison_becomes_a_dead_letter_and_nothing_waits_behind_it(
    scratch: Scratch, poison: str
) -> None:
    database, before, after = await scratch.database(), new_id(), new_id()
    (raw_key, value, raw_headers), reason = POISON[poison]
    await scratch.send(good(TENANT, before), (raw_key, value, raw_headers), good(TENANT, after))
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        await eventually(affected(database, after))
        ((origin, letter),) = await scratch.letters(1)
        assert not consumer.stopped_because and not consumer.failing
    assert reason in origin["reason"]
    place = (origin["topic"], origin["partition"], origin["offset"], origin["consumer"])
    assert place == (scratch.topic(), "0", "1", READER)
    assert letter.key == raw_key
    assert [header for header in letter.headers if header[0][:3] != "dl_"] == raw_headers
    assert letter.value == (b"" if "more than" in poison else value)
    assert set(await counted(database)) == {before, after}


async def test_a_dead_letter_too_large_for_its_topic_is_kept_without_its_value(
    scratch: Scratch,
) -> None:
    await scratch.send((KEY, b"x" * 20_000, HEADERS), (KEY, b"{", HEADERS), topic=PEOPLE)
    async with scratch.runs(scratch.consumer(await scratch.database())):
        letters = await scratch.letters(2, PEOPLE)
    assert {origin["offset"]: (record.value, "value" in origin) for origin, record in letters} == {
        "0": (b"", True),
        "1": (b"{", False),
    }


async def test_a_type_without_a_handler_is_ignored(scratch: Scratch) -> None:
    database, after = await scratch.database(), new_id()
    await scratch.send(
        (KEY, b"\xff", headers_with(ce_type=b"company.painted")), good(TENANT, after)
    )
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        await eventually(affected(database, after))
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []
    ignored = consumer._metrics.consumed.labels(scratch.topic(), "ignored")
    assert ignored._value.get() == 1


@pytest.mark.parametrize("batched", [False, True])
async def test_a_failing_handler_rejects_exactly_that_event(
    scratch: Scratch, batched: bool
) -> None:
    database = await scratch.database()
    subjects, bad, last = [new_id() for _ in range(40)], {3, 17, 39}, new_id()
    subscription = Subscription((ACTIVITIES, PEOPLE))

    async def fail_for_some(tx: Tx, event: CompanyChanged, envelope: Envelope) -> None:
        await count_effect(tx, event, envelope)
        match subjects.index(event.company_id) if event.company_id in subjects else -1:
            case 3:
                raise KeyError("a bug")
            case 17:
                await tx.connection.execute("SELECT 1 / 0")
            case 39:
                await tx.rows(COUNT_EFFECT, id=event.company_id, version=2**70)

    async def fail_for_batches_with_some(tx: Tx, events: Any) -> None:
        for event in events:
            await fail_for_some(tx, event.event, event.envelope)

    if batched:
        subscription.on_batch(CompanyChanged)(fail_for_batches_with_some)
    else:
        subscription.on(CompanyChanged)(fail_for_some)
    await scratch.send(*(good(TENANT, subject) for subject in [*subjects, last]))
    async with scratch.runs(scratch.consumer_of(database, subscription)):
        await eventually(affected(database, last))
        letters = await scratch.letters(3)
    assert {int(origin["offset"]) for origin, _ in letters} == bad
    assert {origin["reason"].partition(":")[0] for origin, _ in letters} == {
        "KeyError",
        "DivisionByZeroError",
        "DataError",
    }
    assert await counted(database) == {
        subject: (1, 1) for number, subject in enumerate([*subjects, last]) if number not in bad
    }


async def test_a_failing_erasure_rejects_exactly_that_tombstone(scratch: Scratch) -> None:
    forgotten: list[UUID] = []
    bad, fine = new_id(), new_id()
    subscription = Subscription((ACTIVITIES, PEOPLE))

    @subscription.on_erasure
    async def forget(_: Tx, subject: UUID) -> None:
        if subject == bad:
            raise KeyError("a bug")
        forgotten.append(subject)

    await scratch.send(
        (key(TENANT, bad), None, []), (key(TENANT, fine), None, []), (b"x", None, []), topic=PEOPLE
    )
    async with scratch.runs(scratch.consumer_of(await scratch.database(), subscription)):
        letters = await scratch.letters(2, PEOPLE)
        await eventually(lambda: forgotten)
    assert {origin["offset"] for origin, _ in letters} == {"0", "2"}
    assert forgotten == [fine]


async def test_too_many_dead_letters_stop_the_consumer(scratch: Scratch) -> None:
    database, after = await scratch.database(), new_id()
    await scratch.send(*[(KEY, b"{", HEADERS)] * 6, good(TENANT, after))
    consumer = scratch.consumer(database, dead_letters_per_minute=5)
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.stopped_because)
        assert "more than 5 dead letters" in consumer.stopped_because
        assert consumer._metrics.consumer_stopped._value.get() == 1
        await asyncio.sleep(1)
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []
    assert await scratch.committed() == 0
    async with scratch.runs(scratch.consumer(database)):
        assert len(await scratch.letters(6)) == 6
        await eventually(affected(database, after))


async def test_dead_letters_are_listed_and_replayed_once_the_cause_is_gone(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    subjects, mended = [new_id() for _ in range(3)], False

    async def fail_until_mended(batch: Batch) -> None:
        if not mended:
            raise KeyError("a bug")
        await batch.apply()

    await scratch.send((KEY, b"{", HEADERS), *(good(TENANT, subject) for subject in subjects))
    source = ((ACTIVITIES, PEOPLE), READER, scratch.kafka)
    async with scratch.runs(scratch.consumer(database, fail_until_mended)):
        await scratch.letters(4)
    waiting = await waiting_dead_letters(*source, scratch.namespace)
    assert [(letter.topic, letter.partition, letter.offset) for letter in waiting] == [
        (scratch.topic(), 0, number) for number in range(4)
    ]
    mended = True
    operator = scratch.consumer(database, fail_until_mended)
    outcomes = await replay_dead_letters(*source, operator.replay, scratch.namespace)
    assert [outcome for _, outcome in outcomes][1:] == ["applied"] * 3
    assert await counted(database) == dict.fromkeys(subjects, (1, 1))
    (left,) = await waiting_dead_letters(*source, scratch.namespace)
    assert (left.topic, left.offset, left.value) == (scratch.topic(), 0, b"{")
    again = await replay_dead_letters(*source, operator.replay, scratch.namespace)
    assert [outcome for _, outcome in again] == [outcomes[0][1]]
    await operator.stop()


async def test_a_dead_letter_waits_for_a_broker_that_is_away_and_counts_once(
    scratch: Scratch,
) -> None:
    database, after = await scratch.database(), new_id()
    consumer = scratch.consumer(database, dead_letters_per_minute=2)
    producer, away = consumer._broker.event_producer, True
    send = producer.send

    async def send_unless_away(*arguments: Any, **named: Any) -> Any:
        if away:
            raise KafkaConnectionError("away")
        return await send(*arguments, **named)

    producer.send = send_unless_away  # type: ignore[method-assign]
    await scratch.send((KEY, b"{", HEADERS), good(TENANT, after))
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.failing == "KafkaConnectionError")
        await asyncio.sleep(1)
        away = False
        await scratch.letters(1)
        await eventually(lambda: not consumer.failing)
        assert not consumer.stopped_because
