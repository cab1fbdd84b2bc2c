"""Months settled as one on a real PostgreSQL: in any order and any batch the same ledger."""

import asyncio
import random
from typing import Any

import pytest

from services.motivation.handlers import targets as handlers
from services.motivation.handlers.targets import SetTarget
from services.motivation.storage.targets import TargetKey
from shared.events import PublishedEvent
from shared.ids import ActivityId
from shared.tenancy import Caller
from tests.integration.motivation.checks import assert_ledger_is_whole, recomputed
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.money import roubles
from tests.support.months import LAST_MONTH, THIS_MONTH

TIERED: dict[str, Any] = {
    "kind": "tiered_percent",
    "tiers": [{"from": "0", "percent": "5.00"}, {"from": "1000", "percent": "10.00"}],
}
RETROACTIVE = {**TIERED, "mode": "retroactive"}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "RUB"}


day = THIS_MONTH.day


async def lines(tenant: Tenant) -> list[tuple[ActivityId | None, str, str]]:
    """Activity, kind and amount of each entry, in the order of posting."""
    rows = await tenant.query("SELECT activity_id, kind, amount FROM entry ORDER BY entry_id")
    return [(row["activity_id"], row["kind"], str(row["amount"])) for row in rows]


async def test_each_deal_has_its_difference_of_the_months_total(tenant: Tenant) -> None:
    await tenant.publish(TIERED)
    first, second, third = ids(3)
    for activity, number in ((first, 3), (second, 4), (third, 5)):
        state = tenant.state("800", won_on=day(number))
        await tenant.consume(tenant.event(activity, 1, state))
    # 5 % up to 1000, 10 % above: 40 + (10 + 60) + 80.
    assert await lines(tenant) == [
        (first, "accrual", "40.00"),
        (second, "accrual", "70.00"),
        (third, "accrual", "80.00"),
    ]
    refund = tenant.event(first, 2, tenant.state("300", won_on=day(3)))
    await tenant.consume(refund)
    # 15, then 35 + 10, then 80: the later deal moves too, and names the refund as its cause.
    assert (await lines(tenant))[3:] == [
        (first, "correction", "-25.00"),
        (second, "correction", "-25.00"),
    ]
    rows = await tenant.query(
        "SELECT inputs->>'caused_by' AS caused_by, outbox.causation_id FROM entry"
        " JOIN outbox ON outbox.aggregate_id = statement_id"
        " AND aggregate_version = statement_version ORDER BY entry_id OFFSET 3"
    )
    assert [row["caused_by"] for row in rows] == [None, str(first)]
    assert {row["causation_id"] for row in rows} == {str(refund.envelope.id)}
    await assert_ledger_is_whole(tenant)


async def test_a_win_taken_back_takes_its_line_and_moves_the_others(tenant: Tenant) -> None:
    await tenant.publish(RETROACTIVE)
    first, second = ids(2)
    for activity, number in ((first, 3), (second, 4)):
        state = tenant.state("800", won_on=day(number))
        await tenant.consume(tenant.event(activity, 1, state))
    assert await tenant.sums() == {tenant.sellers[0]: "160.00"}
    await tenant.consume(tenant.event(first, 2, tenant.state("800", "in_work")))
    assert await tenant.sums() == {tenant.sellers[0]: "40.00"}
    moved = tenant.state("800", won_on=THIS_MONTH.day(30), won_at=THIS_MONTH.begins)
    await tenant.consume(tenant.event(first, 3, moved))
    assert await tenant.sums() == {tenant.sellers[0]: "160.00"}
    await assert_ledger_is_whole(tenant)


