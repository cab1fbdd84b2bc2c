"""Receipts are those of who was responsible; what goes back is taken from where it came."""

from random import Random

import pytest

from shared.events.activities import ActivityEvent
from shared.events.directory import RoomOptions
from shared.ids import derived_id
from shared.jobs.worker import JobWorker
from tests.integration.vip.conftest import NewTenant


async def test_the_money_of_others_neither_ranks_nor_shows(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other, client = await tenant.seller(), await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    for payer in (other, None):
        await tenant.apply_activity_event(tenant.payment(client, payer, 100))
    seen = await tenant.get_vip(vip["id"])
    assert (seen["kind"], seen["receipts"]["amount"]) == ("in_development", "0.00")
    await tenant.release(seller, vip["id"])
    claimed = (await tenant.claim(other, client)).body
    assert (claimed["kind"], claimed["receipts"]["amount"]) == ("by_receipts", "100.00")


@pytest.mark.parametrize("named", [True, False])
async def test_a_refund_is_taken_from_who_was_responsible_when_the_money_came(
    new_tenant: NewTenant, named: bool
) -> None:
    tenant = await new_tenant()
    first, second, client = await tenant.seller(), await tenant.seller(), await tenant.client()
    came = tenant.payment(client, first, 1000)
    went = tenant.refund(came, 1000, named=named, responsible=second)
    again = tenant.payment(client, second, 500, of=came)
    for event in (came, went, again):
        await tenant.apply_activity_event(event)
    claimed = (await tenant.claim(first, client)).body
    assert (claimed["kind"], claimed["receipts"]["amount"]) == ("in_development", "0.00")
    await tenant.release(first, claimed["id"])
    claimed = (await tenant.claim(second, client)).body
    assert (claimed["kind"], claimed["receipts"]["amount"]) == ("by_receipts", "500.00")


@pytest.mark.parametrize("named", [True, False])
async def test_a_refund_of_old_money_never_lessens_new_money(
    new_tenant: NewTenant, named: bool
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    old = tenant.payment(client, seller, 1000, days_ago=400)
    for event in (old, tenant.payment(client, seller, 800), tenant.refund(old, 1000, named=named)):
        await tenant.apply_activity_event(event)
    assert (await tenant.claim(seller, client)).body["receipts"]["amount"] == "800.00"


@pytest.mark.parametrize("seed", range(3))
async def test_refunds_and_payments_in_any_order_leave_the_same(
    new_tenant: NewTenant, seed: int
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    first = tenant.payment(client, seller, 100, days_ago=3)
    second = tenant.payment(client, seller, 50, of=first)
    events: list[ActivityEvent] = [
        first,
        second,
        tenant.refund(second, 10),
        tenant.refund(first, 30, named=False),
        tenant.strike(first),
    ]
    Random(seed).shuffle(events)
    for event in events:
        await tenant.apply_activity_event(event)
    assert (await tenant.claim(seller, client)).body["receipts"]["amount"] == "10.00"


async def test_a_company_sets_how_far_back_receipts_count(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(receipts=1)
    seller, (old, new) = await tenant.seller(), await tenant.clients(2)
    await tenant.apply_activity_event(tenant.payment(old, seller, 900, days_ago=100))
    await tenant.apply_activity_event(tenant.payment(new, seller, 50, days_ago=10))
    vips = [(await tenant.claim(seller, client)).body["id"] for client in (old, new)]
    tenant.settings_version += 1
    changed = tenant.settings_changed(tenant.room_id, 10, 1, 30)
    changed = changed.model_copy(update={"options": RoomOptions(vip_receipts_days=99)})
    subject = derived_id(tenant.room_id, tenant.company_id)
    await tenant.apply(changed, subject, tenant.settings_version)
    await job_worker.run_until_idle()
    seen = [await tenant.get_vip(vip_id) for vip_id in vips]
    assert [(vip["kind"], vip["receipts"]["amount"]) for vip in seen] == [
        ("in_development", "0.00"),
        ("by_receipts", "50.00"),
    ]
