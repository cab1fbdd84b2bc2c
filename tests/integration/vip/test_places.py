"""Places go to whom they are due at once: as money goes back, as one becomes free or is added."""

from typing import Any

import pytest

from services.vip.timers import reset_overdue
from shared.ids import EmployeeId
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


async def sold(tenant: Tenant, seller: EmployeeId, *amounts: int) -> list[Any]:
    """VIPs that the seller claims in this order, each after a payment."""
    vips = []
    for amount in amounts:
        client = await tenant.client()
        if amount:
            await tenant.apply_activity_event(tenant.payment(client, seller, amount))
        claimed = await tenant.claim(seller, client)
        assert claimed.status == 201
        vips.append(claimed.body)
    return vips


async def kinds(tenant: Tenant, vips: list[Any]) -> list[str | None]:
    return [(await tenant.get_vip(vip["id"]))["kind"] for vip in vips]


async def test_a_vip_refunded_to_nothing_gives_its_place_to_who_waits(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(receipts=1, development=1)
    seller, (first, second, third) = await tenant.seller(), await tenant.clients(3)
    payment = tenant.payment(first, seller, 1000)
    await tenant.apply_activity_event(payment)
    vips = [(await tenant.claim(seller, first)).body]
    await tenant.apply_activity_event(tenant.payment(second, seller, 1000))
    vips.append((await tenant.claim(seller, second)).body)
    assert await kinds(tenant, vips) == ["by_receipts", "in_development"]
    await tenant.apply_activity_event(tenant.refund(payment, 1000))
    assert await kinds(tenant, vips) == ["in_development", "by_receipts"]
    _, event_type, data = (await tenant.events_of(vips[0]["id"]))[-1]
    assert (event_type, data["kind"]) == ("vip.kind_changed", "in_development")
    assert data["state"]["receipts"]["amount"] == "0.00"
    assert (await tenant.claim(seller, third)).body["code"] == "vip_limit_reached"
    await tenant.assert_versions_have_no_gaps()


async def test_a_vip_refunded_to_nothing_leaves_where_development_is_full(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(receipts=1, development=1)
    seller, client = await tenant.seller(), await tenant.client()
    payment = tenant.payment(client, seller, 10)
    await tenant.apply_activity_event(payment)
    vip = (await tenant.claim(seller, client)).body
    await sold(tenant, seller, 0)
    await tenant.apply_activity_event(tenant.refund(payment, 10))
    _, event_type, data = (await tenant.events_of(vip["id"]))[-1]
    assert (event_type, data["why"], data["former"]) == ("vip.released", "no_place", str(seller))


@pytest.mark.parametrize("how", ["release", "lift", "transfer", "reset", "late progress"])
async def test_a_place_that_becomes_free_goes_to_the_next_by_rank(
    new_tenant: NewTenant, context: ServiceContext, how: str
) -> None:
    tenant = await new_tenant(receipts=1)
    seller = await tenant.seller()
    vips = await sold(tenant, seller, 900, 100, 500, 0)
    leaving = vips[0]["id"]
    match how:
        case "release":
            await tenant.release(seller, leaving)
        case "lift":
            await tenant.assign(leaving, None)
        case "transfer":
            await tenant.assign(leaving, await tenant.seller())
        case "reset":
            await tenant.make_overdue(leaving)
            await reset_overdue(context)
        case "late progress":
            await tenant.make_overdue(leaving)
            await tenant.apply_activity_event(tenant.interaction(vips[0]["client"]["id"], seller))
    assert (await kinds(tenant, vips))[1:] == ["in_development", "by_receipts", "in_development"]
    _, _, data = (await tenant.events_of(vips[2]["id"]))[-1]
    assert (data["kind"], data["by"]) == ("by_receipts", None)
    await tenant.assert_versions_have_no_gaps()


async def test_an_added_place_goes_to_the_next_by_rank(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(receipts=1)
    seller, other = await tenant.seller(), await tenant.seller()
    vips = [*await sold(tenant, seller, 900, 100, 500), *await sold(tenant, other, 7, 5)]
    await tenant.set_room_settings(receipts=2)
    await job_worker.run_until_idle()
    assert await kinds(tenant, vips) == [
        "by_receipts",
        "in_development",
        "by_receipts",
        "by_receipts",
        "by_receipts",
    ]
    await tenant.assert_versions_have_no_gaps()


async def test_lowered_limits_throw_nobody_out(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(receipts=3)
    seller = await tenant.seller()
    vips = await sold(tenant, seller, 900, 800, 700, 0)
    await tenant.set_room_settings(receipts=1, development=0)
    await job_worker.run_until_idle()
    assert await kinds(tenant, vips) == [*["by_receipts"] * 3, "in_development"]
    events = await tenant.events_of()
    more = await tenant.client()
    await tenant.apply_activity_event(tenant.payment(more, seller, 850))
    assert (await tenant.claim(seller, more)).body["code"] == "vip_limit_reached"
    assert await tenant.events_of() == events


async def test_a_claim_with_more_receipts_outranks_the_smallest(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(receipts=1, development=0)
    seller = await tenant.seller()
    vips = await sold(tenant, seller, 5000, 9000)
    assert await kinds(tenant, vips) == [None, "by_receipts"]
    _, event_type, data = (await tenant.events_of(vips[0]["id"]))[-1]
    assert (event_type, data["why"]) == ("vip.released", "outranked")
    assert data["by"] is None, "nobody did that, so the holder is told"


async def test_a_transfer_outranks_the_smallest_of_the_new_holder(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(receipts=1)
    seller, other = await tenant.seller(), await tenant.seller()
    (small,) = await sold(tenant, other, 10)
    client = await tenant.client()
    await tenant.apply_activity_event(tenant.payment(client, other, 50))
    vip = (await tenant.claim(seller, client)).body
    assert vip["kind"] == "in_development", "another's money"
    assigned = (await tenant.assign(vip["id"], other)).body
    assert (assigned["kind"], assigned["receipts"]["amount"]) == ("by_receipts", "50.00")
    assert await kinds(tenant, [small]) == [None]


async def test_places_tell_who_waits_and_with_which_rank(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(receipts=1)
    seller = await tenant.seller()
    vips = await sold(tenant, seller, 900, 100, 500, 0)
    path = f"/places?room_id={tenant.room_id}&company_id={tenant.company_id}"
    (places,) = (await tenant.request(seller, "GET", path)).body
    assert [
        (waiting["vip_id"], waiting["rank"], waiting["receipts"]["amount"])
        for waiting in places["waiting"]
    ] == [(vips[2]["id"], 2, "500.00"), (vips[1]["id"], 3, "100.00")]
