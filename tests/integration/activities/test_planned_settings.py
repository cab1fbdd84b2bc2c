"""Numbers from a day on: planned, cancelled, and applied once as the company's day begins."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.activities.timers import apply_planned
from shared.clock import local_day, start_of_day
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant

ZONE = "Europe/Moscow"


def path(tenant: Tenant) -> str:
    return f"/rooms/{tenant.room_id}/settings/planned?company_id={tenant.company_id}"


def cancel_path(tenant: Tenant, day: date) -> str:
    return f"/rooms/{tenant.room_id}/settings/planned/{day}/cancel?company_id={tenant.company_id}"


def in_days(days: int) -> date:
    return local_day(datetime.now(UTC), ZONE) + timedelta(days=days)


async def plan(tenant: Tenant, day: date, **numbers: int) -> Any:
    body = {"effective_from": day.isoformat(), "numbers": numbers}
    response = await tenant.call(tenant.admin, "POST", path(tenant), body)
    assert response.status == 200, response.body
    return response.body["items"]


async def numbers_of(tenant: Tenant) -> Any:
    settings = f"/rooms/{tenant.room_id}/settings?company_id={tenant.company_id}"
    return (await tenant.call(tenant.admin, "GET", settings)).body


async def test_planned_numbers_hold_from_the_companys_day_on_and_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    activity = await tenant.register(await tenant.user(), take=True)
    day = in_days(2)
    (planned,) = await plan(tenant, day, activity_reset_days=30)
    begins_at = start_of_day(day, ZONE)
    assert datetime.fromisoformat(planned["apply_at"]) == begins_at
    assert (planned["numbers"], planned["by"]) == (
        {"activity_reset_days": 30},
        str(tenant.admin.id),
    )
    await tenant.set_room_settings(retake_cooldown_seconds=5)
    await apply_planned(context, begins_at - timedelta(microseconds=1))
    assert (await numbers_of(tenant))["activity_reset_days"] == 14
    await asyncio.gather(*(apply_planned(context, begins_at) for _ in range(2)))
    await apply_planned(context, begins_at + timedelta(days=1))
    numbers = await numbers_of(tenant)
    assert (numbers["activity_reset_days"], numbers["retake_cooldown_seconds"]) == (30, 5)
    assert numbers["version"] == 3
    assert (await tenant.call(tenant.admin, "GET", path(tenant))).body == {"items": []}
    history = f"/rooms/{tenant.room_id}/settings/history?company_id={tenant.company_id}"
    latest = (await tenant.call(tenant.admin, "GET", history)).body["items"][0]
    assert latest["changed_by"] == str(tenant.admin.id)
    assert (latest["before"]["activity_reset_days"], latest["after"]["activity_reset_days"]) == (
        14,
        30,
    )
    assert (await tenant.see(activity))["status"] == "in_work"


async def test_what_is_planned_can_be_replaced_and_cancelled(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    first, second = in_days(3), in_days(5)
    await plan(tenant, second, vip_reset_days=9)
    await plan(tenant, first, activity_reset_days=20)
    planned = await plan(tenant, first, activity_reset_days=21)
    assert [item["numbers"] for item in planned] == [
        {"activity_reset_days": 21},
        {"vip_reset_days": 9},
    ]
    cancelled = await tenant.call(tenant.admin, "POST", cancel_path(tenant, first))
    assert [item["effective_from"] for item in cancelled.body["items"]] == [second.isoformat()]
    assert (await tenant.call(tenant.admin, "POST", cancel_path(tenant, first))).status == 404
    await apply_planned(context, start_of_day(second, ZONE))
    numbers = await numbers_of(tenant)
    assert (numbers["activity_reset_days"], numbers["vip_reset_days"]) == (14, 9)


@pytest.mark.parametrize(
    ("days", "numbers", "field", "rule"),
    [
        (0, {"vip_reset_days": 3}, "effective_from", "after_today"),
        (-1, {"vip_reset_days": 3}, "effective_from", "after_today"),
        (2, {"vip_reset_days": -3}, "numbers.vip_reset_days", "at_least"),
        (2, {"work_limit": 3}, "numbers.work_limit", "unknown_field"),
    ],
)
async def test_a_plan_for_a_day_that_has_begun_or_of_other_numbers_is_refused(
    new_tenant: NewTenant, days: int, numbers: Any, field: str, rule: str
) -> None:
    tenant = await new_tenant()
    body = {"effective_from": in_days(days).isoformat(), "numbers": numbers}
    refused = await tenant.call(tenant.admin, "POST", path(tenant), body)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, field, rule)


async def test_heads_plan_what_they_may_change_and_others_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    head, seller = await tenant.user("head"), await tenant.user()
    outsider = await tenant.user("head", room_id=await tenant.another_room())
    body = {"effective_from": in_days(2).isoformat(), "numbers": {"vip_reset_days": 3}}
    statuses = [
        (await tenant.call(user, "POST", path(tenant), body)).status
        for user in (head, seller, outsider)
    ]
    assert statuses == [403, 403, 404]
    assert (await tenant.call(seller, "GET", path(tenant))).body == {"items": []}
    assert (await tenant.call(outsider, "GET", path(tenant))).status == 404


async def test_a_companys_new_time_zone_moves_the_beginning_of_its_planned_days(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    day = in_days(3)
    await plan(tenant, day, vip_reset_days=3)
    zone = {"time_zone": "Asia/Vladivostok"}
    await tenant.call(tenant.admin, "PATCH", f"/companies/{tenant.company_id}", zone)
    (planned,) = (await tenant.call(tenant.admin, "GET", path(tenant))).body["items"]
    assert datetime.fromisoformat(planned["apply_at"]) == start_of_day(day, "Asia/Vladivostok")
