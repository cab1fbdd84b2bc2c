"""The consumer: every fact takes effect once; what cannot be understood is put aside, and nothing
waits behind it.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.bus import dead_letters
from shared.bus.subscription import Batch, Subscription
from shared.db import Database, Tx
from shared.errors import Unavailable
from shared.events import ACTIVITIES, PEOPLE, Envelope, key
from shared.events.directory import CompanyChanged
from shared.ids import TenantId, new_id
from tests.integration.shared.scratch import (
    COUNT_EFFECT,
    READER,
    Scratch,
    eventually,
    good,
)

TENANT = TenantId(new_id())


async def counted(database: Database, tenant_id: UUID = TENANT) -> dict[UUID, tuple[int, int]]:
    """Each thing's version and how often something had an effect on it."""
    async with database.begin_for(TenantId(tenant_id)) as tx:
        return {
            row["id"]: (row["version"], row["effects"])
            for row in await tx.connection.fetch("SELECT * FROM thing")
        }


def seen(database: Database, subject: UUID) -> Any:
    async def look() -> bool:
        return subject in await counted(database)

    return look


async def test_a_batch_that_comes_again_after_its_effect_changes_nothing(scratch: Scratch) -> None:
    database = await scratch.database()
    subjects = [new_id() for _ in range(50)]
    await scratch.send(*(good(TENANT, subject) for subject in subjects))
    dying = scratch.consumer(database)

    async def dies_before_the_commit(records: Sequence[Any]) -> None:
        return None

    dying._commit = dies_before_the_commit  # type: ignore[method-assign]
    async with scratch.runs(dying):
        await eventually(seen(database, subjects[-1]))
    last = new_id()
    await scratch.send(good(TENANT, last))
    again: list[UUID] = []

    async def watched(batch: Batch) -> None:
        again.extend(event.envelope.subject for event in batch.events)
        await batch.apply()

    async with scratch.runs(scratch.consumer(database, watched)):
        await eventually(seen(database, last))
    assert again == [*subjects, last], "everything came again"
    assert await counted(database) == dict.fromkeys([*subjects, last], (1, 1))
    third: list[UUID] = []

    async def nothing_is_left(batch: Batch) -> None:
        third.extend(event.envelope.subject for event in batch.events)

    later = scratch.consumer(database, nothing_is_left)
    async with scratch.runs(later):
        await eventually(
            lambda: later._subscriber.consumer and later._subscriber.consumer.assignment()
        )
        await asyncio.sleep(0.5)
    assert third == [], "what was committed does not come again"


async def test_one_event_twice_in_one_batch_takes_effect_once(scratch: Scratch) -> None:
    database = await scratch.database()
    subject, event_id, last = new_id(), new_id(), new_id()
    await scratch.send(*[good(TENANT, subject, 1, event_id)] * 3, good(TENANT, last))
    async with scratch.runs(scratch.consumer(database)):
        await eventually(seen(database, last))
    assert (await counted(database))[subject] == (1, 1)


KEY, VALUE, HEADERS = good(TENANT, new_id())
STRANGER = good(TenantId(new_id()), new_id())[0]


def headers_with(**differently: bytes | None) -> list[tuple[str, Any]]:
    return list({**dict(HEADERS), **differently}.items())


