"""A database and topics of our own for the mechanisms alone: one table of things, whose handler is
the test's.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from deploy.environment import Installation
from shared.bus.connection import KafkaConnection
from shared.bus.consumer import Consumer
from shared.bus.dead_letter_replay import DeadLetterBox
from shared.bus.dead_letters import topic_for
from shared.bus.parking import Parking
from shared.bus.subscription import Batch, Subscription
from shared.db import Database, mechanisms
from shared.db.rls import protect
from shared.db.tables import MECHANISMS
from shared.events import ACTIVITIES, PEOPLE, Envelope, headers, key
from shared.ids import TenantId, new_id
from shared.jobs.tables import VERSIONS as JOB_VERSIONS
from shared.metrics import Metrics
from shared.outbox.relay import Relay
from tests.integration.shared.job_kinds import EFFECT, Jobs
from tests.integration.shared.things import Context, counting, event_about, metadata

(jobs_version_1,) = JOB_VERSIONS
READER = "reader"
TOPICS = (ACTIVITIES, PEOPLE)
SHARDS = 8
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


async def eventually(happened: Callable[[], Any], seconds: float = 30) -> Any:
    """Waits until `happened()` is true, or its awaited value is; gives it back."""
    until = monotonic() + seconds
    while True:
        outcome = happened()
        outcome = await outcome if asyncio.iscoroutine(outcome) else outcome
        if outcome:
            return outcome
        assert monotonic() < until, f"has not happened after {seconds} s"
        await asyncio.sleep(0.05)


@dataclass
class Scratch:
    """Where a test of the mechanisms works; `namespace` is the test's own."""

    installation: Installation
    namespace: str
    broker: KafkaConnection | None = None
    running: list[Any] = field(default_factory=list)
    _worker: Database | None = None

    @property
    def kafka(self) -> KafkaConnection:
        """How the broker is reached: a test's own, or everybody's."""
        return self.broker or self.installation.kafka

    def url(self, role: str = "app") -> str:
        url = (
            self.installation.database_url("activities", role)  # type: ignore[arg-type]
            if role != "admin"
            else self.installation.admin_url("activities")
        )
        return urlunsplit(urlsplit(url)._replace(path=f"/{self.installation.namespace}scratch"))

    def topic(self, topic: str = ACTIVITIES) -> str:
        return self.namespace + topic

    async def make_database(self) -> None:
        name = f"{self.installation.namespace}scratch"
        admin = await asyncpg.connect(self.installation.postgres_url)
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        await admin.close()
        owner = await asyncpg.connect(self.url("admin"))
        app, worker = (self.installation.role("activities", role) for role in ("app", "worker"))
        own = [table for table in metadata.sorted_tables if table.name not in MECHANISMS.tables]
        for table in own:
            await owner.execute(str(CreateTable(table).compile(dialect=DIALECT)))
            for index in table.indexes:
                await owner.execute(str(CreateIndex(index).compile(dialect=DIALECT)))
        for version in range(1, mechanisms.LATEST + 1):
            for statement in mechanisms.statements(version, app, worker):
                await owner.execute(statement)
        for statement in protect([table.name for table in own], app):
            await owner.execute(statement)
        await owner.execute(str(CreateTable(EFFECT).compile(dialect=DIALECT)))
        for statement in [*protect(["job_effect"], app), *jobs_version_1(app, worker)]:
            await owner.execute(statement)
        await owner.close()

    async def drop_database(self) -> None:
        admin = await asyncpg.connect(self.installation.postgres_url)
        await admin.execute(f'DROP DATABASE "{self.installation.namespace}scratch" WITH (FORCE)')
        await admin.close()

    async def make_topics(self, partitions: int = 3) -> None:
        admin = AIOKafkaAdminClient(**self.kafka.client_options())
        await admin.start()
        topics = [NewTopic(self.topic(topic), partitions, 1) for topic in (ACTIVITIES, PEOPLE)]
        topics += [NewTopic(topic_for(self.topic(topic), READER), 1, 1) for topic in TOPICS]
        await admin.create_topics(topics)
        await admin.close()
        self.running.append(lambda: self._delete_topics([topic.name for topic in topics]))

    async def set_largest_record(self, topic: str, size: int) -> None:
        """What the broker takes on a topic; the producer would send more."""
        admin = AIOKafkaAdminClient(**self.kafka.client_options())
        await admin.start()
        change = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})
        await admin.alter_configs([change])
        await admin.close()

    async def _delete_topics(self, names: list[str]) -> None:
        admin = AIOKafkaAdminClient(**self.kafka.client_options())
        await admin.start()
        await admin.delete_topics(names)
        await admin.close()

    async def admin(self) -> Any:
        connection = await asyncpg.connect(self.url("admin"))
        self.running.append(connection.close)
        return connection

    async def database(self, connections: int = 4) -> Database:
        database = await Database(self.url(), connections, SHARDS, "scratch").open()
        self.running.append(database.close)
        await self.worker()
        return database

    async def worker(self) -> Database:
        """The role that sees a few columns of every tenant."""
        if self._worker is None:
            self._worker = await Database(self.url("worker"), 2, SHARDS, "scratch-worker").open()
            self.running.append(self._worker.close)
        return self._worker

    async def box(self, database: Database) -> DeadLetterBox:
        """The reader's dead letters."""
        return DeadLetterBox(
            TOPICS,
            READER,
            self.kafka,
            self.namespace,
            database,
            await self.worker(),
        )

    async def jobs(self, lease_seconds: float = 60.0) -> Jobs:
        worker = await Database(self.url("worker"), 2, SHARDS, "scratch-worker").open()
        self.running.append(worker.close)
        database = await self.database(8)
        return Jobs(database, worker, Metrics("scratch"), lease_seconds)

    def relay(self, name: str = "scratch") -> Relay:
        return Relay(
            name,
            self.url("worker"),
            self.kafka,
            self.namespace,
            SHARDS,
            0.02,
            Metrics("scratch"),
        )

    def consumer(
        self,
        database: Database,
        process: Callable[[Batch], Any] | None = None,
        *,
        dead_letters_per_minute: int = 100,
        name: str = READER,
    ) -> Consumer:
        """A consumer that counts effects; `process` sees each batch instead of its handlers."""
        subscription = counting()
        if process:
            subscription.process()(lambda _, batch: process(batch))
        return self.consumer_of(
            database, subscription, dead_letters_per_minute=dead_letters_per_minute, name=name
        )

    def consumer_of(
        self,
        database: Database,
        subscription: Subscription,
        *,
        dead_letters_per_minute: int = 100,
        name: str = READER,
    ) -> Consumer:
        assert self._worker, "made with the database"
        return Consumer(
            name,
            self.kafka,
            self.namespace,
            subscription,
            Context(database),
            Metrics("scratch"),
            Parking(database, self._worker),
            dead_letters_per_minute,
        )

    @asynccontextmanager
    async def runs(self, *parts: Any) -> Any:
        """The parts' `run` as tasks; stopped with the block."""
        tasks = [asyncio.create_task(part.run()) for part in parts]
        try:
            yield
        finally:
            await asyncio.gather(*(part.stop() for part in parts))
            await asyncio.wait(tasks, timeout=10)
            for task in tasks:
                task.cancel()

    async def send(
        self,
        *records: tuple[bytes | None, bytes | None, Sequence[tuple[str, Any]]],
        topic: str = ACTIVITIES,
    ) -> None:
        """Key, value and headers of each record, to one partition in this order."""
        producer = AIOKafkaProducer(**self.kafka.client_options(), max_request_size=2_000_000)
        await producer.start()
        for raw_key, value, raw_headers in records:
            await producer.send_and_wait(
                self.topic(topic), value, key=raw_key, headers=list(raw_headers), partition=0
            )
        await producer.stop()

    async def committed(self, name: str = READER) -> int:
        """The offset that the group has committed on the partition that `send` writes to."""
        reader = AIOKafkaConsumer(
            **self.kafka.client_options(),
            group_id=self.namespace + name,
            enable_auto_commit=False,
        )
        await reader.start()
        try:
            return int(await reader.committed(TopicPartition(self.topic(), 0)) or 0)
        finally:
            await reader.stop()

    async def everything_on(self, topic: str) -> list[Any]:
        """Every record of a topic, partition by partition."""
        reader = AIOKafkaConsumer(
            **self.kafka.client_options(),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await reader.start()
        try:
            cluster = await reader._client.fetch_all_metadata()
            parts = [
                TopicPartition(topic, number)
                for number in cluster.partitions_for_topic(topic) or ()
            ]
            assert parts, f"no topic {topic}"
            reader.assign(parts)
            ends = await reader.end_offsets(parts)
            received: list[Any] = []
            while any([await reader.position(part) < end for part, end in ends.items()]):
                for records in (await reader.getmany(timeout_ms=500)).values():
                    received += records
            return sorted(received, key=lambda record: (record.partition, record.offset))
        finally:
            await reader.stop()

    async def letters(
        self, count: int, topic: str = ACTIVITIES
    ) -> list[tuple[dict[str, str], Any]]:
        """What dead letters say of themselves and their record, once there are `count`."""

        async def enough() -> list[Any]:
            letters = await self.everything_on(topic_for(self.topic(topic), READER))
            return letters if len(letters) >= count else []

        return [(_told(record), record) for record in await eventually(enough)]

    async def parked(self, tenant_id: UUID) -> list[Any]:
        """What is put aside of a tenant: topic, partition, offset, whether there is a value."""
        admin = await self.admin()
        rows: list[Any] = await admin.fetch(
            "SELECT position, value, is_pointer FROM parked_record WHERE tenant_id = $1"
            " ORDER BY topic, partition, position",
            tenant_id,
        )
        await admin.close()
        return rows

    async def close(self) -> None:
        for closing in reversed(self.running):
            await closing()


def _told(record: Any) -> dict[str, str]:
    return {
        name.removeprefix("dl_"): value.decode()
        for name, value in record.headers
        if name.startswith("dl_")
    }


def good(
    tenant_id: UUID, subject: UUID, version: int = 1, event_id: UUID | None = None
) -> tuple[bytes, bytes, list[tuple[str, Any]]]:
    """A record as the relay would send it."""
    event = event_about(subject)
    envelope = Envelope(
        event_id or new_id(), event.type, TenantId(tenant_id), subject, version, datetime.now(UTC)
    )
    return (
        key(tenant_id, subject),
        event.to_json(),
        list(headers(envelope, "company", "activities")),
    )
