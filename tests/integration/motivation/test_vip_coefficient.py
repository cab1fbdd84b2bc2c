"""The coefficient for very important clients, by what an activity says of its win."""

from typing import Any

import pytest

from services.motivation.queries.accruals import get_accrual
from tests.integration.motivation.checks import assert_ledger_is_whole
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.months import THIS_MONTH

RULE: dict[str, Any] = {
    "kind": "percent_of_receipts",
    "percent": "10.00",
    "vip_coefficient": "1.5",
}


@pytest.mark.parametrize(("vip", "amount"), [(True, "150.00"), (False, "100.00"), (None, "100.00")])
async def test_a_vips_win_is_paid_by_the_coefficient(
    tenant: Tenant, vip: bool | None, amount: str
) -> None:
    await tenant.publish(RULE)
    await tenant.consume(tenant.event(ids(1)[0], 1, tenant.state("1000", vip=vip)))
    assert [entry[2] for entry in await tenant.entries()] == [amount]
    (row,) = await tenant.query("SELECT entry_id FROM entry")
    async with tenant.database.begin_for(tenant.id) as tx:
        accrual = await get_accrual(tx, tenant.caller("accountant"), row["entry_id"])
    assert accrual["inputs"]["vip"] is bool(vip)
    await assert_ledger_is_whole(tenant)


async def test_a_month_settled_as_one_weighs_vips_too(tenant: Tenant) -> None:
    await tenant.publish(RULE, {"kind": "cap", "amount": {"amount": "180.00", "currency": "RUB"}})
    for number, vip in ((3, True), (4, False)):
        state = tenant.state("1000", vip=vip, won_on=THIS_MONTH.day(number))
        await tenant.consume(tenant.event(ids(1)[0], 1, state))
    assert await tenant.sums() == {tenant.sellers[0]: "180.00"}
    assert [entry[2] for entry in await tenant.entries()] == ["150.00", "100.00", "-70.00"]
    await assert_ledger_is_whole(tenant)
