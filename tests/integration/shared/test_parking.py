"""A tenant with too many dead letters is parked: its records go aside in order, others go on."""

import asyncio
from typing import Any
from uuid import UUID

from shared.bus.dead_letters import topic_for
from shared.bus.records import NOBODY
from shared.bus.release import NotParked, release
from shared.bus.subscription import Batch, Subscription
from shared.db import Tx
from shared.events import ACTIVITIES, PEOPLE, Envelope, key
from shared.events.directory import CompanyChanged
from shared.events.people import PersonDescribed
from shared.ids import TenantId, new_id
from tests.integration.shared.scratch import READER, Scratch, eventually, good
from tests.integration.shared.test_dead_letters import Raw, person
from tests.integration.shared.things import TENANT, affected, counted

OTHER = TenantId(new_id())
KEY, _, HEADERS = good(TENANT, new_id())
BAD = (KEY, b"{", HEADERS)


class Recording:
    """A subscription that notes what takes effect, and fails for some subjects until it is
    mended.
    """

    def __init__(self, *fails: UUID) -> None:
        self.fails = set(fails)
        self.applied: list[tuple[UUID, int]] = []
        self.erased: list[UUID] = []
        self.subscription = Subscription((ACTIVITIES, PEOPLE))
        self.described: list[str] = []
        self.subscription.on(CompanyChanged)(self.change)
        self.subscription.on(PersonDescribed)(self.describe)
        self.subscription.on_erasure(self.forget)

    async def change(self, _: Tx, event: CompanyChanged, envelope: Envelope) -> None:
        if event.company_id in self.fails:
            raise KeyError("a bug")
        self.applied.append((envelope.subject, envelope.version))

    async def describe(self, _: Tx, event: PersonDescribed, envelope: Envelope) -> None:
        self.described.append(event.name)

    async def forget(self, _: Tx, subject: UUID) -> None:
        self.erased.append(subject)

    def versions(self, subject: UUID) -> list[int]:
        return [version for about, version in self.applied if about == subject]


async def test_a_tenant_over_its_limit_is_parked_and_the_others_go_on(scratch: Scratch) -> None:
    database = await scratch.database()
    later, others = new_id(), [new_id(), new_id()]
    await scratch.send(good(OTHER, others[0]), *[BAD] * 6, good(TENANT, later))
    consumer = scratch.consumer(database, dead_letters_per_minute=5)
    async with scratch.runs(consumer):
        await eventually(lambda: TENANT in consumer.parking.tenants)
        assert "more than 5 dead letters" in consumer.parking.tenants[TENANT].reason
        assert consumer.problem == f"parked: {TENANT}"
        await scratch.send(good(TENANT, later, 2), good(OTHER, others[1]))
        await eventually(lambda: _affected_of(database, OTHER, others))
        await eventually(lambda: consumer._metrics.parked_tenants._value.get() == 1)
        assert not consumer.stopped_because
        named = consumer._metrics.parked_tenant.labels(str(TENANT))
        assert named._value.get() == 1
    assert len(await scratch.letters(5)) == 5, "put aside up to the limit, not one more"
    assert [row["position"] for row in await scratch.parked(TENANT)] == [6, 7, 8]
    assert await counted(database) == {}
    assert await scratch.committed() == 10, "a restart gets on"


async def _affected_of(database: Any, tenant_id: UUID, subjects: list[UUID]) -> bool:
    return set(subjects) <= set(await counted(database, tenant_id))


async def test_a_batch_of_failing_events_ends_at_the_limit(scratch: Scratch) -> None:
    database = await scratch.database()
    attempts = 0

    async def fail(batch: Batch) -> None:
        nonlocal attempts
        attempts += 1
        raise KeyError("a bug")

    await scratch.send(*(good(TENANT, new_id()) for _ in range(400)))
    consumer = scratch.consumer(database, fail, dead_letters_per_minute=10)
    async with scratch.runs(consumer):
        await eventually(lambda: TENANT in consumer.parking.tenants)
        await eventually(lambda: _positions(scratch, TENANT, 390))
    assert [row["position"] for row in await scratch.parked(TENANT)] == list(range(10, 400))
    assert attempts < 60


async def _positions(scratch: Scratch, tenant_id: UUID, count: int) -> bool:
    return len(await scratch.parked(tenant_id)) >= count


async def test_a_release_applies_in_order_and_live_records_follow_without_overtaking(
    scratch: Scratch,
) -> None:
    database, bad, subject = await scratch.database(), new_id(), new_id()
    recording = Recording(bad)
    await scratch.send(*(good(TENANT, bad, version) for version in range(1, 5)))
    consumer = scratch.consumer_of(database, recording.subscription, dead_letters_per_minute=2)
    async with scratch.runs(consumer):
        await eventually(lambda: TENANT in consumer.parking.tenants)
        await scratch.send(*(good(TENANT, subject, version) for version in range(1, 101)))
        await eventually(lambda: _positions(scratch, TENANT, 102))
        assert recording.applied == []
        recording.fails.clear()
        operator = scratch.consumer_of(database, recording.subscription)
        sending = asyncio.create_task(
            scratch.send(*(good(TENANT, subject, version) for version in range(101, 301)))
        )
        done = await release(operator, database, scratch.kafka, TENANT, "olga")
        await sending
        await scratch.send(good(TENANT, subject, 301))
        await eventually(lambda: len(recording.versions(subject)) == 301)
        assert consumer.problem == ""
    assert done.applied >= 102 and (done.rejected, done.gone, done.left) == (0, 0, 0)
    assert recording.versions(bad) == [3, 4]
    assert recording.versions(subject) == list(range(1, 302))
    assert await scratch.parked(TENANT) == []
    box = await scratch.box(database)
    await box.replay(operator.applier.replay, "olga")
    assert sorted(recording.versions(bad)) == [1, 2, 3, 4]


