"""One command on many activities: exactly once each, under the rules of the single command."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.activities.handlers.bulk_steps import BATCH
from shared.jobs.runner import JobRunner
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.dying_jobs import Killed, dying_runner, release_lease
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_moving import head_of
from tests.support.client import Response


async def bulk(tenant: Tenant, user: User, action: str, **body: Any) -> Response:
    body = {"filter": {"room_id": str(tenant.room_id)}, **body, "action": action}
    return await tenant.call(user, "POST", "/activities/bulk", body)


async def many(tenant: Tenant, count: int, seller: User | None = None) -> list[Any]:
    client = (await tenant.register())["client"]
    options: dict[str, Any] = {"client_id": client["id"], "take": seller is not None}
    return list(await asyncio.gather(*(tenant.register(seller, **options) for _ in range(count))))


async def finished(tenant: Tenant, user: User, answer: Response) -> Any:
    assert answer.status == 202, answer.body
    return (await tenant.call(user, "GET", f"/jobs/{answer.body['id']}")).body


async def test_many_activities_are_assigned_with_a_refusal_for_each_that_cannot_be(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    head = await tenant.user("head")
    activities = await many(tenant, 5, anna)
    answer = await bulk(tenant, head, "assign", employee_id=str(boris.id))
    assert (answer.body["state"], answer.body["total"]) == ("queued", 6)
    await tenant.do(anna, activities[0], "lose", reason="дорого")
    await tenant.do(anna, activities[1], "release", reason="не моё")
    await job_worker.run_until_idle()
    job = await finished(tenant, head, answer)
    assert (job["state"], job["done"], job["refused"]) == ("succeeded", 6, 0)
    for activity in activities:
        assert (await tenant.see(activity))["responsible_id"] == str(boris.id)
    taken = await bulk(tenant, head, "take_away", ids=[each["id"] for each in activities])
    await job_worker.run_until_idle()
    job = await finished(tenant, head, taken)
    assert (job["done"], job["refused"]) == (5, 1)
    report = await tenant.reader.fetch(
        "SELECT element, rule FROM job_refusal WHERE job_id = $1", UUID(job["id"])
    )
    assert [tuple(row) for row in report] == [(activities[0]["id"], "not_in_work")]
    assert await elements(tenant) == 0


async def elements(tenant: Tenant) -> int:
    count: int = await tenant.reader.fetchval(
        "SELECT count(*) FROM bulk_element WHERE tenant_id = $1", tenant.tenant_id
    )
    return count


async def test_a_preview_counts_and_changes_nothing(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, head = await tenant.user(), await tenant.user("head")
    activities = await many(tenant, 3, anna)
    narrow = {"room_id": str(tenant.room_id), "responsible_id": str(anna.id)}
    for filter_, count in (({"room_id": narrow["room_id"]}, 4), (narrow, 3)):
        shown = await bulk(tenant, head, "lose", reason="спам", filter=filter_, preview=True)
        assert (shown.status, shown.body["count"]) == (200, count)
    assert shown.body["by_stage"] == {"in_work": 3}
    await job_worker.run_until_idle()
    for activity in activities:
        assert (await tenant.see(activity))["version"] == activity["version"]
    assert (await tenant.call(head, "GET", "/jobs")).body["items"] == []


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("status", "free", 1),
        ("stage", "in_work", 2),
        ("progress_before", "2020-01-01T00:00:00Z", 0),
        ("progress_before", "2099-01-01T00:00:00Z", 3),
    ],
)
async def test_a_filter_narrows(new_tenant: NewTenant, name: str, value: str, count: int) -> None:
    tenant = await new_tenant()
    anna, head = await tenant.user(), await tenant.user("head")
    await many(tenant, 2, anna)
    filter_ = {"room_id": str(tenant.room_id), name: value}
    shown = await bulk(tenant, head, "lose", reason="спам", filter=filter_, preview=True)
    assert shown.body["count"] == count


async def test_lost_and_moved_by_the_hundred_and_each_once_though_workers_die(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    head = await head_of(tenant, tenant.room_id, there)
    activities = await many(tenant, 4 * BATCH)
    body = {"room_id": str(there), "reason": "другой регион"}
    answer = await bulk(tenant, head, "move", **body)
    assert answer.body["total"] == 4 * BATCH + 1
    deaths = await run_and_die(context, tenant)
    assert deaths >= 4
    filter_ = {"room_id": str(there)}
    answer = await bulk(tenant, head, "lose", reason="спам", filter=filter_)
    assert deaths + await run_and_die(context, tenant) >= 8
    job = await finished(tenant, head, answer)
    assert (job["state"], job["done"], job["refused"]) == ("succeeded", 4 * BATCH + 1, 0)
    rows = await tenant.reader.fetch(
        "SELECT what, count(*), count(DISTINCT activity_id) AS activities FROM activity_entry"
        " WHERE tenant_id = $1 GROUP BY what",
        tenant.tenant_id,
    )
    counts = {row["what"]: (row["count"], row["activities"]) for row in rows}
    each_once = (len(activities) + 1, len(activities) + 1)
    assert counts == dict.fromkeys(
        ["activity.registered", "activity.moved", "activity.lost"], each_once
    )
    left = await tenant.call(tenant.admin, "GET", f"/activities?room_id={tenant.room_id}")
    assert left.body["items"] == []


async def run_and_die(context: ServiceContext, tenant: Tenant) -> int:
    """Runs the tenant's jobs by workers that die at every other step; how many died."""
    runner, deaths = dying_runner(context), 0
    while True:
        try:
            if not await runner.advance(tenant.tenant_id):
                return deaths
        except Killed:
            deaths += 1
            await release_lease(tenant)


