"""Gateways are woken for what changed, and know when they may have missed it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import pytest
from redis.exceptions import ResponseError

from deploy.environment import Installation
from services.gateway.live import wake_ups
from services.gateway.live.wake_ups import WakeUps, Woken, wake_up
from shared.ids import EmployeeId, TenantId, new_id
from shared.redis_address import RedisAddress


@pytest.fixture
async def redis(provisioned: Installation) -> AsyncIterator[Any]:
    client = RedisAddress.parse(provisioned.redis_url).client()
    yield client
    await client.aclose()


@asynccontextmanager
async def started(redis: Any, namespace: str) -> AsyncIterator[tuple[WakeUps, Any]]:
    """A reader that has heard its first beat."""
    woken = WakeUps(redis, namespace)
    async with redis.client() as reader:
        await woken.start(reader)
        assert not woken.heard_since(monotonic())
        await until_missed(woken, reader)
        yield woken, reader


async def until_missed(woken: WakeUps, reader: Any) -> Woken:
    """What is heard as it first knows again that it hears."""
    async with asyncio.timeout(10):
        while not (heard := await woken.next(reader)).all:
            pass
    return heard


async def test_it_wakes_for_tenants_and_names_whose_access_changed(
    redis: Any, provisioned: Installation
) -> None:
    namespace = f"{provisioned.namespace}gw:{new_id().hex}:"
    tenant, other, anna = TenantId(new_id()), TenantId(new_id()), EmployeeId(new_id())
    async with started(redis, namespace) as (woken, reader):
        for call in (wake_up(namespace, tenant), wake_up(namespace, other, [anna])):
            await redis.execute_command(*call)
        assert await woken.next(reader) == Woken({tenant, other}, {(other, anna)})
        assert woken.heard_since(monotonic())


async def test_who_stood_still_knows_that_it_may_have_missed_something(
    redis: Any, provisioned: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_ups, "HEARD_SECONDS", 0.3)
    monkeypatch.setattr(wake_ups, "BEAT_SECONDS", 0.1)
    async with started(redis, f"{provisioned.namespace}gw:{new_id().hex}:") as (woken, reader):
        known = monotonic()
        assert woken.heard_since(known)
        await asyncio.sleep(0.4)
        assert not woken.heard_since(known)
        await until_missed(woken, reader)
        assert not woken.heard_since(known), "what was read before may be out of date"
        assert woken.heard_since(monotonic())


async def test_where_nobody_can_write_nothing_is_taken_as_heard(
    redis: Any, provisioned: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_ups, "HEARD_SECONDS", 0.3)
    monkeypatch.setattr(wake_ups, "BEAT_SECONDS", 0.1)
    async with started(redis, f"{provisioned.namespace}gw:{new_id().hex}:") as (woken, reader):
        assert woken.heard_since(monotonic())

        async def refuse(*_: Any, **__: Any) -> None:
            raise ResponseError("OOM command not allowed when used memory > 'maxmemory'")

        monkeypatch.setattr(redis, "xadd", refuse)
        until = monotonic() + 1
        while monotonic() < until:
            await woken.next(reader)
        assert not woken.heard_since(monotonic())
