"""Receipts in reports are those of the activities' own trade, whatever happened to them since."""

from decimal import Decimal
from typing import Any

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant
from tests.integration.activities.test_reports import around, report
from tests.support.money import rub

# From the order's own chain, not from the table of payments that reports read.
_TRADE = """
    SELECT a.source_id::text AS source, sum(money.amount) AS amount FROM activity a
    CROSS JOIN LATERAL (
        SELECT (payment -> 'amount' ->> 'amount')::numeric AS amount
        FROM jsonb_array_elements(a.trade -> 'payments') payment
        WHERE payment ->> 'state' = 'confirmed'
        UNION ALL
        SELECT -(refund -> 'amount' ->> 'amount')::numeric
        FROM jsonb_array_elements(a.trade -> 'refunds') refund
    ) money
    WHERE a.tenant_id = $1 AND ($2::uuid IS NULL OR a.room_id = $2) GROUP BY a.source_id
"""


async def agree(tenant: Tenant, room_id: object = None) -> dict[str, Decimal]:
    """The receipts by source, which are the same in the report and in the trade."""
    rows = await tenant.reader.fetch(_TRADE, tenant.tenant_id, room_id)
    own = {row["source"]: row["amount"] for row in rows}
    query = around(room_id=str(room_id)) if room_id else around()
    reported = (await report(tenant, "sources", query))["rows"]
    seen = {
        row["key"]: Decimal(row["receipts"][0]["amount"]) for row in reported if row["receipts"]
    }
    assert seen == own
    sellers = (await report(tenant, "sellers", query))["rows"]
    by_seller = [Decimal(row["receipts"][0]["amount"]) for row in sellers if row["receipts"]]
    assert sum(by_seller) == sum(own.values())
    return own


async def test_receipts_agree_with_the_trade_after_all_that_may_happen(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    there = await tenant.another_room()
    paper = (await tenant.create("/sources", name="Газета", channel="p", kind="cold"))["id"]

    async def paid(amount: str, **about: Any) -> Any:
        activity = await tenant.register(seller, take=True, **about)
        return await tenant.do(seller, activity, "payments", amount=rub(amount))

    refunded = await paid("333.33")
    await tenant.do(accountant, refunded, "refunds", amount=rub("33.34"), reason="Брак")
    struck = await paid("77.77", source_id=paper)
    seen = (await tenant.call(tenant.admin, "GET", f"/activities/{struck['id']}")).body
    strike = f"payments/{seen['payments'][0]['id']}/strike"
    await tenant.do(accountant, struck, strike, reason="Не наш платёж")
    moved, corrected = await paid("100.01"), await paid("5.05")
    await agree(tenant)
    move = {"room_id": str(there), "reason": "Другой город"}
    await tenant.do(tenant.admin, moved, "move", **move)
    await tenant.do(tenant.admin, corrected, "source", source_id=paper, reason="Из газеты")
    old = await paid("9.99", client={"name": "Старый", "kind": "person"})
    into = await paid("0.01", client={"name": "Новый", "kind": "person"})
    merge = {"into_client_id": into["client"]["id"]}
    path = f"/clients/{old['client']['id']}/merge"
    assert (await tenant.call(tenant.admin, "POST", path, merge)).status == 200
    assert await agree(tenant) == {
        tenant.source_id: Decimal("410.00"),
        paper: Decimal("5.05"),
    }
    assert await agree(tenant, there) == {tenant.source_id: Decimal("100.01")}
