"""Only confirmed money makes receipts; what is struck out leaves them as if it had never come."""

from tests.integration.vip.conftest import NewTenant


async def test_a_claimed_payment_is_progress_and_no_receipt(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    vip_id = (await tenant.claim(seller, client)).body["id"]
    payment = tenant.payment(client, seller, 500)
    await tenant.apply_activity_event(tenant.claim_of_payment(payment))
    vip = await tenant.get_vip(vip_id)
    assert (vip["kind"], vip["receipts"]["amount"], vip["version"]) == ("in_development", "0.00", 2)
    await tenant.apply_activity_event(tenant.strike(payment, "claimed"))
    assert (await tenant.get_vip(vip_id))["version"] == 2, "it had never counted"
    await tenant.apply_activity_event(payment)
    vip = await tenant.get_vip(vip_id)
    assert (vip["kind"], vip["receipts"]["amount"]) == ("by_receipts", "500.00")


async def test_a_struck_payment_leaves_the_receipts_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    vip_id = (await tenant.claim(seller, client)).body["id"]
    kept, mistake = (tenant.payment(client, seller, amount, 30) for amount in (300, 500))
    for event in (kept, mistake, tenant.strike(mistake), tenant.strike(mistake)):
        await tenant.apply_activity_event(event)
    assert (await tenant.get_vip(vip_id))["receipts"]["amount"] == "300.00"
    await tenant.assert_versions_have_no_gaps()


async def test_money_of_nobodys_client_is_struck_out_too(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    payment = tenant.payment(client, seller, 500)
    for event in (payment, tenant.strike(payment)):
        await tenant.apply_activity_event(event)
    claimed = (await tenant.claim(seller, client)).body
    assert (claimed["kind"], claimed["receipts"]["amount"]) == ("in_development", "0.00")
