"""A company's month as whoever closes it asks: wins with versions, money without a place."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.activities.queries.snapshots import find_snapshots
from shared.clock import following_period
from shared.db import Database
from shared.errors import NotFound
from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import Payers
from tests.integration.activities.shop import today
from tests.support.money import rub


@pytest.fixture
async def payers(new_tenant: NewTenant) -> Payers:
    return await Payers.of(await new_tenant())


async def month(payers: Payers, database: Database, period: str) -> Any:
    async with database.begin_for(payers.tenant.tenant_id) as tx:
        kind = f"company_month.{period}"
        (snapshot,) = await find_snapshots(tx, kind, payers.tenant.company_id)
    return snapshot.data


async def test_a_month_has_its_wins_and_the_money_that_waits(
    payers: Payers, database: Database
) -> None:
    this_month = today().isoformat()[:7]
    won = await payers.owing("2026-17")
    await payers.report("erp-1", "Оплата по сч. № 17")
    won = await payers.tenant.see(won)
    assert won["status"] == "won"
    owing = await payers.owing("2026-18")
    await payers.tenant.do(payers.seller, owing, "payments", amount=rub(30))
    await payers.report("erp-2", "Без номера", 7)
    found = await month(payers, database, this_month)
    assert found["wins"] == [[won["id"], won["version"]]]
    assert found["claimed"] == [{"count": 1, "amount": "30.00", "currency": "RUB"}]
    assert found["unmatched"] == [{"count": 1, "amount": "7.00", "currency": "RUB"}]
    later = await month(payers, database, following_period(this_month))
    assert (later["wins"], later["claimed"], later["unmatched"]) == (
        [],
        found["claimed"],
        found["unmatched"],
    )
    earlier = (today().replace(day=1) - timedelta(days=1)).isoformat()[:7]
    before = await month(payers, database, earlier)
    assert (before["wins"], before["claimed"], before["unmatched"]) == ([], [], [])


async def test_an_unknown_company_has_no_month(payers: Payers, database: Database) -> None:
    async with database.begin_for(payers.tenant.tenant_id) as tx:
        with pytest.raises(NotFound):
            await find_snapshots(tx, "company_month.2026-11", UUID(str(new_id())))
