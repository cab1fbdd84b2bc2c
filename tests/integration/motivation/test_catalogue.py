"""Pay by net receipts and by margin on a real PostgreSQL: what products cost and how the company
pays tax may come before the sales or after them, and the ledger is the same.
"""

import asyncio
import random
from datetime import date
from decimal import Decimal

import pytest

from services.motivation.handlers.activities import apply_activity_events
from services.motivation.handlers.catalogue import FOLLOW_CATALOGUE
from services.motivation.handlers.findings import find_findings
from services.motivation.queries.accruals import get_accrual
from services.motivation.queries.empty_statements import EmptyMonth, why_empty
from services.motivation.storage import directory
from shared.events import PublishedEvent
from shared.vocabulary import VatMode
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.catalogue import MARGIN, NET, Catalogue
from tests.integration.motivation.checks import assert_ledger_is_whole, close, recomputed
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.months import LAST_MONTH, THIS_MONTH

GENERAL: dict[date, VatMode] = {date(2026, 1, 1): "general"}
# Net of VAT 819.68 three times and 952.39; margins of 737.71, 737.71, 546.46 and 679.17.
EXPECTED_FLAT, EXPECTED_TIERED = Decimal("304.23"), Decimal("256.99")
ALREADY, LATER = THIS_MONTH.day(3), THIS_MONTH.day(17)


@pytest.fixture
async def catalogue(tenant: Tenant) -> Catalogue:
    """A catalogue of which nothing was consumed but how the company pays tax."""
    catalogue = Catalogue(tenant)
    await tenant.consume(catalogue.vat(1, GENERAL))
    return catalogue


async def totals(tenant: Tenant) -> list[tuple[object, ...]]:
    """The sum of each line, in a fixed order, without zeros."""
    rows = await tenant.query(
        "SELECT activity_id, rule, employee_id, sum(amount) AS amount FROM entry"
        " GROUP BY activity_id, rule, employee_id HAVING sum(amount) <> 0"
        " ORDER BY activity_id, rule, employee_id"
    )
    return [tuple(row.values()) for row in rows]


async def test_the_margin_is_of_the_business_day(tenant: Tenant, catalogue: Catalogue) -> None:
    await tenant.publish(MARGIN, NET)
    await tenant.consume(catalogue.costs(1, {LAST_MONTH.first_day: "600.00", LATER: "800.00"}))
    first, second = ids(2)
    await tenant.consume(
        tenant.event(first, 1, catalogue.state("1220", ALREADY)),
        tenant.event(second, 1, catalogue.state("2440", LATER, quantity=2)),
    )
    # 1000 net less 600, and 2000 net less 1600: 10 % of each, and 1 % of the net.
    assert await totals(tenant) == sorted(
        [
            (first, "1:percent_of_receipts", tenant.sellers[0], 40),
            (first, "2:percent_of_receipts", tenant.sellers[0], 10),
            (second, "1:percent_of_receipts", tenant.sellers[0], 40),
            (second, "2:percent_of_receipts", tenant.sellers[0], 20),
        ],
        key=lambda line: (str(line[0]), line[1]),
    )
    await tenant.consume(tenant.event(first, 2, catalogue.state("610", ALREADY)))
    assert (await totals(tenant))[0][3] + (await totals(tenant))[2][3] == 60  # type: ignore[operator]
    await assert_ledger_is_whole(tenant)


async def test_a_cost_that_comes_later_is_followed(tenant: Tenant, catalogue: Catalogue) -> None:
    await tenant.publish(MARGIN)
    (activity,) = ids(1)
    await tenant.consume(tenant.event(activity, 1, catalogue.state("1220", ALREADY)))
    assert await tenant.entries() == []
    for version, cost in ((1, "600.00"), (2, "650.00")):
        await tenant.consume(catalogue.costs(version, {LAST_MONTH.first_day: cost}))
        await tenant.run_jobs()
    seller = tenant.sellers[0]
    assert await tenant.entries() == [
        ("accrual", seller, "40.00"),
        ("correction", seller, "-5.00"),
    ]
    await tenant.consume(catalogue.vat(2, {LAST_MONTH.first_day: "none"}))
    await tenant.run_jobs()
    assert await tenant.sums() == {seller: "57.00"}
    await assert_ledger_is_whole(tenant)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("measured", [False, True])
