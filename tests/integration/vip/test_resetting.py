"""VIPs without progress become free, judged by the deadline."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from deploy.environment import Installation
from services.vip.timers import BATCH, reset_overdue
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.support.stub_owner import StubOwner


@pytest.mark.parametrize(("seconds", "freed"), [(-1, False), (0, True), (1, True)])
async def test_the_timer_frees_by_the_deadline(
    new_tenant: NewTenant, context: ServiceContext, seconds: int, freed: bool
) -> None:
    tenant = await new_tenant(reset_days=30)
    seller = await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    due_at = datetime.fromisoformat(vip["reset_due_at"])
    await reset_overdue(context, due_at + timedelta(seconds=seconds))
    after = await tenant.get_vip(vip["id"])
    assert after["responsible_id"] == (None if freed else str(seller))
    if freed:
        _, event_type, data = (await tenant.events_of(vip["id"]))[-1]
        assert event_type == "vip.released"
        assert (data["why"], data["former"], data["by"]) == ("reset", str(seller), None)


async def test_a_reset_is_pushed_to_activities(
    new_tenant: NewTenant, context: ServiceContext, owner: StubOwner
) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    await tenant.make_overdue(vip["id"])
    await reset_overdue(context)
    types = [snapshot["type"] for snapshot in owner.pushed_about(vip["id"])]
    assert types == ["vip.claimed", "vip.released"]


async def test_zero_days_never_resets(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(reset_days=0)
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    assert vip["reset_due_at"] is None
    refused = await tenant.claim(await tenant.seller(), vip["client"]["id"])
    assert (refused.status, refused.body["protected_until"]) == (409, None)


async def test_the_timer_frees_vips_of_all_tenants_and_beyond_a_batch(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenants = [await new_tenant(development=BATCH * 2), await new_tenant()]
    for tenant, count in zip(tenants, (BATCH + 20, 1), strict=True):
        seller, clients = await tenant.seller(), await tenant.clients(count)
        for vip_id in [(await tenant.claim(seller, client)).body["id"] for client in clients]:
            await tenant.make_overdue(vip_id)
    assert await reset_overdue(context) >= BATCH + 21
    for tenant in tenants:
        listed = await tenant.request(tenant.head, "GET", "", roles=("head",))
        assert listed.body["items"] == []
        await tenant.assert_versions_have_no_gaps()


async def test_an_overdue_vip_is_claimed_by_another_before_the_timer_runs(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    client, other = await tenant.client(), await tenant.seller()
    vip = (await tenant.claim(await tenant.seller(), client)).body
    await tenant.make_overdue(vip["id"])
    claimed = await tenant.claim(other, client)
    assert (claimed.status, claimed.body["id"], claimed.body["version"]) == (201, vip["id"], 3)
    assert claimed.body["responsible_id"] == str(other)
    types = await tenant.event_types_of(vip["id"])
    assert types == ["vip.claimed", "vip.released", "vip.claimed"]


async def test_an_overdue_vip_takes_no_place(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=1)
    seller = await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    await tenant.make_overdue(vip["id"])
    assert (await tenant.claim(seller, await tenant.client())).status == 201
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] is None


async def test_a_seller_claims_their_own_overdue_vip_anew(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=1)
    seller, client = await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    await tenant.make_overdue(vip["id"])
    claimed = await tenant.claim(seller, client)
    assert (claimed.status, claimed.body["version"]) == (201, 3)


async def test_a_deadline_that_longer_settings_moved_is_not_reset(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(reset_days=30)
    seller = await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    await tenant.make_overdue(vip["id"])
    await tenant.set_room_settings(reset_days=50)
    await reset_overdue(context)
    after = await tenant.get_vip(vip["id"])
    assert (after["responsible_id"], after["version"]) == (str(seller), 2)
    assert datetime.fromisoformat(after["reset_due_at"]) > datetime.now(UTC) + timedelta(days=18)


async def test_the_worker_sees_only_which_tenants_have_something_due(
    provisioned: Installation, context: ServiceContext
) -> None:
    connection = await asyncpg.connect(provisioned.database_url("vip", "worker"))
    try:
        await connection.fetch("SELECT tenant_id, reset_due_at FROM vip")
        for forbidden in (
            "SELECT client_id FROM vip",
            "SELECT * FROM person",
            "UPDATE vip SET reset_due_at = NULL",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(forbidden)
    finally:
        await connection.close()


async def test_a_broken_vip_keeps_no_other_from_its_reset(
    new_tenant: NewTenant, context: ServiceContext, provisioned: Installation
) -> None:
    """An event that nobody could read is not written; the VIPs beside it become free."""
    tenant = await new_tenant(development=5)
    seller, clients = await tenant.seller(), await tenant.clients(4)
    vip_ids = [(await tenant.claim(seller, client)).body["id"] for client in clients]
    for vip_id in vip_ids:
        await tenant.make_overdue(vip_id)
    admin = await asyncpg.connect(provisioned.admin_url("vip"))
    await admin.execute("UPDATE vip SET currency = 'руб' WHERE id = $1", vip_ids[1])
    await reset_overdue(context)
    held = [(await tenant.get_vip(vip_id))["responsible_id"] for vip_id in vip_ids]
    assert held == [None, str(seller), None, None]
    assert "Unpublishable" in context.turns.degraded()["timer reset_overdue"]
    await admin.execute("UPDATE vip SET currency = 'RUB' WHERE id = $1", vip_ids[1])
    await admin.close()
