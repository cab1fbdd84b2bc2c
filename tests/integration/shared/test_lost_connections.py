"""Connections that were lost are replaced, and take nothing with them."""

import asyncio
import contextlib
from threading import Thread
from typing import Any

import asyncpg
import pytest

from shared.db import database as driver
from shared.errors import Unavailable
from shared.ids import new_id
from tests.integration.shared.scratch import Scratch
from tests.integration.shared.test_transaction import begin_and_respond, stored
from tests.integration.shared.things import a_caller, enter


async def test_a_database_that_is_away_is_unavailable_and_comes_back(scratch: Scratch) -> None:
    database = await scratch.database(connections=2)
    admin = await scratch.admin()
    with pytest.raises(Unavailable):
        async with database.begin(a_caller()) as tx:
            await tx.connection.fetchval("SELECT 1")
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                " 'scratch'"
            )
            await enter(tx, new_id())
    async with database.begin(a_caller()) as tx:
        await enter(tx, new_id())
    assert await stored(scratch, "thing") == 1


async def test_a_connection_that_was_lost_in_the_pool_is_replaced(scratch: Scratch) -> None:
    database = await scratch.database(connections=2)

    def end_the_sessions() -> None:
        async def end() -> None:
            server = await asyncpg.connect(scratch.installation.postgres_url)
            sessions = "FROM pg_stat_activity WHERE application_name = 'scratch'"
            await server.execute(f"SELECT pg_terminate_backend(pid) {sessions}")
            while await server.fetchval(f"SELECT count(*) {sessions}"):
                await asyncio.sleep(0.01)
            await server.close()

        asyncio.run(end())

    async with database.begin(a_caller()) as tx:
        await enter(tx, new_id())
    # The loop stands still meanwhile, so that the pool cannot know.
    thread = Thread(target=end_the_sessions)
    thread.start()
    thread.join()
    async with database.begin(a_caller()) as tx:
        await enter(tx, new_id())
    assert await stored(scratch, "thing") == 2


async def test_a_connection_that_was_lost_as_it_was_made_leaves_its_place_in_the_pool(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, prepare = await scratch.admin(), driver._prepare
    doomed = False

    async def prepare_and_lose(connection: Any) -> None:
        await prepare(connection)
        while doomed and not connection.is_closed():
            await admin.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
            await asyncio.sleep(0.01)

    monkeypatch.setattr(driver, "_prepare", prepare_and_lose)
    database = await scratch.database(connections=1)
    doomed = True
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scratch'"
    )
    for _ in range(3):
        with pytest.raises(Unavailable):
            await begin_and_respond(database, a_caller())
    doomed = False
    await begin_and_respond(database, a_caller())


async def test_sessions_ended_again_and_again_leave_every_connection_usable(
    scratch: Scratch,
) -> None:
    database, admin, calm = (
        await scratch.database(connections=4),
        await scratch.admin(),
        asyncio.Event(),
    )

    async def work() -> None:
        while not calm.is_set():
            with contextlib.suppress(Unavailable):
                async with database.begin(a_caller()) as tx:
                    await enter(tx, new_id())
            await asyncio.sleep(0)

    working = [asyncio.create_task(work()) for _ in range(12)]
    for _ in range(20):
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
            " 'scratch'"
        )
        await asyncio.sleep(0.05)
    calm.set()
    await asyncio.gather(*working)
    together = asyncio.Barrier(4)

    async def hold() -> None:
        async with database.begin(a_caller()) as tx:
            await enter(tx, new_id())
            await asyncio.wait_for(together.wait(), 10)

    await asyncio.gather(*(hold() for _ in range(4)))
