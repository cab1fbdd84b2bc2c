"""Notifications pushed to browsers: encrypted, signed, under one topic, to who is still there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.environment import Installation
from tests.integration.gateway.notifying import has, told, warned
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.push_receiver import Browser, PushReceiver, open_push_receiver
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually

PATH = "/api/v1/me/push-subscriptions"
CHOICES = "/api/v1/me/notifications"


@pytest.fixture
async def receiver() -> AsyncIterator[PushReceiver]:
    async with open_push_receiver() as receiver:
        yield receiver


@pytest.fixture
def pushing(
    provisioned: Installation,
    gateway: Service,
    tenant: Tenant,
    stub_server: StubServices,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """The only gateway, which may push to a service beside it."""
    gateway.stop()
    process = Service.of(
        provisioned,
        "gateway",
        tmp_path_factory.mktemp("push"),
        port=free_ports(1)[0],
        SALES_ACTIVITIES_URL=stub_server.url("activities"),
        SALES_VIP_URL=stub_server.url("vip"),
        SALES_MOTIVATION_URL=stub_server.url("motivation"),
        SALES_PUBLIC_URL="https://sales.example.com/",
        SALES_PUSH_INSECURE="1",
    )
    tenant.url = process.url
    try:
        yield process.start()
    finally:
        process.stop()


async def subscribed(tenant: Tenant, room: UUID, receiver: PushReceiver) -> tuple[UUID, str]:
    """A seller whose browser is subscribed, and who is told at once."""
    seller, token = await tenant.employee(room_ids=[str(room)])
    body: dict[str, Any] = {"quiet_hours": None, "language": "en"}
    assert (await tenant.call("PUT", CHOICES, token, json=body))[0] == 200
    new = {"endpoint": receiver.endpoint, "keys": receiver.browser.keys, "expirationTime": None}
    status, view, _ = await tenant.call("POST", PATH, token, json=new)
    assert (status, view["push_service"]) == (201, "127.0.0.1")
    return seller, token


async def test_a_message_is_encrypted_signed_and_named_by_its_notification(
    pushing: Service, tenant: Tenant, bus: Bus, receiver: PushReceiver
) -> None:
    room = uuid4()
    seller, token = await subscribed(tenant, room, receiver)
    await bus.publish([warned(tenant.id, room, seller)])
    pushed = await receiver.next()
    (item,) = await told(tenant, token)
    assert pushed.topic == UUID(item["id"]).hex
    assert pushed.ttl == 12 * 3600
    assert pushed.claims["sub"] == "mailto:push@sales.example.com"
    _, listed, _ = await tenant.call("GET", PATH, token)
    assert pushed.claims["k"] == listed["public_key"]
    assert pushed.message["url"] == f"https://sales.example.com/activities/{item['activity_id']}"
    assert pushed.message["kind"] == "reset_warning"
    await asyncio.sleep(2)
    assert receiver.is_empty


async def test_a_service_that_was_away_gets_the_same_topic_again(
    pushing: Service,
    tenant: Tenant,
    bus: Bus,
    receiver: PushReceiver,
    provisioned: Installation,
) -> None:
    room = uuid4()
    receiver.status = 503
    seller, _ = await subscribed(tenant, room, receiver)
    await bus.publish([warned(tenant.id, room, seller)])
    first = await receiver.next()
    receiver.status = 201
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    put_off = (
        "UPDATE delivery SET due_at = now() WHERE tenant_id = $1"
        " AND due_at > now() AND due_at < now() + interval '2 minutes' RETURNING 1"
    )

    async def hastened() -> Any:
        return await connection.fetchval(put_off, tenant.id)

    await eventually(hastened)
    await connection.close()
    assert (await receiver.next(30)).topic == first.topic


async def test_a_browser_that_is_gone_is_forgotten_and_shown_as_failing(
    pushing: Service, tenant: Tenant, bus: Bus, receiver: PushReceiver
) -> None:
    room = uuid4()
    receiver.status = 410
    seller, token = await subscribed(tenant, room, receiver)
    await bus.publish([warned(tenant.id, room, seller)])
    await receiver.next()

    async def is_forgotten() -> bool:
        return bool((await tenant.call("GET", PATH, token))[1]["items"] == [])

    await eventually(is_forgotten)

    async def failing() -> Any:
        return (await tenant.call("GET", CHOICES, token))[1]["failing"]

    (fault,) = await eventually(failing)
    assert (fault["channel"], fault["reason"]) == ("push", "gone")
    await bus.publish([warned(tenant.id, room, seller)])
    await eventually(has(tenant, token, "reset_warning", "reset_warning"))
    await asyncio.sleep(2)
    assert receiver.is_empty


async def test_browsers_are_checked_renewed_and_their_owners(tenant: Tenant) -> None:
    _, token = await tenant.employee()
    _, other = await tenant.employee()
    keys = Browser().keys
    good = {"endpoint": "https://push.example.com/send/abc", "keys": keys}
    for wrong, field, rule in (
        ({"endpoint": "https://10.0.0.1/send"}, "endpoint", "push_endpoint"),
        ({"endpoint": "http://push.example.com/send"}, "endpoint", "push_endpoint"),
        ({"keys": {**keys, "auth": "AAAA"}}, "keys", "push_keys"),
    ):
        status, problem, _ = await tenant.call("POST", PATH, token, json={**good, **wrong})
        (error,) = problem["errors"]
        assert (status, error["field"], error["rule"]) == (422, field, rule)
    _, first, _ = await tenant.call("POST", PATH, token, json=good)
    renewed = {**good, "keys": Browser().keys}
    assert (await tenant.call("POST", PATH, token, json=renewed))[1] == first
    assert (await tenant.call("GET", PATH, other))[1]["items"] == []
    assert (await tenant.call("DELETE", f"{PATH}/{first['id']}", other))[0] == 404
    for number in range(10):
        further = {**good, "endpoint": f"https://push.example.com/send/{number}"}
        assert (await tenant.call("POST", PATH, token, json=further))[0] == 201
    items = (await tenant.call("GET", PATH, token))[1]["items"]
    assert len(items) == 10 and first not in items
    assert (await tenant.call("DELETE", f"{PATH}/{items[0]['id']}", token))[0] == 204
