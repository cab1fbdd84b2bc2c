"""The mechanisms on real servers, apart from any service."""

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient

from deploy.environment import Installation
from shared import logs
from tests.integration.shared.scratch import Scratch


@pytest.fixture(scope="session", autouse=True)
def json_logs() -> None:
    """structlog's own rendering of a traceback takes seconds, in which no heartbeat is sent."""
    logs.configure("tests", "INFO")


@pytest_asyncio.fixture(scope="session")
async def scratch_database(provisioned: Installation) -> AsyncIterator[Installation]:
    """One database with the mechanisms' tables and one table of things."""
    whole = Scratch(provisioned, "")
    await whole.make_database()
    yield provisioned
    await whole.drop_database()


@pytest_asyncio.fixture
async def scratch(scratch_database: Installation) -> AsyncIterator[Scratch]:
    """Empty tables, topics of the test's own."""
    made = Scratch(scratch_database, f"{scratch_database.namespace}{secrets.token_hex(3)}_")
    admin = await made.admin()
    await admin.execute(
        "TRUNCATE thing, outbox, inbox, idempotent_response, parked_tenant, parked_record,"
        " settled_letter, job_effect, job CASCADE"
    )
    await made.make_topics()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def kafka(scratch: Scratch) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**scratch.kafka.client_options())
    await admin.start()
    yield admin
    await admin.close()
