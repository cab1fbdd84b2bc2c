"""Bytes that PostgreSQL, Kafka and Redis keep: their differences are what work leaves behind."""

from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from deploy.environment import SERVICES
from tests.load.processes import command_of, server_pids
from tests.load.stage import Stage

_PASSING = ("outbox", "inbox", "answer")
"""Tables that are pruned."""
_SIZE = """
SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND"""
_EVENTS = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'outbox'"


async def events(stage: Stage) -> int:
    """How many events were ever published."""
    return sum([int(await _ask(stage, service, _EVENTS)) for service in SERVICES])


async def read(stage: Stage) -> dict[str, int]:
    """By engine; of PostgreSQL apart what is pruned. Rows that nobody sees any more are in it until
    they are vacuumed.
    """
    kept = passing = 0
    for service in SERVICES:
        kept += int(await _ask(stage, service, f"{_SIZE} NOT relname = ANY($1)", _PASSING))
        passing += int(await _ask(stage, service, f"{_SIZE} relname = ANY($1)", _PASSING))
    return {
        "PostgreSQL, kept": kept,
        "PostgreSQL, pruned": passing,
        "Kafka": _kafka(),
        "Redis": await _redis(stage),
    }


async def _ask(stage: Stage, service: str, query: str, *values: Any) -> Any:
    connection = await stage.database(service)
    try:
        return await connection.fetchval(query, *values)
    finally:
        await connection.close()


def _kafka() -> int:
    """Of the log's own files: its indexes are made large beforehand."""
    properties = Path(command_of(server_pids()["kafka"]).split()[-1])
    lines = properties.read_text().splitlines()
    folder = next(line.partition("=")[2] for line in lines if line.startswith("log.dirs"))
    return sum(path.stat().st_size for path in Path(folder).rglob("*.log"))


async def _redis(stage: Stage) -> int:
    client: Redis = Redis.from_url(stage.installation.redis_url)
    try:
        return int((await client.info("memory"))["used_memory"])
    finally:
        await client.aclose()
