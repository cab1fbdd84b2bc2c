"""Databases, roles, topics and migrations of a set-up: `python -m deploy.provision`, as often as
one likes.

`python -m deploy.provision remove SERVER...` deletes them from `kafka`, `postgres` or `redis`.
Reads SALES_KAFKA (with the log-in of a super user where the broker asks for one), SALES_REDIS_URL,
SALES_POSTGRES_URL (a superuser's), SALES_NAMESPACE and the secrets from the environment.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from alembic import command
from alembic.config import Config

from deploy import kafka_access, ready, topic_settings
from deploy.environment import ROLES, SERVICES, Installation, with_file
from deploy.topics import declared
from shared.db.roles import limiting
from shared.redis_address import RedisAddress

ROOT = Path(__file__).parent.parent
ALREADY_EXISTS = 36
ONE_AT_A_TIME = 0x5A4C
SERVERS = ("kafka", "postgres", "redis")
KEYS = "gw:"
"""What every Redis key of the product begins with, after the namespace."""


class NotProvisioned(Exception):
    """Something of the set-up could not be created; the text says what."""


async def provision(installation: Installation, seconds: float = 120) -> None:
    """Create what is missing and bring every schema to its newest version.

    Raises:
        NotReady: a server did not answer within `seconds`.
        NotProvisioned: Kafka refused a topic.
    """
    await wait_for_servers(installation, seconds)
    async with _administration(installation) as connection:
        await asyncio.gather(
            create_topics(installation), _create_databases(connection, installation)
        )
        await asyncio.to_thread(migrate, installation)


async def wait_for_servers(
    installation: Installation, seconds: float, servers: Collection[str] = SERVERS
) -> None:
    """Return when each of `servers` answers."""
    waiting = {
        "kafka": lambda: ready.wait("Kafka", lambda: ready.kafka(installation.kafka), seconds),
        "postgres": lambda: ready.wait(
            "PostgreSQL", lambda: ready.postgres(installation.postgres_url), seconds
        ),
        "redis": lambda: ready.wait("Redis", lambda: ready.redis(installation.redis_url), seconds),
    }
    await asyncio.gather(*(waiting[server]() for server in servers))


def topics(environment: Mapping[str, str] = os.environ) -> Iterator[NewTopic]:
    """Every topic without namespace, dead letters included.

    SALES_PARTITIONS and SALES_REPLICATION move the defaults.
    """
    partitions = int(environment.get("SALES_PARTITIONS") or 6)
    replication = int(environment.get("SALES_REPLICATION") or 1)
    in_sync = {topic_settings.MIN_INSYNC: str(topic_settings.min_insync(replication))}
    for topic in declared():
        settings = {**topic.settings, **in_sync}
        yield NewTopic(topic.name, partitions, replication, topic_configs=settings)
        for reader in topic.readers:
            letters = {"retention.ms": "-1"} | in_sync
            yield NewTopic(topic.dead_letters(reader), 1, replication, topic_configs=letters)


async def create_topics(installation: Installation) -> None:
    """Create the topics that are missing, and put right the settings of those that exist.

    Where the broker asks for log-ins, every service gets its user and its rights as well.

    Raises:
        NotProvisioned: Kafka refused one.
    """
    all_topics = list(topics())
    for topic in all_topics:
        topic.name = installation.namespace + topic.name
    async with _kafka(installation) as admin:
        response = await admin.create_topics(all_topics)
        for name, code, *reason in response.topic_errors:
            if code not in (0, ALREADY_EXISTS):
                raise NotProvisioned(
                    f"Kafka refused topic {name}: error {code} {reason[0] if reason else ''}"
                )
        existing = {name for name, code, *_ in response.topic_errors if code == ALREADY_EXISTS}
        await _align(admin, [topic for topic in all_topics if topic.name in existing])
    if installation.kafka.authenticates:
        await grant_access(installation)


async def _align(admin: AIOKafkaAdminClient, existing: Sequence[NewTopic]) -> None:
    if not existing:
        return
    try:
        changes = await topic_settings.align(
            admin, {topic.name: topic.topic_configs for topic in existing}
        )
    except topic_settings.Refused as refused:
        raise NotProvisioned(str(refused)) from refused
    for change in changes:
        print(f"provision: {change}")


async def grant_access(installation: Installation) -> None:
    """Give every service and guest its user, its password and the rights of `topics.toml`.

    Raises:
        NotProvisioned: Kafka refused one.
    """
    passwords = {
        connection.user: connection.password
        for connection in map(installation.kafka_of, kafka_access.users())
    }
    async with _kafka(installation) as admin:
        try:
            await kafka_access.set_passwords(admin, passwords)
            await kafka_access.grant(admin, kafka_access.rights(installation.namespace))
        except (kafka_access.AccessRefused, KafkaError, TimeoutError) as reason:
            raise NotProvisioned(f"Kafka refused access: {reason!r}") from None


def migrate(installation: Installation) -> None:
    """Run every service's migrations as its owner, who alone may change the schema."""
    for service in SERVICES:
        config = Config()
        config.set_main_option(
            "script_location", str(ROOT / "services" / service / "migrations").replace("%", "%%")
        )
        config.attributes["url"] = installation.database_url(service, "owner")
        command.upgrade(config, "head")