async def test_two_replicas_and_a_restart_agree_on_who_is_parked(scratch: Scratch) -> None:
    database, subject = await scratch.database(), new_id()
    recording = Recording(subject)
    await scratch.send(*(good(TENANT, subject, version) for version in range(1, 5)))
    first = scratch.consumer_of(database, recording.subscription, dead_letters_per_minute=2)
    second = scratch.consumer_of(database, recording.subscription, dead_letters_per_minute=2)
    async with scratch.runs(first, second):
        await eventually(lambda: TENANT in first.parking.tenants)
        await eventually(lambda: TENANT in second.parking.tenants)
    recording.fails.clear()
    await scratch.send(good(TENANT, subject, 5))
    third = scratch.consumer_of(database, recording.subscription, dead_letters_per_minute=2)
    async with scratch.runs(third):
        await eventually(lambda: _positions(scratch, TENANT, 3))
    assert recording.applied == []
    operator = scratch.consumer_of(database, recording.subscription)
    await release(operator, database, scratch.kafka, TENANT, "olga")
    assert recording.versions(subject) == [3, 4, 5]


async def test_a_release_that_fails_again_leaves_the_tenant_parked(scratch: Scratch) -> None:
    database, bad, fine = await scratch.database(), new_id(), new_id()
    recording = Recording(bad)
    await scratch.send(*(good(TENANT, bad, version) for version in range(1, 9)), good(TENANT, fine))
    consumer = scratch.consumer_of(database, recording.subscription, dead_letters_per_minute=2)
    async with scratch.runs(consumer):
        await eventually(lambda: _positions(scratch, TENANT, 7))
    operator = scratch.consumer_of(database, recording.subscription, dead_letters_per_minute=3)
    done = await release(operator, database, scratch.kafka, TENANT, "olga")
    await operator.stop()
    assert (done.applied, done.rejected, done.left) == (0, 3, 4)
    assert len(await scratch.parked(TENANT)) == 4 and len(await scratch.letters(5)) == 5
    assert TENANT in operator.parking.tenants


async def test_people_of_a_parked_tenant_are_erased_in_order_and_put_aside_without_values(
    scratch: Scratch,
) -> None:
    database, gone, there = await scratch.database(), new_id(), new_id()
    recording = Recording()
    consumer = scratch.consumer_of(database, recording.subscription)
    await consumer.parking.park(TENANT, "a flood", "olga")
    tombstone: Raw = (key(TENANT, gone), None, [])
    await scratch.send(person(gone, "Анна"), person(there, "Борис"), tombstone, topic=PEOPLE)
    async with scratch.runs(consumer):
        await eventually(lambda: _positions(scratch, TENANT, 3))
    assert (recording.described, recording.erased) == ([], [])
    assert [(row["value"], row["is_pointer"]) for row in await scratch.parked(TENANT)] == [
        (None, True),
        (None, True),
        (None, False),
    ]
    done = await release(consumer, database, scratch.kafka, TENANT, "olga")
    assert (recording.described, recording.erased) == (["Борис"], [gone])
    assert (done.applied, done.gone) == (2, 1)


async def test_records_of_no_tenant_have_a_limit_of_their_own(scratch: Scratch) -> None:
    database, after = await scratch.database(), new_id()
    consumer = scratch.consumer(database, dead_letters_per_minute=3)
    await scratch.send(*[(b"?", b"?", [])] * 10, good(TENANT, after))
    async with scratch.runs(consumer):
        await eventually(affected(database, after))
        await eventually(lambda: NOBODY in consumer.parking.tenants)
    assert len(await scratch.letters(3)) == 3
    rows = await scratch.parked(NOBODY)
    assert [(row["position"], row["value"]) for row in rows] == [(at, None) for at in range(3, 10)]


async def test_many_tenants_at_once_slow_the_consumer_and_it_goes_on_by_itself(
    scratch: Scratch, monkeypatch: Any
) -> None:
    monkeypatch.setattr("shared.bus.dead_letters.WINDOW_SECONDS", 2.0)
    database, after = await scratch.database(), new_id()
    tenants = [TenantId(new_id()) for _ in range(12)]
    consumer = scratch.consumer(database, dead_letters_per_minute=1)
    bad = [good(tenant, new_id()) for tenant in tenants]
    await scratch.send(*((raw_key, b"{", headers) for raw_key, _, headers in bad))
    async with scratch.runs(consumer):
        await scratch.letters(12)
        await scratch.send(good(TENANT, after))
        await eventually(lambda: "of all tenants" in consumer.stopped_because)
        assert consumer._metrics.consumer_stopped._value.get() == 1
        await eventually(affected(database, after))
        assert not consumer.stopped_because
    assert consumer.parking.tenants == {}


async def test_only_a_parked_tenant_is_released(scratch: Scratch) -> None:
    database = await scratch.database()
    try:
        await release(scratch.consumer(database), database, scratch.kafka, TENANT, "olga")
    except NotParked:
        pass
    else:
        raise AssertionError("nobody was parked")
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []
