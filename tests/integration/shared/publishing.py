"""Events entered for a relay, and what of them is published."""

import asyncio
from collections import defaultdict
from uuid import UUID

from shared.db import Database
from shared.ids import new_id
from tests.integration.shared.scratch import Scratch
from tests.integration.shared.things import a_caller, change, enter


async def publish_versions(
    database: Database, aggregates: int, versions: int
) -> set[tuple[str, int]]:
    """Enters things and changes each until its last version; the keys and versions to expect."""
    caller = a_caller()

    async def enter_and_change(subject: UUID) -> None:
        async with database.begin(caller) as tx:
            await enter(tx, subject)
        for _ in range(versions - 1):
            async with database.begin(caller) as tx:
                await change(tx, subject)

    subjects = [new_id() for _ in range(aggregates)]
    await asyncio.gather(*(enter_and_change(subject) for subject in subjects))
    return {
        (f"{caller.tenant_id}:{subject}", version)
        for subject in subjects
        for version in range(1, versions + 1)
    }


async def published(scratch: Scratch) -> dict[str, list[int]]:
    """The versions of each key, as they lie on the topic."""
    keys: dict[str, list[int]] = defaultdict(list)
    for record in await scratch.everything_on(scratch.topic()):
        keys[record.key.decode()].append(int(dict(record.headers)["ce_aggregateversion"]))
    return keys


def first_times(versions: list[int]) -> list[int]:
    return list(dict.fromkeys(versions))


async def waiting(scratch: Scratch) -> int:
    admin = await scratch.admin()
    count: int = await admin.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    await admin.close()
    return count


async def drained(scratch: Scratch) -> bool:
    return await waiting(scratch) == 0
