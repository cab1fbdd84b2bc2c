"""Poison on every topic, read by the real services: put aside with where from and why, nothing
waits behind it (docs/adr/0009).
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import orjson
import pytest

from shared.bus.records import NOBODY
from shared.events import ACTIVITIES, MOTIVATION, PEOPLE, REGISTRY, VIP, Envelope, headers, key
from shared.ids import TenantId, new_id
from tests.chaos.calls import Json
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.shop import Shop, rub
from tests.chaos.stream import StreamEvent, ends, published_events, writer

READERS = {
    ACTIVITIES: ("vip", "motivation", "gateway"),
    VIP: ("activities", "gateway"),
    MOTIVATION: ("gateway",),
    PEOPLE: ("vip", "gateway"),
}
SAMPLE = {
    ACTIVITIES: "company.changed",
    VIP: "vip.claimed",
    MOTIVATION: "adjustment.posted",
    PEOPLE: "person.described",
}
Headers = list[tuple[str, bytes]]
Record = tuple[bytes | None, bytes | None, Headers]


async def eventually(what: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not await what():
        assert time.monotonic() < until, "it did not come about in time"
        await asyncio.sleep(0.3)


def _record(sample: StreamEvent, envelope: Envelope, value: bytes | None = None) -> Record:
    noun = REGISTRY[sample.type].noun
    fields = headers(envelope, noun, "stranger")
    return (
        key(envelope.tenant_id, envelope.subject),
        value if value is not None else _json(sample.data),
        fields,
    )


def _json(data: Any) -> bytes:
    return orjson.dumps(data)


def poison(sample: StreamEvent, envelope: Envelope) -> dict[str, tuple[Record, str]]:
    """What is wrong, and what the dead letter says about it."""
    at, value, fields = _record(sample, envelope)

    def without(name: str) -> Headers:
        return [pair for pair in fields if pair[0] != name]

    found: dict[str, tuple[Record, str]] = {
        "unreadable bytes": ((at, b"\xff\xfe\x00", fields), "breaks its schema"),
        "not JSON": ((at, b"{half", fields), "breaks its schema"),
        "newer version": (_record(sample, replace(envelope, data_version=2)), "version 2"),
        "no headers": ((at, value, []), "ce_type is missing"),
        "missing header": ((at, value, without("ce_id")), "ce_id is missing"),
        "broken header": (
            (at, value, [*without("ce_aggregateversion"), ("ce_aggregateversion", b"many")]),
            "ce_aggregateversion is broken",
        ),
        "wrong tenant": ((key(new_id(), envelope.subject), value, fields), "the key is not"),
        "2 MB": ((at, b"x" * (2 << 20), fields), "breaks its schema"),
    }
    if sample.topic != PEOPLE:
        found["null key"] = ((None, value, fields), "the key is not")
        found["tombstone"] = ((at, None, fields), "no data")
    return found


async def samples(cluster: Cluster, shop: Shop, since: Any) -> dict[str, StreamEvent]:
    """A real event of each topic."""
    client = await shop.head.must("client", "/clients", shop.new_client())
    await shop.sellers[0].must(
        "claim",
        "/vip",
        {"company_id": shop.company, "room_id": shop.room, "client_id": client["id"]},
    )
    body = {
        "employee_id": shop.sellers[0].id,
        "company_id": shop.company,
        "room_id": shop.room,
        "amount": rub(5),
        "reason": "проба",
    }
    await shop.accountant.must("adjust", "/motivation/adjustments", body)
    found: dict[str, StreamEvent] = {}

    async def complete() -> bool:
        for one in await published_events(cluster, shop.tenant, since):
            if SAMPLE.get(one.topic) == one.type:
                found[one.topic] = one
        return len(found) == len(SAMPLE)

    await eventually(complete)
    return found


async def letters(cluster: Cluster, service: str) -> list[str]:
    """What the operator's list says."""
    code, words = await cluster.command(service, "dead-letters", "list")
    assert code == 0, words
    return [line for line in words.splitlines() if "@" in line]


