"""An operator's commands about dead letters, parked tenants and the outbox, as one types them."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from deploy.environment import Installation
from shared.events import VIP
from shared.ids import new_id
from tests.support.servers import Servers
from tests.support.servers import provisioned as a_provisioned_namespace
from tests.support.service_process import Service
from tests.support.wait import eventually

ROOT = Path(__file__).parents[3]


async def operate(installation: Installation, *words: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a command of the activities service."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.activities.app",
        *words,
        cwd=ROOT,
        env={**os.environ, **installation.service("activities")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in errors, errors.decode()
    return process.returncode, said.decode().splitlines()


@pytest.fixture(scope="module")
def provisioned(servers: Servers) -> Iterator[Installation]:
    """A set-up of its own: other tests leave letters that wait."""
    with a_provisioned_namespace(servers) as installation:
        yield installation


async def test_an_operator_lists_drops_replays_parks_and_releases(
    provisioned: Installation, service: Callable[..., Service]
) -> None:
    tenant, other = new_id(), new_id()
    await asyncio.to_thread(service("activities", SALES_DEAD_LETTERS_PER_MINUTE="2").start)
    producer = AIOKafkaProducer(**provisioned.kafka.client_options())
    await producer.start()
    for whose in (tenant, tenant, tenant, other):
        raw_key = f"{whose}:{new_id()}".encode()
        await producer.send_and_wait(
            provisioned.namespace + VIP, b"?", key=raw_key, headers=[], partition=0
        )
    await producer.stop()

    async def listed() -> list[str]:
        _, lines = await operate(provisioned, "dead-letters", "list")
        return lines if lines[-1] == "3 waiting" else []

    lines = await eventually(listed, seconds=60)
    letters = [line for line in lines if "ce_type is missing" in line and "@" in line]
    assert len(letters) == 3
    (parked,) = [line for line in lines if f"tenant {tenant} parked by activities" in line]
    assert "1 records put aside  more than 2 dead letters in a minute" in parked

    (oldest,) = [line for line in letters if "@0 " in line]
    identity = re.search(r"[0-9a-f-]{36}", oldest)
    assert identity
    drop = ("dead-letters", "drop", identity.group())
    assert (await operate(provisioned, *drop))[0] == 2, "why is asked for"
    code, said = await operate(provisioned, *drop, "--reason", "a test's", "--by", "olga")
    assert (code, len(said)) == (0, 1) and said[0].endswith("dropped")
    assert (await operate(provisioned, *drop, "--reason", "again"))[0] == 1
    code, said = await operate(provisioned, "dead-letters", "replay")
    assert (code, len(said)) == (0, 2)
    assert all(line.endswith("header ce_type is missing") for line in said)

    park = ("dead-letters", "park", str(other), "--reason", "looked into", "--by", "olga")
    assert await operate(provisioned, *park) == (0, ["parked"])
    _, said = await operate(provisioned, "dead-letters", "parked")
    assert said[-1] == "2 parked" and "parked by olga: 0 records put aside  looked into" in said[1]
    code, said = await operate(provisioned, "dead-letters", "release", str(tenant))
    assert (code, said) == (0, ["0 applied, 1 dead letters, 0 superseded or erased", "released"])
    assert (await operate(provisioned, "dead-letters", "release", str(other)))[1][-1] == "released"
    assert (await operate(provisioned, "dead-letters", "release", str(other)))[0] == 1
    _, said = await operate(provisioned, "dead-letters", "list")
    assert said[-1] == "3 waiting"

    for whose in (tenant, other):
        drop_all = ("dead-letters", "drop", "--tenant", str(whose), "--reason", "a test's")
        assert (await operate(provisioned, *drop_all))[0] == 0
    assert (await operate(provisioned, "dead-letters", "list"))[1] == ["0 waiting"]
    _, said = await operate(provisioned, "dead-letters", "decisions", str(tenant))
    assert [line.split()[1] for line in said] == ["dropped", "dropped", "released", "dropped"]
    assert "by olga: a test's" in said[-1] and identity.group() in said[-1]


async def test_an_operator_sees_and_skips_what_waits_in_the_outbox(
    provisioned: Installation,
) -> None:
    tenant, aggregate, event = new_id(), new_id(), new_id()
    admin = await asyncpg.connect(provisioned.admin_url("activities"))
    await admin.execute(
        "INSERT INTO outbox (tenant_id, topic, aggregate_id, aggregate_version, shard, event_id,"
        " type, noun, value, correlation_id, causation_id, created_at) VALUES ($1,"
        " 'sales.activities.v1', $2, 7, 0, $3, 'company.changed', 'company', 'x', '', '',"
        " now() - interval '1 minute')",
        tenant,
        aggregate,
        event,
    )
    await admin.close()
    code, said = await operate(provisioned, "outbox", "stuck")
    assert code == 0
    (line,) = [line for line in said if str(event) in line]
    assert f"{aggregate}@7  company.changed  1 bytes  1 wait  tenant {tenant}" in line
    skip = ("outbox", "skip", str(tenant), str(event), "--reason", "a test's")
    assert await operate(provisioned, *skip) == (0, ["skipped"])
    assert await operate(provisioned, *skip) == (1, ["no such event waits"])
    _, said = await operate(provisioned, "outbox", "stuck")
    assert not [line for line in said if str(event) in line]


async def test_an_operator_accepts_holes_and_has_events_sent_again(
    provisioned: Installation,
) -> None:
    topic = provisioned.namespace + VIP
    owner = await asyncpg.connect(provisioned.admin_url("activities"))
    await owner.execute(
        "INSERT INTO consumer_hole (consumer, topic, partition, lost_from, lost_to)"
        " VALUES ('activities', $1, 5, 3, 9)",
        topic,
    )
    assert await operate(provisioned, "holes", "list") == (
        0,
        [f"{topic}[5] offsets 3 to 8 are gone unread", "1 waiting"],
    )
    accept = ("holes", "accept", topic, "5")
    assert (await operate(provisioned, *accept))[0] == 2, "why is asked for"
    assert await operate(provisioned, *accept, "--reason", "sent again") == (
        0,
        ["the service goes on within a second"],
    )
    assert (await operate(provisioned, *accept, "--reason", "twice"))[0] == 1
    offset = "SELECT next_offset FROM consumer_offset WHERE topic = $1 AND partition = 5"
    assert await owner.fetchval(offset, topic) == 9
    await owner.execute("DELETE FROM consumer_offset WHERE topic = $1 AND partition = 5", topic)
    await owner.close()
    resend = ("outbox", "resend", "--tenant", str(new_id()), "--since")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert await operate(provisioned, *resend, today) == (0, ["0 events are sent again"])
    assert await operate(provisioned, *resend, "2026-01-01") == (1, ["0 events are sent again"])
    assert await operate(provisioned, "restate", "--tenant", str(new_id())) == (
        0,
        ["0 events are stated again"],
    )
