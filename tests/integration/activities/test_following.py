"""Open activities follow who holds their client as a VIP."""

import asyncio

import pytest

from shared.db import Database
from shared.jobs.worker import JobWorker
from shared.vocabulary import VipReleaseReason
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.vips import Vip


async def worked(tenant: Tenant, seller: User, client_id: str) -> str:
    """An activity of the client that the seller works, by its id."""
    activity = await tenant.register(client_id=client_id)
    if activity["status"] == "free":
        await tenant.do(await tenant.user("head"), activity, "assign", employee_id=str(seller.id))
    return str(activity["id"])


async def responsible_of(tenant: Tenant, activity_id: str) -> tuple[str, str | None, str | None]:
    seen = await tenant.see({"id": activity_id})
    return seen["status"], seen["responsible_id"], seen["how"]


async def test_a_claim_gathers_what_waits_in_the_pools(
    new_tenant: NewTenant, database: Database, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    there = await tenant.another_room()
    here = await tenant.register()
    client_id = here["client"]["id"]
    elsewhere = await tenant.register(client_id=client_id, room_id=str(there))
    colleagues = await worked(tenant, boris, client_id)
    others = await tenant.register(name="Другой")
    await Vip(tenant, database, client_id).publish((anna.id, 1))
    await job_worker.run_until_idle()
    routed = ("in_work", str(anna.id), "vip_routed")
    assert await responsible_of(tenant, here["id"]) == routed
    moved = await tenant.see(elsewhere)
    assert (moved["status"], moved["responsible_id"]) == ("in_work", str(anna.id))
    assert moved["room_id"] == str(tenant.room_id)
    assert (await responsible_of(tenant, colleagues))[1] == str(boris.id)
    assert (await responsible_of(tenant, others["id"]))[0] == "free"


@pytest.mark.parametrize(
    ("why", "is_moved"),
    [("reset", True), ("taken_away", True), ("released", False), ("outranked", False)],
)
async def test_open_activities_go_with_a_loss_to_the_pool(
    new_tenant: NewTenant,
    database: Database,
    job_worker: JobWorker,
    why: VipReleaseReason,
    is_moved: bool,
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    first = await tenant.register()
    client_id = first["client"]["id"]
    vip = Vip(tenant, database, client_id, why)
    vip.former = anna.id
    await vip.publish((anna.id, 1))
    await job_worker.run_until_idle()
    second = await worked(tenant, anna, client_id)
    colleagues = await tenant.register(name="Другой")
    await tenant.do(boris, colleagues, "take")
    await vip.publish((None, 2))
    await job_worker.run_until_idle()
    for activity_id in (first["id"], second):
        status, _, _ = await responsible_of(tenant, activity_id)
        assert status == ("free" if is_moved else "in_work")
    assert (await responsible_of(tenant, colleagues["id"]))[1] == str(boris.id)


async def test_open_activities_go_with_a_transfer_to_the_new_holder(
    new_tenant: NewTenant, database: Database, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    first = await tenant.register()
    vip = Vip(tenant, database, first["client"]["id"], "taken_away")
    vip.former = anna.id
    await vip.publish((anna.id, 1))
    await job_worker.run_until_idle()
    await vip.publish((None, 2), (boris.id, 3))
    await job_worker.run_until_idle()
    assert await responsible_of(tenant, first["id"]) == ("in_work", str(boris.id), "vip_routed")


async def test_a_loss_that_is_heard_again_takes_nothing_that_came_since(
    new_tenant: NewTenant, database: Database, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    first = await tenant.register()
    vip = Vip(tenant, database, first["client"]["id"], "reset")
    vip.former = anna.id
    await vip.publish((anna.id, 1))
    await vip.publish((None, 2))
    await job_worker.run_until_idle()
    assert (await tenant.do(anna, first, "take"))["responsible_id"] == str(anna.id)
    for _ in range(2):
        await vip.publish((None, 2), (anna.id, 1))
        await job_worker.run_until_idle()
    assert (await responsible_of(tenant, first["id"]))[1] == str(anna.id)


async def test_takes_racing_a_claim_leave_one_responsible_each(
    new_tenant: NewTenant, database: Database, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    first = await tenant.register()
    client_id = first["client"]["id"]
    waiting = [first, *[await tenant.register(client_id=client_id) for _ in range(5)]]
    takes, _, _ = await asyncio.gather(
        asyncio.gather(*(tenant.command(boris, activity, "take") for activity in waiting)),
        Vip(tenant, database, client_id).publish((anna.id, 1)),
        job_worker.run_until_idle(),
    )
    await job_worker.run_until_idle()
    for activity, take in zip(waiting, takes, strict=True):
        _, responsible, _ = await responsible_of(tenant, activity["id"])
        if take.status == 200:
            assert responsible == str(boris.id)
        else:
            assert take.body["code"] in ("already_taken", "vip_of_another", "too_soon")
            assert responsible == str(anna.id)
