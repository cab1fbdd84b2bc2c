"""A client that was merged into another: one holder stays, and the money follows."""

from typing import Any

from shared.events.activities import ActivityClientMerged
from shared.events.chain import PaymentReceived
from shared.events.directory import ClientMerged
from shared.ids import ClientId
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


def merged(tenant: Tenant, old: ClientId, into: ClientId) -> ClientMerged:
    return ClientMerged(client_id=old, into_client_id=into, room_ids=[], by=tenant.head)


def followed(payment: PaymentReceived, into: ClientId) -> ActivityClientMerged:
    """The activity of a payment as one of the client that stays."""
    state: Any = payment.state.model_copy(update={"client_id": into})
    return ActivityClientMerged(
        activity_id=payment.activity_id,
        by=payment.by,
        state=state,
        former_client_id=payment.state.client_id,
    )


async def test_the_holder_of_a_merged_client_holds_the_other(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.seller(), await tenant.seller()
    old, into = await tenant.clients(2)
    vip = (await tenant.claim(seller, old)).body
    for _ in range(2):
        await tenant.apply(merged(tenant, old, into), old, 2)
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] is None
    assert (await tenant.event_types_of(vip["id"])) == ["vip.claimed", "vip.released"]
    mine = (await tenant.claim(seller, into)).body
    assert (mine["client"]["id"], mine["reset_due_at"]) == (str(into), vip["reset_due_at"])
    assert (await tenant.claim(other, into)).body["code"] == "vip_of_another"
    await tenant.assert_versions_have_no_gaps()


async def test_who_holds_the_client_that_stays_keeps_it(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.seller(), await tenant.seller()
    old, into = await tenant.clients(2)
    lost, kept = (await tenant.claim(seller, old)).body, (await tenant.claim(other, into)).body
    await tenant.apply(merged(tenant, old, into), old, 2)
    assert (await tenant.get_vip(kept["id"]))["responsible_id"] == str(other)
    _, _, released = (await tenant.events_of(lost["id"]))[-1]
    assert (released["why"], released["former"]) == ("merged", str(seller))


async def test_an_overdue_holder_of_the_client_that_stays_gives_way(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.seller(), await tenant.seller()
    old, into = await tenant.clients(2)
    await tenant.claim(seller, old)
    overdue = (await tenant.claim(other, into)).body
    await tenant.make_overdue(overdue["id"])
    await tenant.apply(merged(tenant, old, into), old, 2)
    assert (await tenant.get_vip(overdue["id"]))["responsible_id"] == str(seller)
    await tenant.assert_versions_have_no_gaps()


async def test_money_follows_its_activity_also_within_one_batch(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, (old, into) = await tenant.seller(), await tenant.clients(2)
    vip = (await tenant.claim(seller, into)).body
    first, second = tenant.payment(old, seller, 100), tenant.payment(old, seller, 20)
    await tenant.apply_activity_event(first)
    await tenant.consume(
        [
            tenant.published(second, second.activity_id),
            tenant.published(followed(second, into), second.activity_id, 2),
            tenant.published(followed(first, into), first.activity_id, 2),
        ]
    )
    third = tenant.payment(into, seller, 3)
    await tenant.apply_activity_event(third)
    seen = await tenant.get_vip(vip["id"])
    assert seen["receipts"]["amount"] == "123.00"