@pytest.mark.timeout(300)
async def test_poison_is_dead_lettered_and_later_events_take_effect(
    cluster: Cluster, new_shop: NewShop
) -> None:
    since = await ends(cluster)
    shop = await new_shop(1)
    tenant = TenantId(UUID(shop.tenant))
    expected: dict[str, list[str]] = {
        service: [] for readers in READERS.values() for service in readers
    }
    before = {service: await letters(cluster, service) for service in expected}
    for topic, sample in (await samples(cluster, shop, since)).items():
        subject, name = new_id(), cluster.installation.namespace + topic
        envelope = Envelope(new_id(), sample.type, tenant, subject, 1, datetime.now(UTC))
        async with writer(cluster) as producer:
            for (at, value, fields), why in poison(sample, envelope).values():
                put = await producer.send_and_wait(name, value, key=at, headers=fields, partition=0)
                for service in READERS[topic]:
                    expected[service].append(
                        re.escape(f"{name}[{put.partition}]@{put.offset}  ") + f".*{re.escape(why)}"
                    )
            # An unknown type is news for later versions, and an event about something unknown is
            # an event all the same.
            unknown = [
                (n, b"activity.teleported" if n == "ce_type" else v)
                for n, v in _record(sample, envelope)[2]
            ]
            await producer.send_and_wait(name, b"{}", key=b"?", headers=unknown, partition=0)
            if topic == ACTIVITIES:
                at, value, fields = _record(
                    sample,
                    replace(envelope, id=new_id()),
                    _json({**(sample.data or {}), "company_id": str(subject)}),
                )
                await producer.send_and_wait(name, value, key=at, headers=fields, partition=0)
    for service, lines in expected.items():
        missing = lines

        async def all_there(service: str = service, lines: list[str] = lines) -> bool:
            nonlocal missing
            fields = [
                line for line in await letters(cluster, service) if line not in before[service]
            ]
            missing = [line for line in lines if not any(re.search(line, one) for one in fields)]
            return not missing and len(fields) == len(lines)

        try:
            await eventually(all_there, 45)
        except AssertionError as late:
            raise AssertionError(
                f"{service}: {missing} not among {await letters(cluster, service)}"
            ) from late
    # Nothing stops: work goes on, and every consumer is well.
    activity = await shop.register(by=shop.sellers[0], take=True)
    await shop.sellers[0].must("pay", f"/activities/{activity['id']}/payments", {"amount": rub(10)})
    assert await _health(cluster, "vip") == await _health(cluster, "motivation") == {}


async def _health(cluster: Cluster, name: str) -> Json:
    """What the service's processes say is degraded."""
    found: Json = {}
    async with aiohttp.ClientSession() as http:
        for replica in cluster.of(name):
            async with http.get(replica.service.internal_url + "/health/ready") as response:
                found |= (await response.json())["degraded"]
    return found


async def _metric(cluster: Cluster, name: str, metric: str) -> float:
    found = 0.0
    async with aiohttp.ClientSession() as http:
        for replica in cluster.of(name):
            async with http.get(replica.service.internal_url + "/metrics") as response:
                for line in (await response.text()).splitlines():
                    found += float(line.split()[-1]) if line.startswith(metric) else 0.0
    return found


@pytest.mark.timeout(300)
async def test_a_replayed_dead_letter_takes_effect_once_its_cause_is_gone(
    cluster: Cluster, new_shop: NewShop
) -> None:
    shop = await new_shop(1)
    seller = shop.sellers[0]
    database: Any = await asyncpg.connect(cluster.installation.admin_url("vip"))
    await database.execute(
        "ALTER TABLE receipt ADD CONSTRAINT unlucky CHECK (amount <> 13.13) NOT VALID"
    )
    try:
        activity = await shop.register(by=seller, take=True)
        for amount in ("13.13", "14.00"):
            await seller.must(
                "pay", f"/activities/{activity['id']}/payments", {"amount": rub(amount)}
            )

        async def kept() -> list[str]:
            rows = await database.fetch(
                "SELECT amount FROM receipt WHERE tenant_id = $1 ORDER BY amount", UUID(shop.tenant)
            )
            return [str(row["amount"]) for row in rows]

        async def behind_it() -> bool:
            return await kept() == ["14.00"]

        await eventually(behind_it)
        assert any("its handler failed" in line for line in await letters(cluster, "vip"))
        await database.execute("ALTER TABLE receipt DROP CONSTRAINT unlucky")
        code, words = await cluster.command("vip", "dead-letters", "replay")
        assert code == 0 and "  applied" in words, words
        assert await kept() == ["13.13", "14.00"]
        assert not any("its handler failed" in line for line in await letters(cluster, "vip"))
    finally:
        await database.execute("ALTER TABLE receipt DROP CONSTRAINT IF EXISTS unlucky")
        await database.close()


@pytest.mark.timeout(300)
async def test_a_flood_is_put_aside_and_everybody_goes_on(
    cluster: Cluster, new_shop: NewShop
) -> None:
    shop = await new_shop(1)
    name = cluster.installation.namespace + VIP
    readers = READERS[VIP]
    before = {reader: await letters(cluster, reader) for reader in readers}
    async with writer(cluster) as producer:
        for _ in range(150):
            await producer.send(name, b"?", key=b"?", headers=[], partition=1)

    async def parked() -> bool:
        fields = [str(await _health(cluster, reader)) for reader in readers]
        return all(f"parked: {NOBODY}" in one for one in fields)

    try:
        await eventually(parked)

        async def counted() -> bool:
            return await _metric(cluster, "activities", "sales_activities_parked_tenants") >= 1

        await eventually(counted)
        assert (await shop.register(by=shop.sellers[0], take=True))["status"] == "in_work"
    finally:
        for reader in readers:
            code, words = await cluster.command(reader, "dead-letters", "release", str(NOBODY))
            assert code == 0 and "released" in words, words
    for reader in readers:
        new = [line for line in await letters(cluster, reader) if line not in before[reader]]
        assert sum("ce_type is missing" in line for line in new) == 150

    async def healed() -> bool:
        return "parked" not in str([await _health(cluster, reader) for reader in readers])

    await eventually(healed)
