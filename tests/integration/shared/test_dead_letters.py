"""Dead letters: what cannot be understood or applied is kept with its origin, and nothing waits
behind it.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.bus.dead_letters import topic_for
from shared.bus.records import Rejected
from shared.bus.subscription import Subscription
from shared.db import Tx
from shared.events import ACTIVITIES, PEOPLE, Envelope, headers, key
from shared.events.directory import CompanyChanged
from shared.events.people import PersonDescribed
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


async def test_a_letter_the_broker_refuses_is_shortened_and_later_letters_follow(
    scratch: Scratch,
) -> None:
    database, after = await scratch.database(), new_id()
    await scratch.set_largest_record(topic_for(scratch.topic(), READER), 4_000)
    huge = [*HEADERS, ("x", b"y" * 5_000)]
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        for records in (
            [(KEY, b"{", HEADERS), (KEY, b"x" * 20_000, HEADERS), (KEY, b"[", HEADERS)],
            [(KEY, b"{{", HEADERS)],
            [(KEY, b"y" * 20_000, huge), (KEY, b"[[", HEADERS)],
            # Each is small, the batch of them is not.
            [(KEY, b"[" * 1_000, HEADERS)] * 6,
            [good(TENANT, after)],
        ):
            await scratch.send(*records)
            await asyncio.sleep(0.3)
        await eventually(affected(database, after))
        letters = {
            origin["offset"]: (record.value, "value" in origin, len(record.headers) > 10)
            for origin, record in await scratch.letters(12)
        }
        assert not consumer.failing
    assert letters == {
        "0": (b"{", False, True),
        "1": (b"", True, True),
        "2": (b"[", False, True),
        "3": (b"{{", False, True),
        "4": (b"", True, False),
        "5": (b"[[", False, True),
        **{str(offset): (b"[" * 1_000, False, True) for offset in range(6, 12)},
    }
    (large,) = [each for each in await (await scratch.box(database)).waiting() if each.offset == 1]
    seen: list[bytes | None] = []

    async def apply(letter: Any) -> str:
        if letter.offset == large.offset:
            seen.append(letter.value)
        return "applied"

    await (await scratch.box(database)).replay(apply, "tests")
    assert seen == [b"x" * 20_000], "a pointer's value is read where it lies"


async def test_a_letter_about_a_person_holds_no_value_and_erasing_the_person_reaches_it(
    scratch: Scratch,
) -> None:
    database, mended = await scratch.database(), False
    persons = [new_id() for _ in range(3)]
    described: list[tuple[UUID, str]] = []
    subscription = Subscription((ACTIVITIES, PEOPLE))

    @subscription.on(PersonDescribed)
    async def describe(_: Tx, event: PersonDescribed, envelope: Envelope) -> None:
        if not mended:
            raise KeyError("a bug")
        described.append((envelope.subject, event.name))

    await scratch.send(*(person(subject, "Анна Сергеевна") for subject in persons), topic=PEOPLE)
    async with scratch.runs(scratch.consumer_of(database, subscription)):
        letters = await scratch.letters(3, PEOPLE)
    assert "Анна".encode() not in b"".join(
        (letter.value or b"") + b"".join(value for _, value in letter.headers)
        for _, letter in letters
    )
    await scratch.send(
        (key(TENANT, persons[0]), None, []), person(persons[1], "Анна Борисова"), topic=PEOPLE
    )
    mended = True
    operator, box = scratch.consumer_of(database, subscription), await scratch.box(database)
    outcomes = await box.replay(operator.applier.replay, "tests")
    assert [outcome.partition(":")[0] for _, outcome in outcomes] == ["gone", "gone", "applied"]
    assert described == [(persons[2], "Анна Сергеевна")]
    assert await box.waiting() == []


def person(subject: UUID, name: str) -> Raw:
    event = PersonDescribed(kind="employee", name=name, phones=["+74950000001"])
    envelope = Envelope(new_id(), event.type, TENANT, subject, 1, datetime.now(UTC))
    return key(TENANT, subject), event.to_json(), list(headers(envelope, "person", "activities"))


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


async def test_a_dead_letter_waits_for_a_broker_that_is_away_and_counts_once(
    scratch: Scratch,
) -> None:
    database, after = await scratch.database(), new_id()
    consumer = scratch.consumer(database, dead_letters_per_minute=2)
    send, away = consumer._dead_letters._send, True

    async def send_unless_away(rejection: Rejected) -> Any:
        if away:
            raise KafkaConnectionError("away")
        return await send(rejection)

    consumer._dead_letters._send = send_unless_away  # type: ignore[method-assign]
    await scratch.send((KEY, b"{", HEADERS), good(TENANT, after))
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.failing == "KafkaConnectionError")
        await asyncio.sleep(1)
        away = False
        await scratch.letters(1)
        await eventually(lambda: not consumer.failing)
        assert not consumer.problem
