"""Work that was left with people who do not sell where they have it goes to the pool."""

from typing import Any

from services.activities.handlers import left_work
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.jobs import let_jobs_run
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_departures import events_about_departures

PATH = "/employees/left-work"


async def dismissed_long_ago(tenant: Tenant, user: User) -> None:
    """As before a departure handed work over: the row alone was changed."""
    await tenant.reader.execute(
        "UPDATE employee SET active = false WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        user.id,
    )


async def moved_long_ago(tenant: Tenant, user: User, room_id: Any) -> None:
    await tenant.reader.execute(
        "UPDATE employee SET room_ids = ARRAY[$3::uuid] WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        user.id,
        room_id,
    )


async def preview(tenant: Tenant) -> Any:
    response = await tenant.call(tenant.admin, "POST", PATH, {"preview": True})
    assert response.status == 200, response.body
    return response.body


async def test_work_left_behind_goes_to_the_pool(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=0)
    gone, moved, stays = await tenant.users(3)
    left = [await tenant.register(user, take=True) for user in (gone, gone, moved)]
    kept = await tenant.register(stays, take=True)
    await dismissed_long_ago(tenant, gone)
    await moved_long_ago(tenant, moved, await tenant.another_room())
    shown = await preview(tenant)
    assert (shown["employees"], shown["activities"], shown["vips"]) == (2, 3, 0)
    assert [
        (item["employee_id"], item["active"], item["room_id"], item["activities"])
        for item in shown["items"]
    ] == [
        (str(gone.id), False, str(tenant.room_id), 2),
        (str(moved.id), True, str(tenant.room_id), 1),
    ]
    assert {(await tenant.see(activity))["status"] for activity in left} == {"in_work"}
    started = await tenant.call(tenant.admin, "POST", PATH, {})
    assert (started.status, started.body["kind"]) == (202, left_work.COLLECT_LEFT_WORK)
    await let_jobs_run(tenant, context)
    for activity in left:
        seen = await tenant.see(activity)
        assert (seen["status"], seen["responsible_id"]) == ("free", None)
        assert seen["timeline"][0]["who"] == str(tenant.admin.id)
    assert (await tenant.see(kept))["responsible_id"] == str(stays.id)
    told = await events_about_departures(tenant)
    assert [str(gone.id) in event for event in told] == [True, False]
    assert ['"dismissed":true' in event for event in told] == [True, False]
    assert (await preview(tenant))["items"] == []
    job = await tenant.call(tenant.admin, "GET", f"/jobs/{started.body['id']}")
    assert (job.body["state"], job.body["done"]) == ("succeeded", job.body["total"])


async def test_vips_of_the_dismissed_are_told_to_their_service(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    gone = await tenant.user()
    activity = await tenant.register(gone)
    await tenant.reader.execute(
        "INSERT INTO vip_holder (tenant_id, company_id, client_id, vip_id, version, responsible_id)"
        " VALUES ($1, $2, $3, gen_random_uuid(), 1, $4)",
        tenant.tenant_id,
        tenant.company_id,
        activity["client"]["id"],
        gone.id,
    )
    assert (await preview(tenant))["vips"] == 0
    await dismissed_long_ago(tenant, gone)
    assert (await preview(tenant))["vips"] == 1
    await tenant.call(tenant.admin, "POST", PATH, {})
    await let_jobs_run(tenant, context)
    (event,) = await events_about_departures(tenant)
    assert str(tenant.room_id) in event


async def test_only_an_admin_collects_left_work_and_only_their_tenants(
    new_tenant: NewTenant,
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    gone, head = await tenant.user(), await tenant.user("head")
    await tenant.register(gone, take=True)
    await dismissed_long_ago(tenant, gone)
    assert (await tenant.call(head, "POST", PATH, {"preview": True})).status == 403
    assert (await preview(stranger))["employees"] == 0
    twice = [await tenant.call(tenant.admin, "POST", PATH, {}) for _ in range(2)]
    assert twice[0].body["id"] == twice[1].body["id"]
    bad = await tenant.call(tenant.admin, "POST", PATH, {"preview": "yes"})
    assert bad.status == 422