async def test_pools_and_caps_are_lines_of_the_month(tenant: Tenant) -> None:
    anna, boris, _ = tenant.sellers
    await tenant.publish(
        {"kind": "percent_of_receipts", "percent": "10.00"},
        {"kind": "pool", "percent": "1.00"},
        {"kind": "cap", "amount": money("100.00")},
    )
    for seller, amount in ((anna, "2000"), (boris, "100")):
        state = tenant.state(amount, shares={seller: "1"}, won_on=day(3))
        await tenant.consume(tenant.event(ids(1)[0], 1, state))
    # The pool of 21 is shared 20 to 1; Anna's 200 and 20 are cut to 100.
    assert await tenant.sums() == {anna: "100.00", boris: "11.00"}
    assert any(activity_id is None for activity_id, _, _ in await lines(tenant))
    await assert_ledger_is_whole(tenant)


async def test_a_target_set_later_settles_the_month_anew(tenant: Tenant) -> None:
    by_target = {
        **RETROACTIVE,
        "tiers": [{"from": "0", "percent": "5.00"}, {"from": "100", "percent": "10.00"}],
        "attainment": {
            "measure": "receipts",
            "scope": "seller",
            "unit": "percent_of_target",
            "deals": "matching",
        },
    }
    anna = tenant.sellers[0]
    await tenant.publish(by_target)
    await tenant.consume(tenant.event(ids(1)[0], 1, tenant.state("800", won_on=day(3))))
    before = await tenant.sums()
    key = TargetKey(tenant.company, tenant.room, THIS_MONTH, anna, "receipts")
    head = Caller(tenant.id, anna, frozenset({"head"}), frozenset({tenant.room}))
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers.set_target(tx, SetTarget(key, roubles("700").amount), head)
    assert before.get(anna) != "80.00"
    assert await tenant.sums() == {anna: "80.00"}
    await assert_ledger_is_whole(tenant)


class Script:
    """Events of six activities in two months, which any tenant can be told."""

    def __init__(self, chance: random.Random) -> None:
        self.steps: list[tuple[ActivityId, int, dict[str, Any], int]] = []
        for activity in ids(6):
            seller = chance.randint(0, 2)
            for version in range(1, 4):
                status = chance.choice(["won", "won", "in_work"])
                month = chance.choice([LAST_MONTH, THIS_MONTH])
                about = {
                    "paid": str(chance.randint(1, 2000)),
                    "status": status,
                    "won_on": month.day(chance.randint(1, 30)),
                    "won_at": THIS_MONTH.at(version, 0) if status == "won" else None,
                }
                self.steps.append((activity, version, about, seller))

    def events(self, tenant: Tenant) -> list[PublishedEvent]:
        return [
            tenant.event(
                activity,
                version,
                tenant.state(**about, shares={tenant.sellers[seller]: "1"}),
            )
            for activity, version, about, seller in self.steps
        ]


async def ledger_of(tenant: Tenant) -> dict[Any, str]:
    """The sums by activity, seller, rule and month."""
    rows = await tenant.query(
        "SELECT activity_id, employee_id, rule, coalesce(corrected_period, period) AS month,"
        " sum(amount) AS sum FROM entry GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0"
    )
    return {
        (
            row["activity_id"],
            tenant.sellers.index(row["employee_id"]),
            row["rule"],
            row["month"],
        ): str(row["sum"])
        for row in rows
    }


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_batch_settle_the_same(tenant: Tenant, seed: int) -> None:
    chance = random.Random(seed)
    script, other = Script(chance), Tenant(tenant.context)
    await other.consume(*other.directory())
    plan = (
        TIERED,
        RETROACTIVE,
        {"kind": "pool", "percent": "1.00"},
        {"kind": "cap", "amount": money("300.00")},
    )
    for each in (tenant, other):
        await each.publish(*plan, since=LAST_MONTH.begins)
    for event in script.events(tenant):
        await tenant.consume(event)
    events = script.events(other)
    chance.shuffle(events)
    batches = [events[start : start + 3] for start in range(0, len(events), 3)]

    async def replica(own: list[list[PublishedEvent]]) -> None:
        for batch in own:
            await other.consume(*batch)

    await asyncio.gather(*(replica(batches[start::2]) for start in (0, 1)))
    assert await ledger_of(other) == await ledger_of(tenant)
    for each in (tenant, other):
        assert await recomputed(each) == []
