"""Notifications by a bot: a chat is linked by a code, once, and ends as it is closed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.environment import Installation
from tests.integration.gateway.notifying import told, warned
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.telegram import TOKEN, Telegram, open_telegram
from tests.support.wait import eventually

PATH = "/api/v1/me/messenger"
CHOICES = "/api/v1/me/notifications"


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with open_telegram() as telegram:
        yield telegram


@pytest.fixture
def chatting(
    provisioned: Installation,
    gateway: Service,
    tenant: Tenant,
    stub_server: StubServices,
    telegram: Telegram,
    tmp_path: Path,
) -> Iterator[Service]:
    """The only gateway, which has a bot."""
    gateway.stop()
    process = Service.of(
        provisioned,
        "gateway",
        tmp_path,
        port=free_ports(1)[0],
        SALES_ACTIVITIES_URL=stub_server.url("activities"),
        SALES_VIP_URL=stub_server.url("vip"),
        SALES_MOTIVATION_URL=stub_server.url("motivation"),
        SALES_PUBLIC_URL="https://sales.example.com",
        SALES_TELEGRAM_TOKEN=TOKEN,
        SALES_TELEGRAM_BOT="sales_bot",
        SALES_TELEGRAM_URL=telegram.url,
    )
    tenant.url = process.url
    try:
        yield process.start()
    finally:
        process.stop()


async def test_a_chat_is_linked_by_a_code_once_and_gets_messages_until_it_is_closed(
    chatting: Service, tenant: Tenant, bus: Bus, telegram: Telegram
) -> None:
    room = uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    body: dict[str, Any] = {"quiet_hours": None}
    assert (await tenant.call("PUT", CHOICES, token, json=body))[0] == 200
    status, made, _ = await tenant.call("POST", PATH, token)
    assert (status, made["url"]) == (201, f"https://t.me/sales_bot?start={made['code']}")
    telegram.write(7, "/start guessed")
    telegram.write(-5, f"/start {made['code']}", "group")
    telegram.write(42, f"/start {made['code']}")
    telegram.write(43, f"/start {made['code']}")
    assert (await telegram.next())["chat_id"] == 42

    async def is_linked() -> bool:
        return bool((await tenant.call("GET", PATH, token))[1]["linked"])

    assert await is_linked()
    await bus.publish([warned(tenant.id, room, seller)])
    message = await telegram.next()
    (item,) = await told(tenant, token)
    assert message["chat_id"] == 42
    assert f"https://sales.example.com/activities/{item['activity_id']}" in message["text"]
    telegram.status = 403
    await bus.publish([warned(tenant.id, room, seller)])
    await telegram.next()

    async def is_closed() -> bool:
        return not await is_linked()

    await eventually(is_closed)
    await asyncio.sleep(2)
    assert telegram.is_empty and TOKEN not in chatting.tail(2000)


async def test_without_a_bot_nothing_is_linked(tenant: Tenant) -> None:
    status, problem, _ = await tenant.call("POST", PATH)
    assert (status, problem["code"]) == (409, "not_configured")
