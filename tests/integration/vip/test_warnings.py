"""Who holds a VIP is warned before its reset, once for each deadline."""

from datetime import UTC, datetime, timedelta

import pytest

from services.vip.timers import reset_overdue, send_warnings
from shared.events.directory import RoomOptions
from shared.ids import derived_id
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant, concurrently


async def set_warning(tenant: Tenant, hours: int) -> None:
    """The company sets how long before a reset its holder is warned."""
    tenant.settings_version += 1
    changed = tenant.settings_changed(tenant.room_id, 10, 20, 30)
    changed = changed.model_copy(update={"options": RoomOptions(warn_before_hours=hours)})
    subject = derived_id(tenant.room_id, tenant.company_id)
    await tenant.apply(changed, subject, tenant.settings_version)


@pytest.mark.parametrize(
    ("hours", "seconds", "warned"), [(24, -1, False), (24, 0, True), (5, 0, True)]
)
async def test_the_holder_is_warned_so_many_hours_before(
    new_tenant: NewTenant, context: ServiceContext, hours: int, seconds: int, warned: bool
) -> None:
    tenant = await new_tenant()
    await set_warning(tenant, hours)
    seller = await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    due_at = datetime.fromisoformat(vip["reset_due_at"])
    moment = due_at - timedelta(hours=hours) + timedelta(seconds=seconds)
    for _ in range(2):
        await send_warnings(context, moment)
    types = await tenant.event_types_of(vip["id"])
    assert types == ["vip.claimed", *["vip.reset_warned"] * warned]
    if warned:
        version, _, data = (await tenant.events_of(vip["id"]))[-1]
        assert (version, data["responsible"], data["by"]) == (2, str(seller), None)
        assert datetime.fromisoformat(data["due_at"]) == due_at
        (change, _) = (await tenant.request(seller, "GET", f"/{vip['id']}/history")).body["items"]
        assert (change["what"], change["employee_id"]) == ("reset_warned", str(seller))


async def test_without_hours_nobody_is_warned(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    await set_warning(tenant, 0)
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    await send_warnings(context, datetime.now(UTC) + timedelta(days=29, hours=23))
    assert await tenant.event_types_of(vip["id"]) == ["vip.claimed"]


async def test_progress_after_a_warning_earns_another(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    due_at = datetime.fromisoformat(vip["reset_due_at"])
    await send_warnings(context, due_at - timedelta(hours=1))
    await tenant.apply_activity_event(
        tenant.interaction(client, seller, due_at - timedelta(days=20))
    )
    await send_warnings(context, due_at - timedelta(hours=1))
    await send_warnings(context, due_at + timedelta(days=9, hours=23))
    types = await tenant.event_types_of(vip["id"])
    assert types == ["vip.claimed", "vip.reset_warned", "vip.progressed", "vip.reset_warned"]


async def test_what_resets_already_is_not_warned_of(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    await tenant.make_overdue(vip["id"])
    await send_warnings(context)
    await reset_overdue(context)
    await send_warnings(context)
    assert await tenant.event_types_of(vip["id"]) == ["vip.claimed", "vip.released"]


async def test_concurrent_timers_warn_once(new_tenant: NewTenant, context: ServiceContext) -> None:
    tenant = await new_tenant(development=20)
    seller = await tenant.seller()
    for client in await tenant.clients(15):
        await tenant.claim(seller, client)
    moment = datetime.now(UTC) + timedelta(days=29, hours=12)
    await concurrently(*(send_warnings(context, moment) for _ in range(4)))
    assert (await tenant.event_types_of()).count("vip.reset_warned") == 15
    await tenant.assert_versions_have_no_gaps()
