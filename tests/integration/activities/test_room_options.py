"""What a company chooses for a room beside the six numbers; the limit of activities in work."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.activities.domain.working_days import WorkingDays
from services.activities.storage.production_calendar import is_day_off
from shared.ids import new_id
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once, statuses

OTHERS = {
    "first_touch_minutes": 0,
    "escalate_after_minutes": 0,
    "working_days": False,
    "days_off": [],
    "extra_working_days": [],
    "pause_for_invoices": False,
    "vip_receipts_days": 365,
}
DEFAULTS = {"warn_before_hours": 24, "work_limit": None, **OTHERS}


async def test_options_change_one_by_one_and_the_history_tells(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    assert (await tenant.call(tenant.admin, "GET", tenant.options_path)).body == {
        "version": 1,
        **DEFAULTS,
    }
    await tenant.set_options(work_limit=3)
    changed = await tenant.set_options(warn_before_hours=48)
    assert changed == {"version": 3, "warn_before_hours": 48, "work_limit": 3, **OTHERS}
    await tenant.set_options(warn_before_hours=48)
    await tenant.set_room_settings(activity_reset_days=5)
    path = f"/rooms/{tenant.room_id}/settings/history?company_id={tenant.company_id}"
    numbers, hours, limit, first = (await tenant.call(tenant.admin, "GET", path)).body["items"]
    assert (numbers["options"], first["options"]) == (None, None)
    assert limit["options"] == {"before": DEFAULTS, "after": DEFAULTS | {"work_limit": 3}}
    assert hours["options"]["after"] == {"warn_before_hours": 48, "work_limit": 3, **OTHERS}
    assert hours["changed_by"] == str(tenant.admin.id)
    assert (await tenant.call(tenant.admin, "GET", tenant.options_path)).body["work_limit"] == 3


async def test_stale_options_tell_what_others_changed_and_nothing_else(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    days = ["2026-12-31"]
    await tenant.set_options(days_off=days, work_limit=3)
    caller, old = tenant.caller_of(tenant.admin), {"If-Match": '"1"'}
    body = {"days_off": days, "work_limit": 4}
    refused = await tenant.api.call(caller, "PATCH", tenant.options_path, body, old)
    assert (refused.code, refused.body["changed"]) == ("stale", {"work_limit": 3})
    body = {"days_off": ["2026-12-30"]}
    refused = await tenant.api.call(caller, "PATCH", tenant.options_path, body, old)
    assert refused.body["changed"] == {"days_off": days}


async def test_options_stay_when_the_numbers_were_never_set(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    room_id = await tenant.another_room()
    path = f"/rooms/{room_id}/options?company_id={tenant.company_id}"
    assert (await tenant.call(tenant.admin, "PATCH", path, {"work_limit": 7})).status == 200
    settings = f"/rooms/{room_id}/settings?company_id={tenant.company_id}"
    numbers = (await tenant.call(tenant.admin, "GET", settings)).body
    assert (numbers["version"], numbers["activity_reset_days"]) == (1, 14)
    assert (await tenant.call(tenant.admin, "GET", path)).body["work_limit"] == 7


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"work_limit": 0}, "work_limit", "at_least"),
        ({"work_limit": "3"}, "work_limit", "whole_number"),
        ({"warn_before_hours": 721}, "warn_before_hours", "at_most"),
        ({"warn_before_hours": None}, "warn_before_hours", "whole_number"),
        ({"activity_reset_days": 3}, "activity_reset_days", "unknown_field"),
    ],
)
async def test_options_out_of_bounds_are_refused(
    new_tenant: NewTenant, body: Any, field: str, rule: str
) -> None:
    tenant = await new_tenant()
    refused = await tenant.call(tenant.admin, "PATCH", tenant.options_path, body)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, field, rule)


async def test_options_are_set_by_admins_and_read_by_the_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, outsider = await tenant.user(), await tenant.user(room_id=await tenant.another_room())
    assert (await tenant.call(seller, "GET", tenant.options_path)).status == 200
    assert (await tenant.call(outsider, "GET", tenant.options_path)).status == 404
    refused = await tenant.call(seller, "PATCH", tenant.options_path, {"work_limit": 1})
    assert refused.status == 403
    path = f"/rooms/{tenant.room_id}/options?company_id={new_id()}"
    assert (await tenant.call(tenant.admin, "GET", path)).status == 422


async def test_concurrent_takes_never_exceed_the_limit(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    await tenant.set_options(work_limit=3)
    seller = await tenant.user()
    activities = [await tenant.register() for _ in range(8)]
    responses = await all_at_once(
        tenant.command(seller, activity, "take") for activity in activities
    )
    assert statuses(responses) == [200] * 3 + [409] * 5
    refused = next(response for response in responses if response.status == 409)
    assert refused.body["code"] == "work_limit_reached"
    assert (refused.body["limit"], refused.body["in_work"]) == (3, 3)
    registration = tenant.registration(take=True)
    registered = await tenant.call(seller, "POST", "/activities", registration)
    assert (registered.status, registered.body["code"]) == (409, "work_limit_reached")
    mine = next(response for response in responses if response.status == 200).body
    await tenant.do(seller, mine, "release", reason="не мой профиль")
    assert (await tenant.call(seller, "POST", "/activities", registration)).status == 201


async def test_takes_registrations_and_assignments_share_the_limit(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    await tenant.set_options(work_limit=2)
    head, seller = await tenant.user("head"), await tenant.user()
    activities = [await tenant.register() for _ in range(4)]
    responses = await all_at_once(
        [
            *(tenant.command(seller, activity, "take") for activity in activities[:2]),
            *(
                tenant.command(head, activity, "assign", employee_id=str(seller.id))
                for activity in activities[2:]
            ),
            *(
                tenant.call(seller, "POST", "/activities", tenant.registration(name, take=True))
                for name in ("Лес", "Поле")
            ),
        ]
    )
    assert sum(response.status in (200, 201) for response in responses) == 2
    assert {response.body["code"] for response in responses if response.status == 409} == {
        "work_limit_reached"
    }


async def test_who_was_first_is_told_before_the_limit(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    await tenant.set_options(work_limit=1)
    anna, boris = await tenant.users(2)
    await tenant.register(boris, take=True)
    activity = await tenant.register(anna, take=True)
    refused = await tenant.command(boris, activity, "take")
    assert refused.body["code"] == "already_taken"


async def test_the_limit_of_one_company_leaves_another_alone(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    await tenant.set_options(work_limit=1)
    seller, head = await tenant.user(), await tenant.user("head")
    await tenant.register(seller, take=True)
    kept = await tenant.register(head, take=True)
    refused = await tenant.command(head, kept, "assign", employee_id=str(seller.id))
    assert refused.body["code"] == "work_limit_reached"
    await tenant.set_options(work_limit=None)
    assigned = await tenant.do(head, kept, "assign", employee_id=str(seller.id))
    assert assigned["responsible_id"] == str(seller.id)


def due(activity: Any) -> datetime:
    return datetime.fromisoformat(activity["reset_due_at"])


async def expected(
    tenant: Tenant, activity: Any, days: int, time_zone: str, *off: date
) -> datetime:
    """Where the deadline belongs by working days, computed anew."""
    calendar = WorkingDays(time_zone, frozenset(off), frozenset(), is_day_off)
    progress_at = datetime.fromisoformat((await tenant.see(activity))["progress_at"])
    return calendar.after(progress_at, days)


async def test_deadlines_run_on_working_days_of_the_companys_zone(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    seller = await tenant.user()
    before = await tenant.register(seller, take=True)
    await tenant.set_options(working_days=True)
    after = await tenant.register(seller, take=True)
    for activity in (before, after):
        assert due(await tenant.see(activity)) == await expected(
            tenant, activity, 14, "Europe/Moscow"
        )
    off = date.fromisoformat(before["created_at"][:10]) + timedelta(days=1)
    while is_day_off(off):
        off += timedelta(days=1)
    changed = await tenant.set_options(days_off=[off.isoformat(), off.isoformat()])
    assert changed["days_off"] == [off.isoformat()]
    moved = await expected(tenant, before, 14, "Europe/Moscow", off)
    assert due(await tenant.see(before)) == moved
    called = await tenant.do(seller, after, "interactions", kind="call")
    assert due(called) == await expected(tenant, after, 14, "Europe/Moscow", off)
    await tenant.set_room_settings(activity_reset_days=20)
    assert due(await tenant.see(before)) == await expected(tenant, before, 20, "Europe/Moscow", off)


async def test_a_companys_new_time_zone_moves_its_working_days(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=5)
    seller = await tenant.user()
    await tenant.set_options(working_days=True)
    activity = await tenant.register(seller, take=True)
    path = f"/companies/{tenant.company_id}"
    zone = {"time_zone": "Pacific/Kiritimati"}
    assert (await tenant.call(tenant.admin, "PATCH", path, zone)).status == 200
    runner = JobRunner(context)
    await tenant.reader.execute(
        "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
        tenant.tenant_id,
    )
    for _ in range(10):
        await runner.advance(tenant.tenant_id)
    assert due(await tenant.see(activity)) == await expected(
        tenant, activity, 5, "Pacific/Kiritimati"
    )


async def test_working_days_switched_off_give_a_days_notice(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(activity_reset_days=10)
    await tenant.set_options(working_days=True)
    activity = await tenant.register(await tenant.user(), take=True)
    await tenant.rewind(activity, timedelta(days=11))
    await tenant.set_options(working_days=False)
    now = await tenant.see(activity)
    left = due(now) - datetime.now(UTC)
    assert now["status"] == "in_work"
    assert timedelta(0) < left <= timedelta(hours=24)