async def remove(installation: Installation, servers: Collection[str] = SERVERS) -> None:
    """Delete from `servers` what `provision` and the services made there; by exact names, for
    set-ups may share servers with others.

    Raises:
        NotReady: one of them does not answer.
    """
    await wait_for_servers(installation, 5, servers)
    if "postgres" in servers:
        async with _administration(installation) as connection:
            await _drop_databases(connection, installation)
    if "kafka" in servers:
        ours = {installation.namespace + topic.name for topic in topics()}
        async with _kafka(installation) as admin:
            await admin.delete_topics(sorted(ours & set(await admin.list_topics())))
            if installation.kafka.authenticates:
                users = {installation.kafka_of(user).user for user in kafka_access.users()}
                await kafka_access.revoke_all(admin, users)
                await kafka_access.delete_users(admin, users)
    if "redis" in servers:
        client = RedisAddress.parse(installation.redis_url).client()
        try:
            async for key in client.scan_iter(f"{installation.namespace}{KEYS}*", count=1000):
                await client.unlink(key)
        finally:
            await client.aclose()


async def _drop_databases(
    connection: "asyncpg.Connection[Any]", installation: Installation
) -> None:
    """A database of one of our names that our owner does not own is somebody else's."""
    for service in SERVICES:
        database, owner = installation.database(service), installation.role(service, "owner")
        query = (
            "SELECT rolname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname"
            " = $1"
        )
        if await connection.fetchval(query, database) not in (owner, None):
            continue
        await connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        for role in ROLES:
            await connection.execute(f'DROP ROLE IF EXISTS "{installation.role(service, role)}"')


async def _create_databases(
    connection: "asyncpg.Connection[Any]", installation: Installation
) -> None:
    for service in SERVICES:
        database, owner = installation.database(service), installation.role(service, "owner")
        for role in ROLES:
            await _ensure_role(
                connection, installation.role(service, role), installation.password(service, role)
            )
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            # template0: nobody's session can be in it, so creation never has to wait for one to
            # leave.
            await connection.execute(
                f'CREATE DATABASE "{database}" OWNER "{owner}" TEMPLATE template0'
            )
        await _grant(installation, service)


async def _ensure_role(connection: "asyncpg.Connection[Any]", name: str, password: str) -> None:
    verb = (
        "ALTER"
        if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
        else "CREATE"
    )
    quoted = await connection.fetchval("SELECT quote_literal($1)", password)
    await connection.execute(
        f'{verb} ROLE "{name}" LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {quoted}'
    )


async def _grant(installation: Installation, service: str) -> None:
    database, owner = installation.database(service), installation.role(service, "owner")
    users = ", ".join(f'"{installation.role(service, role)}"' for role in ROLES if role != "owner")
    connection = await asyncpg.connect(installation.admin_url(service), timeout=30)
    try:
        await connection.execute(f"""
            REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            ALTER SCHEMA public OWNER TO "{owner}";
            GRANT CONNECT ON DATABASE "{database}" TO {users};
            GRANT USAGE ON SCHEMA public TO {users};
        """)
        await connection.execute(limiting(owner))
        if await connection.fetchval(
            "SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%'"
        ):
            await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    finally:
        await connection.close()


@asynccontextmanager
async def _administration(installation: Installation) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A superuser's session; set-ups that share a server take turns, for roles are everybody's."""
    connection = await asyncpg.connect(installation.postgres_url, timeout=30)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ONE_AT_A_TIME)
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _kafka(installation: Installation) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


def main() -> None:
    """Provision what the environment names, or remove it; one line and exit 1 when that fails."""
    # Tries to reach a server that still starts are expected; the exception tells how they ended.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        installation = Installation.from_environment(with_file(os.environ))
        if sys.argv[1:2] == ["remove"]:
            asyncio.run(remove(installation, sys.argv[2:]))
            return print("provision: databases, roles, topics and keys are removed")
        asyncio.run(
            provision(installation, float(os.environ.get("SALES_PROVISION_SECONDS") or 120))
        )
    except KeyError as missing:
        sys.exit(f"provision: {missing.args[0]} is not set")
    except ValueError as reason:
        sys.exit(f"provision: {reason}")
    except (ready.NotReady, NotProvisioned) as reason:
        sys.exit(f"provision: {reason}")
    print("provision: databases, roles, topics and schemas are in place")
    return None


if __name__ == "__main__":
    main()