POISON: dict[str, tuple[tuple[bytes | None, bytes | None, list[tuple[str, Any]]], str]] = {
    "unreadable bytes": ((KEY, b"\xff\xfe\x00", HEADERS), "schema"),
    "not JSON": ((KEY, b"{half", HEADERS), "schema"),
    "another schema": ((KEY, b'{"company_id": 5}', HEADERS), "company_id"),
    "a newer version": (
        (KEY, VALUE, headers_with(ce_dataschema=b"/schemas/company.changed/v2")),
        "version 2",
    ),
    "no headers": ((KEY, VALUE, []), "ce_type is missing"),
    "a missing header": (
        (KEY, VALUE, [pair for pair in HEADERS if pair[0] != "ce_id"]),
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
    "more than a letter holds": ((KEY, b"x" * 1_047_900, HEADERS), "schema"),
}


@pytest.mark.parametrize("kind", list(POISON))
async def test_a_dead_letter_says_where_from_and_why_and_holds_up_nothing(
    scratch: Scratch, kind: str
) -> None:
    database, before, after = await scratch.database(), new_id(), new_id()
    record, reason = POISON[kind]
    await scratch.send(good(TENANT, before), record, good(TENANT, after))
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        await eventually(seen(database, after))
        ((told, letter),) = await scratch.letters(1)
        assert not consumer.stopped_because and not consumer.failing
    assert reason in told["reason"]
    assert (told["topic"], told["partition"], told["offset"], told["consumer"]) == (
        scratch.topic(),
        "0",
        "1",
        READER,
    )
    assert letter.key == record[0]
    kept = [pair for pair in letter.headers if not pair[0].startswith("dl_")]
    assert kept == record[2]
    assert letter.value == (b"" if "more than" in kind else record[1])
    assert set(await counted(database)) == {before, after}


async def test_a_dead_letter_too_large_for_the_broker_loses_its_value(
    scratch: Scratch,
) -> None:
    await scratch.send((KEY, b"x" * 20_000, HEADERS), (KEY, b"{", HEADERS), topic=PEOPLE)
    consumer = scratch.consumer(await scratch.database())
    async with scratch.runs(consumer):
        letters = await scratch.letters(2, PEOPLE)
    assert {told["offset"]: (record.value, "value" in told) for told, record in letters} == {
        "0": (b"", True),
        "1": (b"{", False),
    }


async def test_a_type_that_nobody_hears_is_passed_over(scratch: Scratch) -> None:
    database, after = await scratch.database(), new_id()
    await scratch.send(
        (KEY, b"\xff", headers_with(ce_type=b"company.painted")), good(TENANT, after)
    )
    async with scratch.runs(scratch.consumer(database)):
        await eventually(seen(database, after))
    assert await scratch.everything_on(dead_letters.topic_for(scratch.topic(), READER)) == []


async def test_a_failing_handler_dead_letters_exactly_that_event(scratch: Scratch) -> None:
    database = await scratch.database()
    subjects, bad, last = [new_id() for _ in range(40)], {3, 17, 39}, new_id()
    subscription = Subscription((ACTIVITIES, PEOPLE))

    @subscription.on(CompanyChanged)
    async def fails_for_some(tx: Tx, event: CompanyChanged, envelope: Envelope) -> None:
        await tx.rows(COUNT_EFFECT, id=event.company_id, version=envelope.version)
        match subjects.index(event.company_id) if event.company_id in subjects else -1:
            case 3:
                raise KeyError("a bug")
            case 17:
                await tx.connection.execute("SELECT 1 / 0")
            case 39:
                await tx.rows(COUNT_EFFECT, id=event.company_id, version=2**70)

    await scratch.send(*(good(TENANT, subject) for subject in [*subjects, last]))
    async with scratch.runs(scratch.consumer_of(database, subscription)):
        await eventually(seen(database, last))
        letters = await scratch.letters(3)
    assert {int(told["offset"]) for told, _ in letters} == bad
    assert {told["reason"].partition(":")[0] for told, _ in letters} == {
        "KeyError",
        "DivisionByZeroError",
        "DataError",
    }
    assert await counted(database) == {
        subject: (1, 1) for number, subject in enumerate([*subjects, last]) if number not in bad
    }


async def test_an_eraser_that_fails_puts_aside_exactly_that_tombstone(scratch: Scratch) -> None:
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
    assert {told["offset"] for told, _ in letters} == {"0", "2"}
    assert forgotten == [fine]


@pytest.mark.parametrize(
    "away", [Unavailable("the database does not answer"), ConnectionError("away"), TimeoutError()]
)
async def test_what_passes_by_itself_is_waited_for(scratch: Scratch, away: Exception) -> None:
    database, subject = await scratch.database(), new_id()
    tries = 0

    async def away_at_first(batch: Batch) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise away
        await batch.apply()

    await scratch.send(good(TENANT, subject))
    consumer = scratch.consumer(database, away_at_first, dead_letters_per_minute=1)
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.failing == type(away).__name__)
        await eventually(seen(database, subject))
        await eventually(lambda: not consumer.failing)
    assert await scratch.everything_on(dead_letters.topic_for(scratch.topic(), READER)) == []


