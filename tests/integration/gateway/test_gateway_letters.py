"""Notifications by e-mail: in time, once, under one name, and told where they cannot be sent."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.environment import Installation
from tests.integration.gateway.notifying import has, told, warned
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.mailbox import Mailbox, open_mailbox
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually

AT_ONCE: dict[str, Any] = {"quiet_hours": None, "language": "en", "kinds": []}
CHOICES = "/api/v1/me/notifications"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as mailbox:
        yield mailbox


def mailing_gateway(
    installation: Installation, stub_server: StubServices, mailbox: Mailbox, folder: Path
) -> Service:
    """A gateway with a mail server, at a port of its own."""
    return Service.of(
        installation,
        "gateway",
        folder,
        port=free_ports(1)[0],
        SALES_ACTIVITIES_URL=stub_server.url("activities"),
        SALES_VIP_URL=stub_server.url("vip"),
        SALES_MOTIVATION_URL=stub_server.url("motivation"),
        SALES_PUBLIC_URL="https://sales.example.com/",
        SALES_SMTP_HOST="127.0.0.1",
        SALES_SMTP_PORT=str(mailbox.port),
        SALES_SMTP_SECURITY="none",
        SALES_MAIL_FROM="Sales Launch <robot@sales.example.com>",
    )


@pytest.fixture
def mailing(
    provisioned: Installation,
    gateway: Service,
    tenant: Tenant,
    stub_server: StubServices,
    mailbox: Mailbox,
    tmp_path: Path,
) -> Iterator[Service]:
    """The only gateway, which has a mail server: one without would show and send nothing."""
    gateway.stop()
    process = mailing_gateway(provisioned, stub_server, mailbox, tmp_path)
    tenant.url = process.url
    try:
        yield process.start()
    finally:
        process.stop()


async def seller_of(tenant: Tenant, room: UUID, **choices: Any) -> tuple[UUID, str]:
    """A seller of the room who is told at once unless they chose otherwise."""
    seller, token = await tenant.employee(room_ids=[str(room)])
    body = {**AT_ONCE, **choices}
    status, answer, _ = await tenant.call("PUT", CHOICES, token, json=body)
    assert status == 200, answer
    return seller, token


async def hasten(installation: Installation, tenant: Tenant) -> None:
    """Makes the tenant's waiting letters due, as if the pause had passed."""
    connection = await asyncpg.connect(installation.admin_url("gateway"))
    await connection.execute(
        "UPDATE delivery SET due_at = now() WHERE tenant_id = $1 AND due_at IS NOT NULL", tenant.id
    )
    await connection.close()


async def test_a_letter_says_what_and_where_and_no_more(
    mailing: Service, tenant: Tenant, bus: Bus, mailbox: Mailbox
) -> None:
    room = uuid4()
    seller, token = await seller_of(tenant, room)
    await bus.publish([warned(tenant.id, room, seller)])
    letter = await mailbox.next(30)
    (item,) = await told(tenant, token)
    text = letter.get_content()
    assert f"https://sales.example.com/activities/{item['activity_id']}" in text
    assert letter["Subject"].startswith("An activity goes back to the pool soon: ")
    assert letter["Message-ID"] == f"<{item['id']}@sales.example.com>"
    assert "Иван" not in text
    await asyncio.sleep(2)
    assert mailbox.is_empty


async def test_quiet_hours_hold_letters_back_and_not_the_list(
    mailing: Service, tenant: Tenant, bus: Bus, mailbox: Mailbox, provisioned: Installation
) -> None:
    room = uuid4()
    quiet = {"begins": "00:00", "ends": "23:59"}
    seller, token = await seller_of(tenant, room, quiet_hours=quiet, time_zone="Asia/Omsk")
    await bus.publish([warned(tenant.id, room, seller)])
    await eventually(has(tenant, token, "reset_warning"))
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    query = "SELECT due_at FROM delivery WHERE tenant_id = $1 AND due_at > now() + interval '10 s'"

    async def is_postponed() -> Any:
        return await connection.fetchval(query, tenant.id)

    due_at = await eventually(is_postponed)
    await connection.close()
    # 23:59 in Omsk.
    assert (due_at.hour, due_at.minute) == (17, 59)
    assert mailbox.is_empty


