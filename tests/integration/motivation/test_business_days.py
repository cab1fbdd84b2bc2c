"""Pay lands in the month of the win's business day, under the plan in force then, whenever it was
typed or posted.
"""

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
from tests.integration.motivation.tenant import PERCENT, Tenant, ids
from tests.support.months import LAST_MONTH, THIS_MONTH

TEN = {**PERCENT, "percent": "10.00"}


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
    await tenant.publish(since=LAST_MONTH.begins)
    await tenant.publish(TEN)
    last, this = ids(2)
    await tenant.consume(
        tenant.event(this, 1, tenant.state("1000", won_on=THIS_MONTH.first_day)),
        tenant.event(last, 1, tenant.state("1000", won_on=LAST_MONTH.last_day)),
    )
    assert sorted(await lines(tenant)) == [
        (LAST_MONTH, None, "50.00", 1),
        (THIS_MONTH, None, "100.00", 2),
    ]
    await assert_ledger_is_whole(tenant)


async def test_what_belongs_to_a_closed_month_names_it(tenant: Tenant) -> None:
    await tenant.publish(since=LAST_MONTH.begins)
    before, late = ids(2)
    state = tenant.state("1000", won_on=LAST_MONTH.last_day)
    await tenant.consume(tenant.event(before, 1, state))
    await close(tenant, LAST_MONTH)
    await tenant.consume(tenant.event(late, 1, state))
    refund = tenant.state("400", won_on=LAST_MONTH.last_day)
    await tenant.consume(tenant.event(before, 2, refund))
    assert await lines(tenant) == [
        (LAST_MONTH, None, "50.00", 1),
        (THIS_MONTH, LAST_MONTH, "50.00", 1),
        (THIS_MONTH, LAST_MONTH, "-30.00", 1),
    ]
    rows = await tenant.query(
        "SELECT entry_id, employee_id, entry.won_on FROM entry ORDER BY entry_id"
    )
    assert {row["won_on"] for row in rows} == {LAST_MONTH.last_day}
    async with tenant.database.begin_for(tenant.id) as tx:
        shown = await get_entry(tx, rows[1]["entry_id"])
        why = await get_accrual(tx, tenant.caller("accountant"), rows[1]["entry_id"])
    assert PayEntryView.model_validate(shown).corrected_period == LAST_MONTH
    explained = AccrualView.model_validate(why)
    assert explained.inputs and explained.inputs.won_on == LAST_MONTH.last_day
    (event, *_) = await tenant.query("SELECT value FROM outbox WHERE type = 'correction.posted'")
    assert f'"corrected_period":"{LAST_MONTH}"'.encode() in event["value"]
    await assert_ledger_is_whole(tenant)


async def test_an_entry_goes_past_every_closed_month(tenant: Tenant) -> None:
    await tenant.publish(since=LAST_MONTH.begins)
    for month in (LAST_MONTH, THIS_MONTH):
        await close(tenant, month)
    state = tenant.state("1000", won_on=LAST_MONTH.last_day)
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, state))
    assert await lines(tenant) == [(THIS_MONTH.next, LAST_MONTH, "50.00", 1)]


async def test_a_win_taken_back_and_won_again_is_paid_by_the_plan_of_its_new_day(
    tenant: Tenant,
) -> None:
    await tenant.publish(since=LAST_MONTH.begins)
    activity = ActivityId(new_id())
    won = tenant.state("1000", won_on=LAST_MONTH.last_day)
    again = tenant.state("1000", won_on=THIS_MONTH.first_day, won_at=THIS_MONTH.begins)
    await tenant.consume(tenant.event(activity, 1, won))
    await tenant.publish(TEN)
    await tenant.consume(
        tenant.event(activity, 2, tenant.state("0", "in_work")),
        tenant.event(activity, 3, again),
    )
    assert await lines(tenant) == [
        (LAST_MONTH, None, "50.00", 1),
        (LAST_MONTH, None, "-50.00", 1),
        (THIS_MONTH, None, "100.00", 2),
    ]
    await assert_ledger_is_whole(tenant)


async def test_a_later_plan_does_not_pay_what_a_version_paid_nothing_for(tenant: Tenant) -> None:
    await tenant.publish({**PERCENT, "source_kind": "inbound"})
    activity = ActivityId(new_id())
    await tenant.consume(
        tenant.event(activity, 1, tenant.state("1000", won_on=THIS_MONTH.first_day))
    )
    await tenant.publish(TEN)
    assert await tenant.entries() == []
    async with tenant.database.begin_for(tenant.id) as tx:
        page = await list_wins_without_pay(tx, UnpaidFilters(), None, 50)
    assert [(item["activity_id"], item["cause"]) for item in page["items"]] == [
        (activity, "pays_nothing")
    ]
    corrected = tenant.state("900", won_on=THIS_MONTH.first_day)
    await tenant.consume(tenant.event(activity, 2, corrected))
    assert await tenant.entries() == []
    assert await recomputed(tenant) == []


async def test_no_plan_takes_effect_in_a_closed_month(tenant: Tenant) -> None:
    await close(tenant, LAST_MONTH)
    with pytest.raises(Invalid) as refused:
        await tenant.publish(since=LAST_MONTH.begins)
    error = {"field": "effective_from", "rule": "open_month", "closed": LAST_MONTH}
    assert refused.value.extra == {"errors": [error]}
    await tenant.publish(since=THIS_MONTH.begins)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            f"UPDATE entry SET won_on = '{LAST_MONTH.last_day}', corrected_period = '{LAST_MONTH}'",
            f"month {LAST_MONTH}",
        ),
        ("UPDATE activity SET sale = 'repeat'", "sale first, stored as repeat"),
        (
            f"UPDATE plan SET effective_from = '{THIS_MONTH.day(2)}'",
            "plan version none",
        ),
    ],
)
async def test_recomputing_finds_a_wrong_month_plan_or_first_sale(
    tenant: Tenant, provisioned: Any, sql: str, told: str
) -> None:
    await tenant.publish(since=LAST_MONTH.begins)
    await tenant.consume(
        tenant.event(ActivityId(new_id()), 1, tenant.state("1000", won_on=THIS_MONTH.first_day))
    )
    assert await recomputed(tenant) == []
    connection = await asyncpg.connect(provisioned.admin_url("motivation"))
    try:
        await connection.execute(f"{sql} WHERE tenant_id = $1", tenant.id)
    finally:
        await connection.close()
    found = await recomputed(tenant)
    assert any(told in each for each in found), found
