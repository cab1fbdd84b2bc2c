"""Reports agree with the ledger and with activities to the kopeck, whoever asks for them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio

from shared.clock import local_day
from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient, User
from tests.support.money import rub
from tests.support.wait import eventually


def query() -> str:
    today = local_day(datetime.now(UTC), "Europe/Moscow")
    return f"from={today - timedelta(days=1)}&to={today + timedelta(days=1)}"


async def report(user: User, noun: str, more: str = "") -> Any:
    return await user.see(f"/reports/{noun}?{query()}{more}")


@pytest_asyncio.fixture(scope="module")
async def office(gateway: ApiClient, product: Product) -> Office:
    """Of this module alone: every activity of the tenant is counted."""
    office = await open_office(gateway, product.operator_key)
    await office.publish_plan([{"kind": "percent_of_receipts", "percent": "5.00"}])
    return office


def amounts(money: list[dict[str, str]]) -> dict[str, Decimal]:
    return {one["currency"]: Decimal(one["amount"]) for one in money}


async def ledger(office: Office) -> Decimal:
    """What the sellers' own pay statements come to."""
    people = (office.anna, office.boris, office.vera)
    seen = [await person.see("/motivation/statement") for person in people]
    return sum((Decimal(one["total"]["amount"]) for one in seen), Decimal(0))


async def test_reports_agree_with_activities_and_the_ledger(office: Office) -> None:
    first = await office.win(office.anna, "odd", source="inbound")
    await office.win(office.anna, "plain")
    await office.win(office.boris, "odd", "plain", source="inbound")
    refund = {"amount": rub("33.33"), "reason": "Брак"}
    await office.accountant.do(f"/activities/{first['id']}/refunds", refund)
    bonus = {
        "employee_id": office.anna.id,
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "amount": rub("12.34"),
        "reason": "Премия",
    }
    await office.accountant.do("/motivation/adjustments", bonus)
    lost = await office.register()
    await office.anna.do(f"/activities/{lost['id']}/lose", {"reason": "Дорого"})
    marketer = office.people["marketer"]
    costs = f"/sources/{office.sources['inbound']}/costs"
    today = local_day(datetime.now(UTC), "Europe/Moscow").isoformat()
    await marketer.do(costs, {"amount": rub("1000.00"), "first_on": today})
    corrected = {"source_id": office.sources["inbound"], "reason": "Ошиблись"}
    await office.head.do(f"/activities/{lost['id']}/source", corrected)

    # 5 % of what was received: 15.00, 50.00, 66.67; and the bonus.
    expected = Decimal("144.01")

    async def settled() -> bool:
        paid = (await report(marketer, "sources"))["total"]["motivation_cost"]
        return amounts(paid) == {"RUB": expected}

    await eventually(settled)
    assert await ledger(office) == expected
    sources = await report(marketer, "sources")
    by_source = {row["source"] and row["source"]["id"]: row for row in sources["rows"]}
    site, cold = (by_source[office.sources[kind]] for kind in ("inbound", "cold"))
    assert amounts(site["receipts"]) == {"RUB": Decimal("1633.33")}
    assert amounts(cold["receipts"]) == {"RUB": Decimal("1000.00")}
    assert amounts(site["refunds"]) == {"RUB": Decimal("33.33")}
    assert amounts(site["motivation_cost"]) == {"RUB": Decimal("81.67")}
    assert amounts(by_source[None]["motivation_cost"]) == {"RUB": Decimal("12.34")}
    assert (site["requests"], site["requests_won"], site["conversion"]) == (3, 2, "0.6667")
    assert amounts(site["cpl"]) == {"RUB": Decimal("333.33")}
    assert amounts(site["cost_per_won"]) == {"RUB": Decimal("500.00")}
    assert site["romi"] == [{"currency": "RUB", "value": "0.6333"}]
    first_sources = (await report(marketer, "sources", "&by=first_source"))["rows"]
    counted = {row["source"] and row["source"]["kind"]: row["requests"] for row in first_sources}
    assert (counted["inbound"], counted["cold"]) == (2, 2)

    sellers = await report(office.accountant, "sellers")
    assert amounts(sellers["total"]["motivation_cost"]) == {"RUB": expected}
    assert amounts(sellers["total"]["receipts"]) == {"RUB": Decimal("2633.33")}
    own = (await report(office.boris, "sellers"))["rows"]
    assert [row["seller"]["id"] for row in own] == [office.boris.id]
    statement = await office.boris.see("/motivation/statement")
    assert own[0]["motivation_cost"] == [statement["total"]]

    funnel = (await report(office.head, "funnel"))["total"]
    assert (funnel["requests"], funnel["won"], funnel["lost"]) == (4, 3, 1)
    elsewhere = f"&room_id={office.rooms['back']}"
    refused = await office.head.call("GET", f"/reports/funnel?{query()}{elsewhere}")
    assert refused.status == 404
    marked = await marketer.call("GET", f"/activities/{lost['id']}")
    assert marked.status == 403
