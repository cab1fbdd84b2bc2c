"""Money moves VIPs between the places; progress and refunds move receipts and deadlines."""

from datetime import datetime, timedelta
from random import Random

import pytest

from shared.events.chain import PaymentRefundStruck
from shared.ids import ClientId, EmployeeId, new_id
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


async def kinds_of(tenant: Tenant, vips: list[str]) -> list[str | None]:
    return [(await tenant.get_vip(vip))["kind"] for vip in vips]


async def claim_all(tenant: Tenant, seller: EmployeeId, clients: list[ClientId]) -> list[str]:
    return [(await tenant.claim(seller, client)).body["id"] for client in clients]


async def test_first_money_moves_a_vip_to_a_free_place_by_receipts(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    await tenant.apply_activity_event(tenant.payment(client, seller, "1500.50"))
    vip = await tenant.get_vip(vip_id)
    assert (vip["kind"], vip["version"]) == ("by_receipts", 2)
    assert vip["receipts"]["amount"] == "1500.50"
    _, event_type, data = (await tenant.events_of(vip_id))[1]
    assert (event_type, data["kind"]) == ("vip.kind_changed", "by_receipts")
    assert data["state"]["receipts"]["amount"] == "1500.50"


async def test_more_money_is_progress(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    for amount in (100, 200):
        await tenant.apply_activity_event(tenant.payment(client, seller, amount))
    vip = await tenant.get_vip(vip_id)
    assert (vip["receipts"]["amount"], vip["version"]) == ("300.00", 3)
    types = await tenant.event_types_of(vip_id)
    assert types == ["vip.claimed", "vip.kind_changed", "vip.progressed"]


async def test_larger_receipts_outrank_the_smallest_who_leaves_with_notice(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(receipts=2)
    seller, clients = await tenant.seller(), await tenant.clients(3)
    vips = await claim_all(tenant, seller, clients)
    for client, amount in zip(clients, (100, 300, 200), strict=True):
        await tenant.apply_activity_event(tenant.payment(client, seller, amount))
    assert await kinds_of(tenant, vips) == [None, "by_receipts", "by_receipts"]
    _, event_type, data = (await tenant.events_of(vips[0]))[-1]
    assert event_type == "vip.released"
    assert (data["why"], data["former"]) == ("outranked", str(seller))
    await tenant.assert_versions_have_no_gaps()


@pytest.mark.parametrize("amount", [50, 100])
async def test_a_vip_that_does_not_outrank_stays_in_development(
    new_tenant: NewTenant, amount: int
) -> None:
    tenant = await new_tenant(receipts=1)
    seller, clients = await tenant.seller(), await tenant.clients(2)
    vips = await claim_all(tenant, seller, clients)
    await tenant.apply_activity_event(tenant.payment(clients[0], seller, 100))
    await tenant.apply_activity_event(tenant.payment(clients[1], seller, amount))
    assert await kinds_of(tenant, vips) == ["by_receipts", "in_development"]
    await tenant.apply_activity_event(tenant.payment(clients[1], seller, 100))
    assert await kinds_of(tenant, vips) == [None, "by_receipts"]


async def test_places_of_one_seller_are_not_anothers(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(receipts=1)
    sellers, clients = [await tenant.seller(), await tenant.seller()], await tenant.clients(2)
    pairs = list(zip(sellers, clients, strict=True))
    vips = [(await claim_all(tenant, seller, [client]))[0] for seller, client in pairs]
    for seller, client in pairs:
        await tenant.apply_activity_event(tenant.payment(client, seller, 100))
    assert await kinds_of(tenant, vips) == ["by_receipts", "by_receipts"]


async def test_a_refund_reduces_receipts_and_never_below_zero(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    payment = tenant.payment(client, seller, 100)
    await tenant.apply_activity_event(payment)
    before = await tenant.get_vip(vip_id)
    await tenant.apply_activity_event(tenant.refund(payment, 30))
    after = await tenant.get_vip(vip_id)
    assert (after["receipts"]["amount"], after["version"]) == ("70.00", 3)
    assert after["reset_due_at"] == before["reset_due_at"]
    await tenant.apply_activity_event(tenant.refund(payment, 900))
    assert (await tenant.get_vip(vip_id))["receipts"]["amount"] == "0.00"


async def test_a_struck_refund_gives_the_receipts_back(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    payment = tenant.payment(client, seller, 100)
    refund = tenant.refund(payment, 100)
    fields = {name: getattr(refund, name) for name in PaymentRefundStruck.model_fields}
    struck = PaymentRefundStruck(**fields)
    for event, receipts in ((payment, "100.00"), (refund, "0.00"), (struck, "100.00")):
        for _ in range(2):
            await tenant.apply_activity_event(event)
        assert (await tenant.get_vip(vip_id))["receipts"]["amount"] == receipts
    assert (await tenant.get_vip(vip_id))["kind"] == "by_receipts"


@pytest.mark.parametrize(
    ("days_ago", "receipts", "kind"),
    [(0, "100.00", "by_receipts"), (364, "100.00", "by_receipts"), (366, "0.00", "in_development")],
)
async def test_receipts_count_for_365_days(
    new_tenant: NewTenant, days_ago: int, receipts: str, kind: str
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    await tenant.apply_activity_event(tenant.payment(client, seller, 100, days_ago))
    vip = await tenant.get_vip(vip_id)
    assert (vip["receipts"]["amount"], vip["kind"]) == (receipts, kind)


async def test_a_refund_leaves_the_window_with_its_payment(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    old = tenant.payment(client, seller, 500, days_ago=400)
    await tenant.apply_activity_event(old)
    await tenant.apply_activity_event(tenant.payment(client, seller, 100))
    await tenant.apply_activity_event(tenant.refund(old, 500))
    assert (await tenant.get_vip(vip_id))["receipts"]["amount"] == "100.00"


async def test_a_repeated_payment_counts_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    payment, event_id = tenant.payment(client, seller, 100), new_id()
    for repeated_id in (event_id, event_id, None):
        await tenant.apply_activity_event(payment, repeated_id)
    assert (await tenant.get_vip(vip_id))["receipts"]["amount"] == "100.00"


async def test_money_before_the_claim_counts(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    await tenant.apply_activity_event(tenant.payment(client, seller, 40))
    vip = (await tenant.claim(seller, client)).body
    assert (vip["kind"], vip["receipts"]["amount"]) == ("by_receipts", "40.00")


async def test_money_of_a_client_nobody_holds_publishes_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    await tenant.apply_activity_event(tenant.payment(await tenant.client(), None, 40))
    assert await tenant.events_of() == []


async def test_progress_by_anyone_moves_the_deadline(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(reset_days=30)
    seller, client = await tenant.seller(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [client])
    due_at = datetime.fromisoformat((await tenant.get_vip(vip_id))["reset_due_at"])
    claimed_at = due_at - timedelta(days=30)
    other = await tenant.seller()
    interaction = tenant.interaction(client, other, claimed_at + timedelta(days=3))
    await tenant.apply_activity_event(interaction)
    vip = await tenant.get_vip(vip_id)
    assert datetime.fromisoformat(vip["reset_due_at"]) == due_at + timedelta(days=3)
    await tenant.apply_activity_event(tenant.interaction(client, seller, claimed_at))
    assert await tenant.get_vip(vip_id) == vip


async def test_progress_after_the_deadline_frees_and_before_it_keeps(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, clients = await tenant.seller(), await tenant.clients(2)
    vips = await claim_all(tenant, seller, clients)
    for vip_id in vips:
        await tenant.make_overdue(vip_id, days=5)
    due_at = datetime.fromisoformat((await tenant.get_vip(vips[0]))["reset_due_at"])
    for client, days in zip(clients, (1, -1), strict=True):
        interaction = tenant.interaction(client, seller, due_at + timedelta(days=days))
        await tenant.apply_activity_event(interaction)
    late, early = [await tenant.get_vip(vip_id) for vip_id in vips]
    assert late["responsible_id"] is None
    assert early["responsible_id"] == str(seller)
    assert datetime.fromisoformat(early["reset_due_at"]) > due_at + timedelta(days=20)


@pytest.mark.parametrize("seed", range(3))
async def test_receipts_do_not_depend_on_the_order_of_events(
    new_tenant: NewTenant, seed: int
) -> None:
    """Events of different activities come in any order; the sums are the same, and so is who holds
    a place.
    """
    tenant = await new_tenant(receipts=20)
    seller, clients = await tenant.seller(), await tenant.clients(4)
    vips = await claim_all(tenant, seller, clients)
    payments = [
        tenant.payment(client, seller, amount) for client in clients for amount in (10, 20, 30)
    ]
    Random(seed).shuffle(payments)
    for payment in payments:
        await tenant.apply_activity_event(payment)
    receipts = [(await tenant.get_vip(vip_id))["receipts"]["amount"] for vip_id in vips]
    assert receipts == ["60.00"] * 4
    await tenant.assert_versions_have_no_gaps()


async def test_a_batch_stores_all_money_and_moves_held_vips(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, held, free = await tenant.seller(), await tenant.client(), await tenant.client()
    (vip_id,) = await claim_all(tenant, seller, [held])
    old = tenant.payment(free, seller, 700, days_ago=40)
    batch = tenant.published_all(
        [
            tenant.refund(old, 200),
            tenant.payment(held, seller, 100),
            old,
            tenant.interaction(free, seller),
            tenant.payment(held, seller, 50),
        ]
    )
    for _ in range(2):
        await tenant.consume([*batch, batch[0]])
    vip = await tenant.get_vip(vip_id)
    assert (vip["kind"], vip["receipts"]["amount"]) == ("by_receipts", "150.00")
    types = await tenant.event_types_of(vip_id)
    assert types == ["vip.claimed", "vip.kind_changed", "vip.progressed"]
    rows = await tenant.reader.fetch(
        "SELECT amount::text, returned::text FROM receipt WHERE client_id = $1 ORDER BY amount",
        free,
    )
    assert [tuple(row) for row in rows] == [("-200.00", "0.00"), ("700.00", "200.00")]
    await tenant.assert_versions_have_no_gaps()