async def test_any_order_and_any_batch_give_the_same_ledger(
    tenant: Tenant, seed: int, measured: bool
) -> None:
    """Whatever comes first: the sales, their refunds, what the products cost, the tax."""
    catalogue, order = Catalogue(tenant), random.Random(seed)
    tiered = {
        "kind": "tiered_percent",
        "mode": "retroactive",
        "base": "margin",
        "attainment": {"measure": "margin"},
        "tiers": [{"from": "0", "percent": "5.00"}, {"from": "1200", "percent": "10.00"}],
    }
    await tenant.consume(catalogue.vat(1, GENERAL))
    await tenant.publish(tiered if measured else MARGIN, NET)
    activities = sorted(ids(4))
    facts: list[PublishedEvent] = []
    for number, activity in enumerate(activities):
        day = THIS_MONTH.day(5 + 5 * number)
        shares = {tenant.sellers[0]: "0.3333", tenant.sellers[1]: "0.6667"}
        for version, paid in ((1, "1220"), (2, "1000.01")):
            state = catalogue.state(paid, day, shares=shares if number % 2 else None)
            facts.append(tenant.event(activity, version, state))
    costs = {LAST_MONTH.first_day: "100.00", THIS_MONTH.day(12): "333.33"}
    facts += [catalogue.costs(1, {LAST_MONTH.first_day: "900.00"}), catalogue.costs(2, costs)]
    facts.append(
        catalogue.vat(2, {LAST_MONTH.first_day: "general", THIS_MONTH.day(16): "reduced_5"})
    )
    order.shuffle(facts)
    while facts:
        size = order.randint(1, len(facts))
        await tenant.consume(*facts[:size])
        del facts[:size]
        if order.random() < 0.5:
            await tenant.run_jobs()
    await tenant.run_jobs()
    amounts = [row[3] for row in await totals(tenant)]
    assert sum(amounts) == (EXPECTED_TIERED if measured else EXPECTED_FLAT)  # type: ignore[arg-type]
    await assert_ledger_is_whole(tenant)


async def test_a_closed_month_is_corrected_in_the_open_one(
    tenant: Tenant, catalogue: Catalogue
) -> None:
    await tenant.publish(MARGIN)
    (activity,) = ids(1)
    await tenant.consume(catalogue.costs(1, {LAST_MONTH.first_day: "600.00"}))
    await tenant.consume(tenant.event(activity, 1, catalogue.state("1220", ALREADY)))
    await close(tenant, THIS_MONTH)
    await tenant.consume(catalogue.costs(2, {LAST_MONTH.first_day: "500.00"}))
    await tenant.run_jobs()
    rows = await tenant.query(
        "SELECT period, corrected_period, amount FROM entry ORDER BY entry_id"
    )
    assert [(row["period"], row["corrected_period"], str(row["amount"])) for row in rows] == [
        (THIS_MONTH, None, "40.00"),
        (THIS_MONTH.next, THIS_MONTH, "10.00"),
    ]
    await assert_ledger_is_whole(tenant)


async def test_a_plan_without_the_tax_is_refused(api: TenantApi) -> None:
    catalogue, admin = Catalogue(api.tenant), api.user("admin")
    draft = await api.draft(MARGIN)
    path = f"/plans/{draft['id']}"
    api.owner.owns("company_vat", api.tenant.company)
    api.owner.owns("products_of_company", api.tenant.company)
    status, problem = await admin.send("POST", f"{path}/publish")
    assert (status, problem["errors"][0]["rule"]) == (422, "vat_unknown"), problem
    _, view = await admin.send("GET", path)
    assert "vat_unknown" in [check["code"] for check in view["checks"]]
    vat, product = catalogue.vat(1, GENERAL), catalogue.costs(1, {})
    api.owner.owns("company_vat", api.tenant.company, vat.event)
    await api.publish(product)
    assert (await admin.send("POST", f"{path}/publish"))[0] == 200
    for _ in range(100):
        _, view = await admin.send("GET", path)
        codes = [check["code"] for check in view["checks"]]
        if codes == ["cost_unknown"]:
            break
        await asyncio.sleep(0.1)
    assert codes == ["cost_unknown"]


