"""Pay lands in the month of the win's business day, under the plan in force then, whenever it was
typed or posted.
"""

from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from services.motivation.api.responses import AccrualView, PayEntryView
from services.motivation.queries.accruals import get_accrual
from services.motivation.queries.entries import get_entry
from services.motivation.queries.unpaid import UnpaidFilters, list_wins_without_pay
from shared.errors import Invalid
from shared.ids import ActivityId, new_id
from tests.integration.motivation.checks import assert_ledger_is_whole, close, recomputed
from tests.integration.motivation.tenant import NOVEMBER, PERCENT, Tenant, ids

OCTOBER = datetime(2026, 10, 1, tzinfo=NOVEMBER.tzinfo)
TEN = {**PERCENT, "percent": "10.00"}
LAST_OF_OCTOBER, FIRST_OF_NOVEMBER = date(2026, 10, 31), date(2026, 11, 1)


async def lines(tenant: Tenant) -> list[tuple[str, str | None, str, int]]:
    """Period, corrected period, amount and plan version of each entry."""
    rows = await tenant.query(
        "SELECT period, corrected_period, amount, plan_version FROM entry ORDER BY entry_id"
    )
    return [
        (row["period"], row["corrected_period"], str(row["amount"]), row["plan_version"])
        for row in rows
    ]


async def test_a_win_typed_later_has_the_month_and_the_plan_of_its_day(tenant: Tenant) -> None:
    await tenant.publish(since=OCTOBER)
    await tenant.publish(TEN)
    october, november = ids(2)
    await tenant.consume(
        tenant.event(november, 1, tenant.state("1000", won_on=FIRST_OF_NOVEMBER)),
        tenant.event(october, 1, tenant.state("1000", won_on=LAST_OF_OCTOBER)),
    )
    assert sorted(await lines(tenant)) == [
        ("2026-10", None, "50.00", 1),
        ("2026-11", None, "100.00", 2),
    ]
    await assert_ledger_is_whole(tenant)


async def test_what_belongs_to_a_closed_month_names_it(tenant: Tenant) -> None:
    await tenant.publish(since=OCTOBER)
    before, late = ids(2)
    state = tenant.state("1000", won_on=LAST_OF_OCTOBER)
    await tenant.consume(tenant.event(before, 1, state))
    await close(tenant, "2026-10")
    await tenant.consume(tenant.event(late, 1, state))
    refund = tenant.state("400", won_on=LAST_OF_OCTOBER)
    await tenant.consume(tenant.event(before, 2, refund))
    assert await lines(tenant) == [
        ("2026-10", None, "50.00", 1),
        ("2026-11", "2026-10", "50.00", 1),
        ("2026-11", "2026-10", "-30.00", 1),
    ]
    rows = await tenant.query(
        "SELECT entry_id, employee_id, entry.won_on FROM entry ORDER BY entry_id"
    )
    assert {row["won_on"] for row in rows} == {LAST_OF_OCTOBER}
    async with tenant.database.begin_for(tenant.id) as tx:
        shown = await get_entry(tx, rows[1]["entry_id"])
        why = await get_accrual(tx, tenant.caller("accountant"), rows[1]["entry_id"])
    assert PayEntryView.model_validate(shown).corrected_period == "2026-10"
    explained = AccrualView.model_validate(why)
    assert explained.inputs and explained.inputs.won_on == LAST_OF_OCTOBER
    (event, *_) = await tenant.query("SELECT value FROM outbox WHERE type = 'correction.posted'")
    assert b'"corrected_period":"2026-10"' in event["value"]
    await assert_ledger_is_whole(tenant)


async def test_an_entry_goes_past_every_closed_month(tenant: Tenant) -> None:
    await tenant.publish(since=OCTOBER)
    for month in ("2026-10", "2026-11"):
        await close(tenant, month)
    state = tenant.state("1000", won_on=LAST_OF_OCTOBER)
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, state))
    assert await lines(tenant) == [("2026-12", "2026-10", "50.00", 1)]


async def test_a_win_taken_back_and_won_again_is_paid_by_the_plan_of_its_new_day(
    tenant: Tenant,
) -> None:
    await tenant.publish(since=OCTOBER)
    activity = ActivityId(new_id())
    won = tenant.state("1000", won_on=LAST_OF_OCTOBER)
    again = tenant.state("1000", won_on=FIRST_OF_NOVEMBER, won_at=NOVEMBER)
    await tenant.consume(tenant.event(activity, 1, won))
    await tenant.publish(TEN)
    await tenant.consume(
        tenant.event(activity, 2, tenant.state("0", "in_work")),
        tenant.event(activity, 3, again),
    )
    assert await lines(tenant) == [
        ("2026-10", None, "50.00", 1),
        ("2026-10", None, "-50.00", 1),
        ("2026-11", None, "100.00", 2),
    ]
    await assert_ledger_is_whole(tenant)


async def test_a_later_plan_does_not_pay_what_a_version_paid_nothing_for(tenant: Tenant) -> None:
    await tenant.publish({**PERCENT, "source_kind": "inbound"})
    activity = ActivityId(new_id())
    await tenant.consume(tenant.event(activity, 1, tenant.state("1000", won_on=FIRST_OF_NOVEMBER)))
    await tenant.publish(TEN)
    assert await tenant.entries() == []
    async with tenant.database.begin_for(tenant.id) as tx:
        page = await list_wins_without_pay(tx, UnpaidFilters(), None, 50)
    assert [(item["activity_id"], item["cause"]) for item in page["items"]] == [
        (activity, "pays_nothing")
    ]
    corrected = tenant.state("900", won_on=FIRST_OF_NOVEMBER)
    await tenant.consume(tenant.event(activity, 2, corrected))
    assert await tenant.entries() == []
    assert await recomputed(tenant) == []


async def test_no_plan_takes_effect_in_a_closed_month(tenant: Tenant) -> None:
    await close(tenant, "2026-10")
    with pytest.raises(Invalid) as refused:
        await tenant.publish(since=OCTOBER)
    error = {"field": "effective_from", "rule": "open_month", "closed": "2026-10"}
    assert refused.value.extra == {"errors": [error]}
    await tenant.publish(since=NOVEMBER)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE entry SET won_on = '2026-10-31', corrected_period = '2026-10'", "month 2026-10"),
        ("UPDATE activity SET sale = 'repeat'", "sale first, stored as repeat"),
        (
            "UPDATE plan SET effective_from = '2026-11-02'",
            "plan version none",
        ),
    ],
)
async def test_recomputing_finds_a_wrong_month_plan_or_first_sale(
    tenant: Tenant, provisioned: Any, sql: str, told: str
) -> None:
    await tenant.publish(since=OCTOBER)
    await tenant.consume(
        tenant.event(ActivityId(new_id()), 1, tenant.state("1000", won_on=FIRST_OF_NOVEMBER))
    )
    assert await recomputed(tenant) == []
    connection = await asyncpg.connect(provisioned.admin_url("motivation"))
    try:
        await connection.execute(f"{sql} WHERE tenant_id = $1", tenant.id)
    finally:
        await connection.close()
    found = await recomputed(tenant)
    assert any(told in each for each in found), found
