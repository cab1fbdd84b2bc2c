"""A set-up on shared servers is removed by its exact names: its neighbours' databases, topics and
keys stay. Topics that exist get the settings that they need.
"""

import secrets
from dataclasses import replace

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from redis.asyncio import Redis

from deploy.environment import SERVICES, Installation
from deploy.provision import create_topics, provision, remove
from shared.events import ACTIVITIES, PEOPLE
from tests.support.wait import eventually


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


async def _settings_of(installation: Installation, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    await admin.start()
    name = installation.namespace + topic
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    await admin.close()
    (resource,) = response.resources
    return {key: value for key, value, *_ in resource[4]}


async def test_a_topic_that_forgets_is_put_right(
    provisioned: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = replace(provisioned, namespace=f"{provisioned.namespace}{secrets.token_hex(2)}_")
    admin = AIOKafkaAdminClient(**mine.kafka.client_options())
    await admin.start()
    name = mine.namespace + ACTIVITIES
    forgetful = {"retention.ms": "604800000", "segment.ms": "3600000"}
    await admin.create_topics([NewTopic(name, 1, 1, topic_configs=forgetful)])
    await admin.close()
    await create_topics(mine)

    async def put_right() -> dict[str, str]:
        """Kafka's controller has taken it; the broker hears of it a moment later."""
        settings = await _settings_of(mine, ACTIVITIES)
        return settings if settings["retention.ms"] == "-1" else {}

    settings = await eventually(put_right)
    assert settings["min.insync.replicas"] == "1"
    assert settings["compression.type"] == "zstd"
    assert settings["segment.ms"] == "3600000", "what is not ours to set stays"
    assert f"{name}: retention.ms 604800000 -> -1" in capsys.readouterr().out
    await create_topics(mine)
    assert capsys.readouterr().out == "", "once is enough"
    await remove(mine, ["kafka"])


async def test_who_was_erased_is_remembered_for_readers_that_were_away(
    provisioned: Installation,
) -> None:
    settings = await _settings_of(provisioned, PEOPLE)
    assert int(settings["delete.retention.ms"]) >= 90 * 86_400_000
    assert settings["min.insync.replicas"] == "1"