async def test_a_cancelled_bulk_keeps_what_it_has_done(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    head = await tenant.user("head")
    await many(tenant, BATCH + 20)
    answer = await bulk(tenant, head, "lose", reason="спам")
    await JobRunner(context).advance(tenant.tenant_id)
    cancelled = await tenant.call(head, "POST", f"/jobs/{answer.body['id']}/cancel")
    assert (cancelled.body["state"], cancelled.body["done"]) == ("cancelled", BATCH)
    lost = await tenant.reader.fetchval(
        "SELECT count(*) FROM activity WHERE tenant_id = $1 AND status = 'lost'", tenant.tenant_id
    )
    assert lost == BATCH


async def test_who_heads_the_room_no_more_changes_nothing_more(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    head = await tenant.user("head")
    (activity,) = await many(tenant, 1)
    answer = await bulk(tenant, head, "lose", reason="спам")
    path = f"/employees/{head.id}"
    await tenant.call(tenant.admin, "PATCH", path, {"roles": ["seller"]})
    await job_worker.run_until_idle()
    job = await finished(tenant, head, answer)
    assert (job["done"], job["refused"]) == (2, 2)
    assert (await tenant.see(activity))["status"] == "free"


async def test_bulk_is_for_rooms_that_one_heads_and_things_that_one_sees(
    new_tenant: NewTenant,
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    there = await tenant.another_room()
    anna, vera = await tenant.user(), await tenant.user(room_id=there)
    head, half = (
        await tenant.user("head"),
        await tenant.head_here_seller_there(tenant.room_id, there),
    )
    theirs = await tenant.register(vera, room_id=str(there))
    foreign = await stranger.register()
    here, other = {"room_id": str(tenant.room_id)}, {"room_id": str(there)}
    boris = {"employee_id": str(anna.id)}
    tries: list[tuple[User, str, dict[str, Any], int, str]] = [
        (anna, "take_away", {}, 403, ""),
        (head, "take_away", {"filter": other}, 404, "filter.room_id"),
        (half, "take_away", {"filter": other}, 403, ""),
        (head, "take_away", {"ids": [theirs["id"]]}, 404, "ids.0"),
        (tenant.admin, "take_away", {"ids": [foreign["id"]]}, 404, "ids.0"),
        (head, "take_away", {"filter": {}}, 422, "filter.room_id"),
        (head, "assign", {"employee_id": str(vera.id)}, 404, "employee_id"),
        (head, "assign", {}, 422, "employee_id"),
        (head, "move", {**other, "reason": "так"}, 404, "room_id"),
        (half, "move", {**other, "reason": "так"}, 403, ""),
        (head, "lose", {}, 422, "reason"),
        (head, "lose", {"reason": "так", **boris}, 422, "employee_id"),
        (head, "sell", {}, 422, ""),
        (
            head,
            "take_away",
            {"filter": {**here, "responsible_id": str(vera.id)}},
            404,
            "filter.responsible_id",
        ),
        (
            head,
            "take_away",
            {"filter": {**here, "client_id": theirs["client"]["id"]}},
            404,
            "filter.client_id",
        ),
        (
            tenant.admin,
            "take_away",
            {"filter": {**here, "source_id": stranger.source_id}},
            404,
            "filter.source_id",
        ),
    ]
    for user, action, body, status, field in tries:
        answer = await bulk(tenant, user, action, **body)
        assert answer.status == status, (action, body, answer.body)
        if field:
            fields = [error["field"] for error in answer.body["errors"]]
            assert field in fields, fields
    assert (await tenant.call(tenant.admin, "GET", "/jobs")).body["items"][0]["kind"] != (
        "change_activities"
    )


async def test_a_limit_of_work_holds_for_many_at_once(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, head = await tenant.user(), await tenant.user("head")
    await many(tenant, 5)
    await tenant.set_options(work_limit=4)
    answer = await bulk(tenant, head, "assign", employee_id=str(anna.id))
    await job_worker.run_until_idle()
    job = await finished(tenant, head, answer)
    assert (job["done"], job["refused"]) == (6, 2)
    rules = await tenant.reader.fetch(
        "SELECT DISTINCT rule FROM job_refusal WHERE job_id = $1", UUID(job["id"])
    )
    assert [row["rule"] for row in rules] == ["work_limit_reached"]