async def test_a_database_whose_sessions_are_killed_is_waited_for(scratch: Scratch) -> None:
    database, admin = await scratch.database(), await scratch.admin()
    subjects = [new_id() for _ in range(300)]
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        for start in range(0, 300, 100):
            await scratch.send(
                *(good(TENANT, subject) for subject in subjects[start : start + 100])
            )
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'scratch' AND datname = current_database()"
            )
        await eventually(lambda: _all_there(scratch, subjects))
    assert await counted(database) == dict.fromkeys(subjects, (1, 1))


async def _all_there(scratch: Scratch, subjects: list[UUID]) -> bool:
    admin = await asyncpg.connect(scratch.url("admin"))
    try:
        return bool(await admin.fetchval("SELECT count(*) FROM thing") == len(subjects))
    finally:
        await admin.close()


async def test_a_flood_stops_the_consumer_and_says_so(scratch: Scratch) -> None:
    database, after = await scratch.database(), new_id()
    await scratch.send(*[(KEY, b"{", HEADERS)] * 6, good(TENANT, after))
    consumer = scratch.consumer(database, dead_letters_per_minute=5)
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.stopped_because)
        assert "more than 5 dead letters" in consumer.stopped_because
        assert consumer._metrics.consumer_stopped._value.get() == 1
        await asyncio.sleep(1)
    assert await scratch.everything_on(dead_letters.topic_for(scratch.topic(), READER)) == []
    async with scratch.runs(scratch.consumer(database)):
        assert len(await scratch.letters(6)) == 6, (
            "nothing was committed: a consumer with a wider limit finds them all"
        )
        await eventually(seen(database, after))


async def test_dead_letters_are_listed_and_replayed(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    subjects, mended = [new_id() for _ in range(3)], False

    async def broken_at_first(batch: Batch) -> None:
        if not mended:
            raise KeyError("a bug")
        await batch.apply()

    await scratch.send((KEY, b"{", HEADERS), *(good(TENANT, subject) for subject in subjects))
    consumer = scratch.consumer(database, broken_at_first)
    where = ((ACTIVITIES, PEOPLE), READER, scratch.kafka)
    async with scratch.runs(consumer):
        await scratch.letters(4)
        listed = await dead_letters.waiting(*where, scratch.namespace)
        assert [(letter.topic, letter.partition, letter.offset) for letter in listed] == [
            (scratch.topic(), 0, number) for number in range(4)
        ]
        mended = True
        outcomes = await dead_letters.replay(*where, consumer.replay, scratch.namespace)
        assert [outcome for _, outcome in outcomes][1:] == ["applied"] * 3
        assert await counted(database) == dict.fromkeys(subjects, (1, 1))
        (left,) = await dead_letters.waiting(*where, scratch.namespace)
        assert (left.topic, left.offset, left.value) == (scratch.topic(), 0, b"{"), (
            "what still fails is put aside anew, from where it was"
        )
        assert [
            outcome
            for _, outcome in await dead_letters.replay(*where, consumer.replay, scratch.namespace)
        ] == [outcomes[0][1]]


async def test_a_dead_letter_waits_for_the_broker_and_counts_once(scratch: Scratch) -> None:
    database, after = await scratch.database(), new_id()
    consumer = scratch.consumer(database, dead_letters_per_minute=2)
    right, consumer._letters._kafka = consumer._letters._kafka, "127.0.0.1:1"
    await scratch.send((KEY, b"{", HEADERS), good(TENANT, after))
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.failing)
        await asyncio.sleep(1)
        consumer._letters._kafka = right
        await scratch.letters(1)
        await eventually(lambda: not consumer.failing)
        assert not consumer.stopped_because


async def test_a_batch_that_fails_unforeseen_comes_again_before_anything_behind_it(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    subjects = [new_id() for _ in range(3)]
    await scratch.send(*(good(TENANT, subject) for subject in subjects))
    consumer = scratch.consumer(database)
    take_in, failures = consumer.take_in, iter([RuntimeError("a bug of ours")])

    async def broken_once(records: Sequence[Any]) -> Any:
        for failure in failures:
            raise failure
        return await take_in(records)

    consumer.take_in = broken_once  # type: ignore[method-assign]
    async with scratch.runs(consumer):
        await eventually(seen(database, subjects[-1]))
        assert not consumer.failing
    assert await counted(database) == dict.fromkeys(subjects, (1, 1))
