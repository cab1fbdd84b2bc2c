"""Invoices pause the reset; a reset and an invoice at one moment; what races a new time zone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.activities.timers import apply_planned, reset_overdue
from shared.clock import end_of_day, local_day, start_of_day
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.money import rub

ZONE = "Europe/Moscow"


def due(activity: Any) -> datetime:
    return datetime.fromisoformat(activity["reset_due_at"])


def in_days(days: int) -> str:
    return (local_day(datetime.now(UTC), ZONE) + timedelta(days=days)).isoformat()


async def invoice(tenant: Tenant, user: User, activity: Any, days: int, amount: int = 1000) -> Any:
    return await tenant.do(user, activity, "invoices", amount=rub(amount), due_on=in_days(days))


async def test_an_unpaid_invoice_pauses_the_reset_until_it_is_overdue(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=5)
    await tenant.set_options(pause_for_invoices=True)
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    issued = await invoice(tenant, seller, activity, 20)
    overdue_at = end_of_day(datetime.fromisoformat(in_days(20)).date(), ZONE)
    assert due(issued) == overdue_at + timedelta(days=5)
    await reset_overdue(context, datetime.now(UTC) + timedelta(days=6))
    assert (await tenant.see(activity))["status"] == "in_work"
    (issued_invoice,) = (await tenant.see(activity))["invoices"]
    path = f"invoices/{issued_invoice['id']}/cancel"
    cancelled = await tenant.do(seller, activity, path, reason="не те реквизиты")
    left = due(cancelled) - datetime.now(UTC)
    assert timedelta(days=4, hours=23) < left <= timedelta(days=5)
    await reset_overdue(context, due(cancelled))
    assert (await tenant.see(activity))["status"] == "free"


async def test_the_option_moves_what_is_invoiced_already(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(activity_reset_days=5)
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    plain = await invoice(tenant, seller, activity, 20)
    assert due(plain) - datetime.now(UTC) < timedelta(days=5)
    await tenant.set_options(pause_for_invoices=True)
    paused = await tenant.see(activity)
    assert due(paused) - datetime.now(UTC) > timedelta(days=24)
    await tenant.rewind(activity, timedelta(days=9))
    await tenant.set_options(pause_for_invoices=False)
    left = due(await tenant.see(activity)) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(hours=24)


async def test_an_invoice_and_the_reset_at_one_moment_have_one_outcome(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=5, retake_cooldown_seconds=0)
    await tenant.set_options(pause_for_invoices=True)
    seller = await tenant.user()
    for _ in range(8):
        activity = await tenant.register(seller, take=True)
        almost = timedelta(days=5) - timedelta(milliseconds=15)
        await tenant.rewind(activity, almost)
        await asyncio.sleep(0.01)
        body = {"amount": rub(1000), "due_on": in_days(20)}
        issued, _ = await asyncio.gather(
            tenant.command(seller, activity, "invoices", **body),
            asyncio.gather(*(reset_overdue(context) for _ in range(3))),
        )
        await reset_overdue(context)
        now = await tenant.see(activity)
        if issued.status == 200:
            assert (now["status"], len(now["invoices"])) == ("in_work", 1)
            assert due(now) - datetime.now(UTC) > timedelta(days=24)
        else:
            assert (issued.status, issued.body["code"]) == (409, "not_in_work")
            assert (now["status"], now["invoices"]) == ("free", [])


async def test_a_broken_plan_keeps_no_other_from_its_day(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    broken_room, room = sorted([await tenant.another_room(), await tenant.another_room()])
    day = datetime.fromisoformat(in_days(2)).date()
    for room_id in (broken_room, room):
        path = f"/rooms/{room_id}/settings/planned?company_id={tenant.company_id}"
        body = {"effective_from": day.isoformat(), "numbers": {"activity_reset_days": 30}}
        assert (await tenant.call(tenant.admin, "POST", path, body)).status == 200
    numbers = orjson.dumps({"no_such_number": 1}).decode()
    await tenant.reader.execute(
        "UPDATE room_settings_planned SET numbers = $3::jsonb"
        " WHERE tenant_id = $1 AND room_id = $2",
        tenant.tenant_id,
        broken_room,
        numbers,
    )
    await apply_planned(context, start_of_day(day, ZONE))
    assert await reset_days(tenant, room) == 30
    assert await reset_days(tenant, broken_room) == 14
    assert "timer apply_planned" in context.turns.degraded()


async def reset_days(tenant: Tenant, room_id: UUID) -> Any:
    path = f"/rooms/{room_id}/settings?company_id={tenant.company_id}"
    return (await tenant.call(tenant.admin, "GET", path)).body["activity_reset_days"]


async def test_options_set_while_the_time_zone_changes_have_the_new_one(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(activity_reset_days=5)
    company = f"/companies/{tenant.company_id}"
    for number in range(12):
        zone = ("Asia/Vladivostok", "Europe/Kaliningrad")[number % 2]
        await tenant.set_options(working_days=False)
        planned = f"/rooms/{tenant.room_id}/settings/planned?company_id={tenant.company_id}"
        plan = {"effective_from": in_days(5), "numbers": {"vip_reset_days": 10 + number}}
        responses = await asyncio.gather(
            tenant.call(tenant.admin, "PATCH", tenant.options_path, {"working_days": True}),
            tenant.call(tenant.admin, "PATCH", company, {"time_zone": zone}),
            tenant.call(tenant.admin, "POST", planned, plan),
        )
        assert [response.status for response in responses] == [200] * 3
        stored = await tenant.reader.fetchval(
            "SELECT options ->> 'time_zone' FROM room_settings"
            " WHERE tenant_id = $1 AND room_id = $2",
            tenant.tenant_id,
            tenant.room_id,
        )
        apply_at = await tenant.reader.fetchval(
            "SELECT apply_at FROM room_settings_planned WHERE tenant_id = $1",
            tenant.tenant_id,
        )
        assert stored == zone
        assert apply_at == start_of_day(datetime.fromisoformat(in_days(5)).date(), zone)
