"""The consumer: every event takes effect once, in order; failures are retried, not skipped."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiokafka import TopicPartition
from faststream import BaseMiddleware

from shared import tracing
from shared.bus.broker import RecordBatch
from shared.bus.dead_letters import topic_for
from shared.bus.positions import Positions
from shared.bus.subscription import Batch
from shared.db import Database
from shared.errors import Unavailable
from shared.ids import TenantId, new_id
from tests.integration.shared.scratch import READER, Scratch, eventually, good
from tests.integration.shared.things import TENANT, affected, counted


async def test_a_redelivered_batch_changes_nothing(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await scratch.database()
    subjects = [new_id() for _ in range(50)]
    await scratch.send(*(good(TENANT, subject) for subject in subjects))

    async def die_before_the_commit(_: RecordBatch | Positions) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr(RecordBatch, "ack", die_before_the_commit)
        patched.setattr(Positions, "save", die_before_the_commit)
        async with scratch.runs(scratch.consumer(database)):
            await eventually(affected(database, subjects[-1]))
    last = new_id()
    await scratch.send(good(TENANT, last))
    redelivered: list[UUID] = []

    async def watch(batch: Batch) -> None:
        redelivered.extend(event.envelope.subject for event in batch.events)
        await batch.apply()

    async with scratch.runs(scratch.consumer(database, watch)):
        await eventually(affected(database, last))
    assert redelivered == [*subjects, last]
    assert await counted(database) == dict.fromkeys([*subjects, last], (1, 1))


async def test_a_committed_batch_does_not_come_again(scratch: Scratch) -> None:
    database, subject = await scratch.database(), new_id()
    await scratch.send(good(TENANT, subject))
    async with scratch.runs(scratch.consumer(database)):
        await eventually(affected(database, subject))
    redelivered: list[Batch] = []

    async def watch(batch: Batch) -> None:
        redelivered.append(batch)

    later = scratch.consumer(database, watch)
    async with scratch.runs(later):
        await eventually(
            lambda: later._subscriber.consumer and later._subscriber.consumer.assignment()
        )
        await asyncio.sleep(0.5)
    assert redelivered == []


async def test_one_event_twice_in_one_batch_takes_effect_once(scratch: Scratch) -> None:
    database = await scratch.database()
    subject, event_id, last = new_id(), new_id(), new_id()
    await scratch.send(*[good(TENANT, subject, 1, event_id)] * 3, good(TENANT, last))
    async with scratch.runs(scratch.consumer(database)):
        await eventually(affected(database, last))
    assert (await counted(database))[subject] == (1, 1)


@pytest.mark.parametrize(
    "failure",
    [Unavailable("the database does not answer"), ConnectionError("away"), TimeoutError()],
)
async def test_a_transient_failure_is_retried_until_it_passes(
    scratch: Scratch, failure: Exception
) -> None:
    database, subject = await scratch.database(), new_id()
    attempts = 0

    async def fail_at_first(batch: Batch) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 4:
            raise failure
        await batch.apply()

    await scratch.send(good(TENANT, subject))
    consumer = scratch.consumer(database, fail_at_first, dead_letters_per_minute=1)
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.failing == type(failure).__name__)
        await eventually(affected(database, subject))
        await eventually(lambda: not consumer.failing)
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []


async def test_killed_database_sessions_are_survived(scratch: Scratch) -> None:
    database, admin = await scratch.database(), await scratch.admin()
    subjects = [new_id() for _ in range(300)]
    async with scratch.runs(scratch.consumer(database)):
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


async def test_an_unforeseen_failure_requeues_the_batch_before_anything_behind_it(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    subjects = [new_id() for _ in range(3)]
    await scratch.send(*(good(TENANT, subject) for subject in subjects))
    consumer = scratch.consumer(database)
    apply, failures = consumer.applier.apply, iter([RuntimeError("a bug of ours")])

    async def fail_once(records: Sequence[Any]) -> Any:
        for failure in failures:
            raise failure
        return await apply(records)

    consumer.applier.apply = fail_once  # type: ignore[method-assign]
    async with scratch.runs(consumer):
        await eventually(affected(database, subjects[-1]))
        await eventually(lambda: not consumer.failing)
    assert await counted(database) == dict.fromkeys(subjects, (1, 1))


async def test_a_failing_middleware_loses_no_record(scratch: Scratch) -> None:
    database, subjects = await scratch.database(), [new_id() for _ in range(3)]
    failures = iter([RuntimeError("a bug of the library")])

    class FailingOnce(BaseMiddleware):
        async def on_receive(self) -> None:
            for failure in failures:
                raise failure

    consumer = scratch.consumer(database)
    consumer._broker.add_middleware(FailingOnce)
    async with scratch.runs(consumer):
        for subject in subjects:
            await scratch.send(good(TENANT, subject))
        await eventually(affected(database, subjects[-1]))
    assert await counted(database) == dict.fromkeys(subjects, (1, 1))


async def test_stopping_finishes_the_batch_at_hand_and_commits_it(scratch: Scratch) -> None:
    database, subject = await scratch.database(), new_id()
    begun = asyncio.Event()

    async def take_a_while(batch: Batch) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        await batch.apply()

    await scratch.send(good(TENANT, subject))
    consumer = scratch.consumer(database, take_a_while)
    async with scratch.runs(consumer):
        await asyncio.wait_for(begun.wait(), 30)
    assert await counted(database) == {subject: (1, 1)}
    assert await scratch.committed() == 1


async def test_lag_is_measured_before_the_first_batch_has_taken_effect(scratch: Scratch) -> None:
    database, released = await scratch.database(), False

    async def wait(batch: Batch) -> None:
        if not released:
            raise Unavailable("the database does not answer")
        await batch.apply()

    await scratch.send(*(good(TENANT, new_id()) for _ in range(7)))
    consumer = scratch.consumer(database, wait)
    async with scratch.runs(consumer):
        await eventually(lambda: _lag(consumer) == 7)
        released = True
        await eventually(lambda: _lag(consumer) == 0)


def _lag(consumer: Any) -> float:
    samples = next(iter(consumer._metrics.lag.collect())).samples
    return float(sum(sample.value for sample in samples))


async def test_batches_are_measured_by_the_middleware(scratch: Scratch) -> None:
    database, subject = await scratch.database(), new_id()
    consumer = scratch.consumer(database)
    await scratch.send(good(TENANT, subject))
    async with scratch.runs(consumer):
        await eventually(affected(database, subject))
        await eventually(
            lambda: (
                consumer._metrics.registry.get_sample_value(
                    "sales_scratch_received_processed_messages_total",
                    {"app_name": READER, "broker": "kafka", "handler": READER, "status": "acked"},
                )
                == 1
            )
        )


async def test_batches_are_spans_where_traces_are_on(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_provider", provider)
    database, subject = await scratch.database(), new_id()
    await scratch.send(good(TENANT, new_id()), good(TENANT, subject))
    async with scratch.runs(scratch.consumer(database)):
        await eventually(affected(database, subject))
    spans = [span for span in exporter.get_finished_spans() if span.name == f"{READER} process"]
    assert sum(span.attributes["messaging.batch.message_count"] for span in spans) == 2


async def test_nack_leaves_revoked_partitions_alone() -> None:
    class Member:
        def __init__(self) -> None:
            self.sought: list[tuple[TopicPartition, int]] = []

        def assignment(self) -> set[TopicPartition]:
            return {TopicPartition("topic", 1)}

        def seek(self, partition: TopicPartition, offset: int) -> None:
            self.sought.append((partition, offset))

    class Record:
        def __init__(self, partition: int, offset: int) -> None:
            self.topic, self.partition, self.offset = "topic", partition, offset

    member = Member()
    records: Any = (Record(0, 5), Record(1, 7), Record(1, 8))
    await RecordBatch(raw_message=records, body=records, consumer=member).nack()
    assert member.sought[-1] == (TopicPartition("topic", 1), 7)
    assert {partition.partition for partition, _ in member.sought} == {1}


async def test_tenants_of_a_batch_take_effect_side_by_side_each_in_order(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    tenants, subjects = [TenantId(new_id()) for _ in range(20)], [new_id() for _ in range(3)]
    seen: dict[UUID, list[UUID]] = {tenant_id: [] for tenant_id in tenants}
    met = asyncio.Event()

    async def wait_for_another(batch: Batch) -> None:
        seen[batch.tenant_id] += [event.envelope.subject for event in batch.events]
        if len([of_tenant for of_tenant in seen.values() if of_tenant]) > 1:
            met.set()
        await asyncio.wait_for(met.wait(), 10)
        await batch.apply()

    await scratch.send(*(good(tenant, subject) for subject in subjects for tenant in tenants))
    async with scratch.runs(scratch.consumer(database, wait_for_another)):
        for tenant_id in tenants:
            await eventually(partial(_has_all, database, tenant_id, subjects))
    assert seen == dict.fromkeys(tenants, subjects)
    for tenant_id in tenants:
        assert await counted(database, tenant_id) == dict.fromkeys(subjects, (1, 1))


async def test_a_tenant_that_fails_for_a_while_undoes_nothing_of_the_others(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    tenants, subject, bad = [TenantId(new_id()) for _ in range(30)], new_id(), 0

    async def fail_one_at_first(batch: Batch) -> None:
        nonlocal bad
        if batch.tenant_id == tenants[7] and bad < 3:
            bad += 1
            raise Unavailable("the database does not answer")
        await batch.apply()

    await scratch.send(*(good(tenant_id, subject) for tenant_id in tenants))
    async with scratch.runs(scratch.consumer(database, fail_one_at_first)):
        for tenant_id in tenants:
            await eventually(partial(_has_all, database, tenant_id, [subject]))
    assert bad == 3
    for tenant_id in tenants:
        assert await counted(database, tenant_id) == {subject: (1, 1)}
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []


async def _has_all(database: Database, tenant_id: TenantId, subjects: Sequence[UUID]) -> bool:
    return set(subjects) == set(await counted(database, tenant_id))
