"""A set-up on shared servers is removed by its exact names: its neighbours' databases, topics and
keys stay.
"""

import secrets
from dataclasses import replace

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from redis.asyncio import Redis

from deploy.environment import SERVICES, Installation
from deploy.provision import provision, remove


async def _there(
    installation: Installation, namespace: str
) -> tuple[set[str], set[str], set[str], set[str]]:
    """Databases, roles, topics and keys that begin with `namespace`."""
    connection = await asyncpg.connect(installation.postgres_url)
    databases = await connection.fetch(
        "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", namespace
    )
    roles = await connection.fetch(
        "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", namespace
    )
    await connection.close()
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    await admin.start()
    topics = {name for name in await admin.list_topics() if name.startswith(namespace)}
    await admin.close()
    redis: Redis = Redis.from_url(installation.redis_url, decode_responses=True)
    keys = {key async for key in redis.scan_iter(f"{namespace}*")}
    await redis.aclose()
    return {row[0] for row in databases}, {row[0] for row in roles}, topics, keys


async def test_removing_a_set_up_leaves_a_neighbour_whose_name_begins_alike(
    provisioned: Installation,
) -> None:
    mine = replace(provisioned, namespace=f"{provisioned.namespace}{secrets.token_hex(2)}_")
    neighbour = replace(provisioned, namespace=f"{mine.namespace}too_")
    redis: Redis = Redis.from_url(provisioned.redis_url)
    for each in (mine, neighbour):
        await provision(each)
        await redis.set(f"{each.namespace}gw:generations", "g1")
    await redis.aclose()
    before = await _there(provisioned, neighbour.namespace)
    assert len(before[0]) == len(SERVICES)
    assert len(before[1]) == 3 * len(SERVICES)
    assert before[2]
    assert before[3] == {f"{neighbour.namespace}gw:generations"}

    await remove(mine)
    assert await _there(provisioned, mine.namespace) == before

    await remove(neighbour)
    assert await _there(provisioned, mine.namespace) == (set(), set(), set(), set())
    await remove(neighbour)


async def test_a_database_that_somebody_else_owns_stays(provisioned: Installation) -> None:
    mine = replace(provisioned, namespace=f"{provisioned.namespace}{secrets.token_hex(2)}_")
    connection = await asyncpg.connect(provisioned.postgres_url)
    await connection.execute(f'CREATE DATABASE "{mine.database("vip")}" TEMPLATE template0')
    await remove(mine, ["postgres"])
    assert await connection.fetchval(
        "SELECT 1 FROM pg_database WHERE datname = $1", mine.database("vip")
    )
    await connection.execute(f'DROP DATABASE "{mine.database("vip")}"')
    await connection.close()