async def test_a_mail_server_that_comes_back_gets_the_letter(
    mailing: Service,
    tenant: Tenant,
    bus: Bus,
    provisioned: Installation,
    mailbox: Mailbox,
) -> None:
    room = uuid4()
    mailbox.server.close()
    await mailbox.server.wait_closed()
    seller, token = await seller_of(tenant, room)
    await bus.publish([warned(tenant.id, room, seller)])
    await eventually(has(tenant, token, "reset_warning"))
    await asyncio.sleep(3)
    async with await asyncio.start_server(mailbox.take, "127.0.0.1", mailbox.port):
        await hasten(provisioned, tenant)
        assert await mailbox.next(30)


async def test_a_letter_sent_as_its_sender_was_killed_comes_again_under_its_name(
    mailing: Service, tenant: Tenant, bus: Bus, mailbox: Mailbox, provisioned: Installation
) -> None:
    room = uuid4()
    seller, _ = await seller_of(tenant, room)
    mailbox.answers.clear()
    await bus.publish([warned(tenant.id, room, seller)])
    first = await mailbox.next(30)
    mailing.kill()
    mailing.stop()
    mailbox.answers.set()
    mailing.start()
    await hasten(provisioned, tenant)
    second = await mailbox.next(30)
    assert (first["Message-ID"], first["To"]) == (second["Message-ID"], second["To"])
    await asyncio.sleep(2)
    assert mailbox.is_empty


async def test_two_gateways_send_each_letter_once(
    mailing: Service,
    tenant: Tenant,
    bus: Bus,
    mailbox: Mailbox,
    provisioned: Installation,
    stub_server: StubServices,
    tmp_path: Path,
) -> None:
    room, count = uuid4(), 12
    another = mailing_gateway(provisioned, stub_server, mailbox, tmp_path).start()
    seller, token = await seller_of(tenant, room)
    await bus.publish(warned(tenant.id, room, seller) for _ in range(count))
    names = [(await mailbox.next(30))["Message-ID"] for _ in range(count)]
    await asyncio.sleep(2)
    another.stop()
    assert mailbox.is_empty
    items = await told(tenant, token)
    assert sorted(names) == sorted(f"<{item['id']}@sales.example.com>" for item in items)


async def test_a_mailbox_that_there_is_not_is_shown_as_failing_until_it_works(
    mailing: Service, tenant: Tenant, bus: Bus, mailbox: Mailbox
) -> None:
    room = uuid4()
    seller, token = await seller_of(tenant, room)
    mailbox.refused.add("@example.com")

    async def failing() -> Any:
        return (await tenant.call("GET", CHOICES, token))[1]["failing"]

    await bus.publish([warned(tenant.id, room, seller)])
    (fault,) = await eventually(failing)
    assert (fault["channel"], fault["reason"]) == ("email", "refused_550")
    mailbox.refused.clear()
    await bus.publish([warned(tenant.id, room, seller)])
    assert await mailbox.next(30)

    async def works() -> bool:
        return not await failing()

    await eventually(works)


async def test_who_has_left_meanwhile_gets_no_letter(
    mailing: Service, tenant: Tenant, bus: Bus, mailbox: Mailbox, provisioned: Installation
) -> None:
    room = uuid4()
    quiet = {"begins": "00:00", "ends": "23:59"}
    seller, token = await seller_of(tenant, room, quiet_hours=quiet)
    await bus.publish([warned(tenant.id, room, seller)])
    await eventually(has(tenant, token, "reset_warning"))
    await tenant.call("PUT", CHOICES, token, json=AT_ONCE)
    path = f"/api/v1/employees/{seller}"
    assert (await tenant.call("PATCH", path, json={"active": False}))[0] == 200
    await hasten(provisioned, tenant)
    await asyncio.sleep(4)
    assert mailbox.is_empty
