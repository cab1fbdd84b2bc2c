"""Sellers' absences: who records them, what they move, and what races them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.activities.timers import reset_overdue
from shared.clock import end_of_day, local_day, start_of_day
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, all_at_once, statuses

ZONE = "Europe/Moscow"


def in_days(days: int) -> date:
    return local_day(datetime.now(UTC), ZONE) + timedelta(days=days)


def due(activity: Any) -> datetime:
    return datetime.fromisoformat(activity["reset_due_at"])


def path(person: User, absence: Any = None, then: str = "") -> str:
    return f"/employees/{person.id}/absences" + (f"/{absence['id']}" if absence else "") + then


def days(first: int, last: int, kind: str = "vacation") -> dict[str, str]:
    return {
        "kind": kind,
        "first_on": in_days(first).isoformat(),
        "last_on": in_days(last).isoformat(),
    }


async def record(tenant: Tenant, user: User, person: User, first: int, last: int) -> Any:
    response = await tenant.call(user, "POST", path(person), days(first, last))
    assert response.status == 201, response.body
    return response.body


async def run_jobs(tenant: Tenant, context: ServiceContext) -> None:
    await tenant.reader.execute(
        "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
        tenant.tenant_id,
    )
    runner = JobRunner(context)
    for _ in range(10):
        await runner.advance(tenant.tenant_id)


def moved(activity: Any, first: int, last: int, period: int) -> datetime:
    """The deadline that counts from the progress, an absence ahead left out."""
    since = datetime.fromisoformat(activity["progress_at"])
    away = end_of_day(in_days(last), ZONE) - start_of_day(in_days(first), ZONE)
    return since + timedelta(days=period) + away


async def test_an_absence_moves_the_deadlines_of_the_sellers_work_alone(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=10)
    head, anna, boris = await tenant.user("head"), await tenant.user(), await tenant.user()
    hers, his = await tenant.register(anna, take=True), await tenant.register(boris, take=True)
    absence = await record(tenant, head, anna, 2, 6)
    assert (absence["version"], absence["cancelled"]) == (1, False)
    await run_jobs(tenant, context)
    assert due(await tenant.see(hers)) == moved(hers, 2, 6, 10)
    assert due(await tenant.see(his)) == due(his)
    called = await tenant.do(anna, hers, "interactions", kind="call")
    assert due(called) == moved(called, 2, 6, 10)
    taken = await tenant.register(anna, take=True)
    assert due(taken) == moved(taken, 2, 6, 10)
    pool = await tenant.do(anna, await tenant.register(), "take")
    assert due(pool) == moved(pool, 2, 6, 10)
    assigned = await tenant.do(head, await tenant.register(), "assign", employee_id=str(anna.id))
    assert due(assigned) == moved(assigned, 2, 6, 10)
    handed = await tenant.do(head, assigned, "assign", employee_id=str(boris.id))
    assert due(handed) - datetime.now(UTC) < timedelta(days=10)
    changed = await tenant.call(
        head, "PATCH", path(anna, absence), {"last_on": in_days(9).isoformat()}
    )
    assert (changed.status, changed.body["version"]) == (200, 2)
    await run_jobs(tenant, context)
    assert due(await tenant.see(called)) == moved(called, 2, 9, 10)
    cancelled = await tenant.call(head, "POST", path(anna, absence, "/cancel"))
    assert (cancelled.status, cancelled.body["cancelled"]) == (200, True)
    await run_jobs(tenant, context)
    progress_at = datetime.fromisoformat(called["progress_at"])
    assert due(await tenant.see(called)) == progress_at + timedelta(days=10)


async def test_a_cancelled_absence_takes_nothing_at_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=5)
    head, anna = await tenant.user("head"), await tenant.user()
    activity = await tenant.register(anna, take=True)
    absence = await record(tenant, head, anna, -20, 5)
    await run_jobs(tenant, context)
    await tenant.rewind(activity, timedelta(days=15))
    await run_jobs(tenant, context)
    await tenant.call(head, "POST", path(anna, absence, "/cancel"))
    await reset_overdue(context)
    await run_jobs(tenant, context)
    seen = await tenant.see(activity)
    left = due(seen) - datetime.now(UTC)
    assert seen["status"] == "in_work"
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    await reset_overdue(context, due(seen))
    assert (await tenant.see(activity))["status"] == "free"


async def test_absences_are_the_persons_and_their_heads(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    room = await tenant.another_room()
    head, anna, boris = await tenant.user("head"), await tenant.user(), await tenant.user()
    foreign = await tenant.user("head", room_id=room)
    accountant = await tenant.user("accountant")
    absence = await record(tenant, head, anna, 2, 6)
    for user, status in ((anna, 200), (head, 200), (tenant.admin, 200)):
        listed = await tenant.call(user, "GET", path(anna))
        assert (listed.status, len(listed.body["items"])) == (status, 1)
        assert listed.body["items"][0]["kind"] == "vacation"
    for user, status in ((boris, 403), (accountant, 403), (foreign, 404)):
        assert (await tenant.call(user, "GET", path(anna))).status == status
    for user, status in ((anna, 403), (boris, 403), (foreign, 404)):
        assert (await tenant.call(user, "POST", path(anna), days(10, 11))).status == status
        change = {"last_on": in_days(9).isoformat()}
        assert (await tenant.call(user, "PATCH", path(anna, absence), change)).status == status
        cancel = path(anna, absence, "/cancel")
        one = await tenant.call(user, "GET", path(anna, absence))
        assert one.status == (200 if user is anna else status)
        assert (await tenant.call(user, "POST", cancel)).status == status
    assert (await tenant.call(head, "PATCH", path(boris, absence), {})).status == 404


@pytest.mark.parametrize(
    ("first", "last", "field", "rule"),
    [
        (5, 4, "last_on", "not_before"),
        (5, 371, "last_on", "not_after"),
        (-40, 2, "first_on", "not_before"),
        (800, 801, "first_on", "not_after"),
    ],
)
async def test_days_that_nobody_means_are_refused(
    new_tenant: NewTenant, first: int, last: int, field: str, rule: str
) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    refused = await tenant.call(tenant.admin, "POST", path(anna), days(first, last))
    assert (refused.status, refused.fields) == (422, {field: rule})


async def test_absences_do_not_overlap_also_at_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    responses = await all_at_once(
        tenant.call(tenant.admin, "POST", path(anna), days(number, 10)) for number in range(6)
    )
    assert statuses(responses) == [201, 409, 409, 409, 409, 409]
    (kept,) = [response.body for response in responses if response.status == 201]
    refused = next(response.body for response in responses if response.status == 409)
    assert (refused["code"], refused["absence_id"]) == ("absence_overlaps", kept["id"])
    beside = await record(tenant, tenant.admin, anna, 11, 12)
    change = {"first_on": in_days(10).isoformat()}
    refused_change = await tenant.call(tenant.admin, "PATCH", path(anna, beside), change)
    assert refused_change.body["code"] == "absence_overlaps"
    await tenant.call(tenant.admin, "POST", path(anna, kept, "/cancel"))
    assert (await tenant.call(tenant.admin, "PATCH", path(anna, beside), change)).status == 200
    again = await tenant.call(tenant.admin, "PATCH", path(anna, kept), change)
    assert (again.status, again.body["code"]) == (409, "absence_is_cancelled")


async def test_the_event_of_an_absence_tells_no_reason(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    response = await tenant.call(tenant.admin, "POST", path(anna), days(2, 4, "illness"))
    value = await tenant.reader.fetchval(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'absence.changed'",
        tenant.tenant_id,
    )
    data = orjson.loads(value)
    assert data["absence_id"] == response.body["id"]
    assert data["first_on"] == in_days(2).isoformat()
    assert b"illness" not in bytes(value)


async def test_a_reset_and_an_absence_at_one_moment_have_one_outcome(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=5, retake_cooldown_seconds=0)
    outcomes = set()
    for number in range(8):
        anna = await tenant.user()
        activity = await tenant.register(anna, take=True)
        await tenant.rewind(activity, timedelta(days=5))

        async def later(person: User = anna, number: int = number) -> Any:
            await asyncio.sleep(0.003 * number)
            return await record(tenant, tenant.admin, person, -1, 3)

        await asyncio.gather(later(), reset_overdue(context), reset_overdue(context))
        await run_jobs(tenant, context)
        await reset_overdue(context)
        seen = await tenant.see(activity)
        outcomes.add(seen["status"])
        if seen["status"] == "in_work":
            assert due(seen) > end_of_day(in_days(3), ZONE)
        else:
            assert (seen["status"], seen["responsible_id"]) == ("free", None)
    assert outcomes <= {"in_work", "free"}


async def test_another_version_of_an_absence_is_not_changed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    absence = await record(tenant, tenant.admin, anna, 2, 6)
    caller = tenant.caller_of(tenant.admin)
    change = {"last_on": in_days(9).isoformat()}
    headers = {"If-Match": '"1"'}
    first = await tenant.api.call(caller, "PATCH", path(anna, absence), change, headers)
    second = await tenant.api.call(caller, "PATCH", path(anna, absence), change, headers)
    assert (first.status, second.status, second.body["code"]) == (200, 409, "stale")