async def test_a_rename_costs_no_job_and_other_plans_none(
    tenant: Tenant, catalogue: Catalogue
) -> None:
    jobs = "SELECT count(*) AS jobs FROM job WHERE kind = $1"
    await tenant.publish()
    await tenant.consume(catalogue.costs(1, {LAST_MONTH.first_day: "600.00"}))
    assert (await tenant.query(jobs, FOLLOW_CATALOGUE))[0]["jobs"] == 0
    await tenant.publish(MARGIN)
    await tenant.consume(catalogue.costs(2, {LAST_MONTH.first_day: "600.00"}))
    assert (await tenant.query(jobs, FOLLOW_CATALOGUE))[0]["jobs"] == 0
    await tenant.consume(catalogue.costs(3, {LAST_MONTH.first_day: "601.00"}), catalogue.vat(2, {}))
    assert (await tenant.query(jobs, FOLLOW_CATALOGUE))[0]["jobs"] == 1


async def test_sales_and_costs_at_one_moment_miss_nothing(tenant: Tenant) -> None:
    catalogue = Catalogue(tenant)
    await tenant.consume(
        catalogue.vat(1, GENERAL), catalogue.costs(1, {LAST_MONTH.first_day: "100.00"})
    )
    await tenant.publish(MARGIN)
    activities = ids(8)
    await asyncio.gather(
        *(
            tenant.consume(tenant.event(activity, 1, catalogue.state("1220", ALREADY)))
            for activity in activities
        ),
        *(
            tenant.consume(catalogue.costs(version, {LAST_MONTH.first_day: f"{version * 100}.00"}))
            for version in range(2, 6)
        ),
    )
    await tenant.run_jobs()
    assert await tenant.sums() == {tenant.sellers[0]: "400.00"}
    assert await recomputed(tenant) == []


async def test_a_cost_waits_for_who_pays_by_the_one_before(
    tenant: Tenant, catalogue: Catalogue
) -> None:
    await tenant.publish(MARGIN)
    await tenant.consume(catalogue.costs(1, {LAST_MONTH.first_day: "600.00"}))
    (activity,) = ids(1)
    async with tenant.database.begin_for(tenant.id) as tx:
        won = tenant.event(activity, 1, catalogue.state("1220", ALREADY))
        await apply_activity_events(tx, [won])
        changing = asyncio.create_task(
            tenant.consume(catalogue.costs(2, {LAST_MONTH.first_day: "700.00"}))
        )
        await asyncio.sleep(0.3)
        assert not changing.done()
    await changing
    await tenant.run_jobs()
    assert await tenant.sums() == {tenant.sellers[0]: "30.00"}


async def test_what_is_not_known_is_said(tenant: Tenant, catalogue: Catalogue) -> None:
    await tenant.publish(MARGIN)
    (activity,) = ids(1)
    await tenant.consume(tenant.event(activity, 1, catalogue.state("1220", ALREADY)))
    seller = tenant.sellers[0]
    async with tenant.database.begin_for(tenant.id) as tx:
        (why,) = await why_empty(tx, EmptyMonth(seller, THIS_MONTH, None))
        company = await directory.company(tx, tenant.company)
        findings = await find_findings(tx, company, THIS_MONTH, None)
    assert (why["code"], why["wins"]) == ("cost_unknown", 1)
    assert ("cost_unknown", 1) in [(found.code, found.count) for found in findings]


async def test_an_entry_keeps_what_it_was_counted_from(
    tenant: Tenant, catalogue: Catalogue
) -> None:
    await tenant.publish(MARGIN)
    (activity,) = ids(1)
    await tenant.consume(catalogue.costs(1, {LAST_MONTH.first_day: "600.00"}))
    await tenant.consume(tenant.event(activity, 1, catalogue.state("610", ALREADY)))
    (row,) = await tenant.query("SELECT entry_id FROM entry")
    async with tenant.database.begin_for(tenant.id) as tx:
        accrual = await get_accrual(tx, tenant.caller("accountant"), row["entry_id"])
    assert accrual["inputs"]["base"] == "200.00"
    assert accrual["inputs"]["products"] == [
        {
            "category": "goods",
            "amount": "1220.00",
            "receipts": "610.00",
            "vat": "22",
            "cost": "600.00",
        }
    ]
