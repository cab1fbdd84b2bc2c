"""Faults of PostgreSQL that pass: nothing is dead-lettered, nothing is lost, callers are told to
come again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from shared.bus.dead_letters import topic_for
from shared.db import Database, Tx
from shared.db.transaction_scope import in_transaction
from shared.db.transient import SchemaChanged
from shared.errors import Unavailable
from shared.events import Envelope
from shared.events.directory import CompanyChanged
from shared.ids import new_id
from tests.integration.shared.scratch import READER, Scratch, eventually, good
from tests.integration.shared.things import (
    LOCK,
    TENANT,
    a_caller,
    count_effect,
    counted,
    counting,
    enter,
)

SetReadOnly = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture
async def set_read_only(scratch: Scratch) -> AsyncIterator[SetReadOnly]:
    """Lets new sessions write, or not; the open ones are ended, or stay as they are."""
    server = await asyncpg.connect(scratch.installation.postgres_url)
    name = f"{scratch.installation.namespace}scratch"

    async def set_(read_only: bool, end_sessions: bool = True) -> None:
        setting = "on" if read_only else "off"
        await server.execute(
            f'ALTER DATABASE "{name}" SET default_transaction_read_only = {setting}'
        )
        if end_sessions:
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = $1 AND application_name LIKE 'scratch%'",
                name,
            )

    yield set_
    await server.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await server.close()


@pytest_asyncio.fixture
async def alter(scratch: Scratch) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Changes the type of the effects' column under whoever has prepared statements."""
    admin = await scratch.admin()

    async def to(column_type: str) -> None:
        await admin.execute(f"ALTER TABLE thing ALTER COLUMN effects TYPE {column_type}")

    yield to
    await to("bigint")


async def test_events_wait_while_the_database_takes_no_writes(
    scratch: Scratch, set_read_only: SetReadOnly
) -> None:
    database, subjects = await scratch.database(), [new_id() for _ in range(20)]
    admin = await scratch.admin()
    consumer = scratch.consumer(database, dead_letters_per_minute=1)
    await set_read_only(True)
    await scratch.send(*(good(TENANT, subject) for subject in subjects))
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.failing == "ReadOnlySQLTransactionError")
        assert await database.is_read_only()
        await set_read_only(False)
        await eventually(partial(_is_there, admin, subjects[-1]))
        await eventually(lambda: not consumer.failing)
    assert await counted(await scratch.database()) == dict.fromkeys(subjects, (1, 1))
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []


async def test_commands_are_to_be_sent_again_while_the_database_takes_no_writes(
    scratch: Scratch, set_read_only: SetReadOnly
) -> None:
    database, subject = await scratch.database(), new_id()
    await set_read_only(True)
    with pytest.raises(Unavailable) as refused:
        async with database.begin(a_caller()) as tx:
            await enter(tx, subject)
    assert refused.value.extra["retry_after_seconds"] >= 1
    with pytest.raises(Unavailable):
        await database.clock()
    await set_read_only(False)
    async with database.begin(a_caller()) as tx:
        await enter(tx, subject)


async def test_the_relay_sends_nothing_that_it_cannot_mark(
    scratch: Scratch, set_read_only: SetReadOnly
) -> None:
    database, relay = await scratch.database(), scratch.relay()
    async with database.begin(a_caller()) as tx:
        await enter(tx, new_id())
    await set_read_only(True)
    async with scratch.runs(relay):
        await eventually(lambda: relay.failing)
        await asyncio.sleep(1)
        assert await scratch.everything_on(scratch.topic()) == []
        await set_read_only(False)
        await eventually(lambda: scratch.everything_on(scratch.topic()))
    assert len(await scratch.everything_on(scratch.topic())) == 1


async def test_connections_to_the_old_primary_are_given_up_together(
    scratch: Scratch, set_read_only: SetReadOnly
) -> None:
    await set_read_only(True)
    database = await scratch.database(connections=4)
    held = [await database.acquire() for _ in range(4)]
    for connection in held:
        await database.release(connection)
    # Another server writes by now; the open sessions are still with the old one.
    await set_read_only(False, end_sessions=False)
    with pytest.raises(Unavailable):
        async with database.begin(a_caller()) as tx:
            await enter(tx, new_id())
    held = [await database.acquire() for _ in range(4)]
    assert {await connection.fetchval("SHOW transaction_read_only") for connection in held} == {
        "off"
    }
    for connection in held:
        await database.release(connection)


async def _effects(database: Database, subject: Any) -> int:
    async def read(tx: Tx) -> int:
        row = await tx.row(LOCK, id=subject)
        return int(row["effects"]) if row else -1

    return await in_transaction(lambda: database.begin_for(TENANT), read)


async def test_a_column_that_changed_its_type_is_read_by_a_fresh_statement(
    scratch: Scratch, alter: Callable[[str], Awaitable[None]]
) -> None:
    database, subject = await scratch.database(connections=1), new_id()
    async with database.begin_for(TENANT) as tx:
        await enter(tx, subject)
    assert await _effects(database, subject) == 0
    await alter("numeric")
    assert await _effects(database, subject) == 0
    await alter("bigint")
    with pytest.raises(SchemaChanged):
        async with database.begin_for(TENANT) as tx:
            await tx.row(LOCK, id=subject)


async def test_who_loses_a_deadlock_does_its_work_again(scratch: Scratch) -> None:
    database, things = await scratch.database(), [new_id(), new_id()]
    async with database.begin_for(TENANT) as tx:
        for thing in things:
            await enter(tx, thing)
    tries, first_locks = 0, asyncio.Barrier(2)

    async def lock_both(first: UUID, second: UUID, tx: Tx) -> bool:
        nonlocal tries
        tries += 1
        await tx.row(LOCK, id=first)
        if tries <= 2:
            await first_locks.wait()
        return await tx.row(LOCK, id=second) is not None

    pairs = (things, reversed(things))
    works = [partial(lock_both, *pair) for pair in pairs]
    begin = partial(database.begin_for, TENANT)
    assert await asyncio.gather(*(in_transaction(begin, work) for work in works)) == [True, True]
    # The loser may come back before the winner is on its way, and lose once more.
    assert tries in (3, 4)


async def test_a_column_that_changed_its_type_costs_no_event(
    scratch: Scratch, alter: Callable[[str], Awaitable[None]]
) -> None:
    database, admin, subscription = await scratch.database(), await scratch.admin(), counting()
    subscription._handlers.clear()

    @subscription.on(CompanyChanged)
    async def look_and_count(tx: Tx, event: CompanyChanged, envelope: Envelope) -> None:
        await tx.row(LOCK, id=event.company_id)
        await count_effect(tx, event, envelope)

    consumer = scratch.consumer_of(database, subscription, dead_letters_per_minute=1)
    subjects = [new_id() for _ in range(6)]
    async with scratch.runs(consumer):
        for number, subject in enumerate(subjects):
            await scratch.send(good(TENANT, subject))
            await eventually(partial(_is_there, admin, subject))
            await alter("numeric" if number % 2 == 0 else "bigint")
    assert await counted(await scratch.database()) == dict.fromkeys(subjects, (1, 1))
    assert await scratch.everything_on(topic_for(scratch.topic(), READER)) == []


async def _is_there(admin: Any, subject: UUID) -> bool:
    return bool(await admin.fetchval("SELECT count(*) FROM thing WHERE id = $1", subject))
