"""Reports: joined from activities and motivation, and what they are without motivation."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.gateway.api.report_responses import FunnelReport, SellersReport, SourcesReport
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.money import rub

PATH = "/api/v1/reports"
DAYS = "from=2026-11-01&to=2026-11-30"
COUNTS = {
    "requests": 5,
    "outside": 1,
    "requests_won": 1,
    "taken": 4,
    "won": 2,
    "lost": 1,
    "lost_outside": 1,
}
USD = {"amount": "7.00", "currency": "USD"}


def activities_say(services: StubServices, noun: str, key: UUID, **sums: Any) -> None:
    name: dict[str, Any] = {
        "id": str(key),
        "name": "Сайт",
        "channel": "site",
        "campaign": None,
        "kind": "inbound",
    }
    if noun == "sellers":
        name = {"id": str(key), "name": "Анна", "active": True}
    row = {"key": str(key), "period": 0, **COUNTS, **sums}
    services.on(f"activities GET {PATH}/{noun}", 200, {"rows": [row], "names": [name]})


def motivation_says(services: StubServices, noun: str, *pay: tuple[UUID | None, Any]) -> None:
    rows = [{"key": key and str(key), "period": 0, "pay": money} for key, money in pay]
    services.on(f"motivation GET {PATH}/{noun}", 200, rows)


async def test_sources_are_joined_with_pay_and_have_their_ratios(
    tenant: Tenant, services: StubServices
) -> None:
    source = uuid4()
    sums = {"receipts": [rub(900), USD], "refunds": [rub(100)], "cost": [rub(300)]}
    activities_say(services, "sources", source, **sums)
    motivation_says(services, "sources", (source, rub(30)), (None, rub(5)))
    status, seen, _ = await tenant.call("GET", f"{PATH}/sources?{DAYS}")
    assert status == 200
    SourcesReport.model_validate(seen)
    first, bonus = seen["rows"]
    assert (first["source"]["name"], bonus["source"]) == ("Сайт", None)
    assert first["period"] == {"first_on": "2026-11-01", "last_on": "2026-11-30"}
    assert (first["conversion"], first["outside_conversion"]) == ("0.2500", 1)
    assert (first["cpl"], first["cost_per_won"]) == ([rub(60)], [rub(150)])
    assert first["motivation_cost"] == [rub(30)]
    usd = {"currency": "USD", "value": None}
    assert first["romi"] == [{"currency": "RUB", "value": "2.0000"}, usd]
    assert first["romi_after_pay"] == [{"currency": "RUB", "value": "1.9000"}, usd]
    assert (bonus["cpl"], bonus["cost_per_won"], bonus["conversion"]) == (None, None, None)
    assert seen["total"]["motivation_cost"] == [rub(35)]
    assert seen["total"]["requests"] == 5
    assert seen["axes"]["receipts"] == "paid_on"
    assert seen["missing"] == []


async def test_without_motivation_its_figures_are_missing(
    tenant: Tenant, services: StubServices
) -> None:
    activities_say(services, "sources", uuid4(), receipts=[], refunds=[], cost=[])
    services.on(f"motivation GET {PATH}/sources", 503, {"code": "unavailable"})
    _, seen, _ = await tenant.call("GET", f"{PATH}/sources?{DAYS}")
    assert seen["missing"] == ["motivation_cost"]
    for figures in (seen["rows"][0], seen["total"]):
        assert (figures["motivation_cost"], figures["romi_after_pay"]) == (None, None)


async def test_sellers_are_joined_with_their_pay(tenant: Tenant, services: StubServices) -> None:
    anna, former = uuid4(), uuid4()
    activities_say(services, "sellers", anna, receipts=[rub(900)], refunds=[])
    motivation_says(services, "sellers", (anna, rub(30)), (former, rub(4)))
    _, seen, _ = await tenant.call("GET", f"{PATH}/sellers?{DAYS}&group=month")
    first, second = sorted(seen["rows"], key=lambda row: row["taken"], reverse=True)
    assert first["seller"] == {"id": str(anna), "name": "Анна", "active": True}
    assert (first["conversion"], first["motivation_cost"]) == ("1.0000", [rub(30)])
    assert (second["seller"]["id"], second["motivation_cost"]) == (str(former), [rub(4)])
    assert seen["total"]["motivation_cost"] == [rub(34)]
    SellersReport.model_validate(seen)


async def test_the_funnel_adds_up_its_periods(tenant: Tenant, services: StubServices) -> None:
    counts = {"requests": 4, "outside": 1, "taken": 3, "won": 1, "lost": 2}
    periods = [{**counts, "open": {"new": 1}}, {**counts, "open": {"new": 1, "paid": 2}}]
    services.on(f"activities GET {PATH}/funnel", 200, {"periods": periods})
    path = f"{PATH}/funnel?from=2026-11-29&to=2026-11-30&group=day"
    _, seen, _ = await tenant.call("GET", path)
    FunnelReport.model_validate(seen)
    assert [row["conversion"] for row in seen["rows"]] == ["0.3333", "0.3333"]
    assert seen["total"]["open"] == {"new": 2, "paid": 2}
    assert (seen["total"]["requests"], seen["total"]["taken_share"]) == (8, "0.7500")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("to=2026-11-30", "from"),
        ("from=2026-11-01", "to"),
        ("from=1.11.2026&to=2026-11-30", "from"),
        (f"{DAYS}&group=year", "group"),
        (f"{DAYS}&by=first", "by"),
        (f"{DAYS}&room_id=5", "room_id"),
        (f"{DAYS}&colour=red", "colour"),
    ],
)
async def test_a_bad_query_names_its_field(tenant: Tenant, query: str, field: str) -> None:
    status, refused, _ = await tenant.call("GET", f"{PATH}/sources?{query}")
    assert (status, refused["errors"][0]["field"]) == (422, field)


async def test_the_refusal_of_activities_is_the_answer(
    tenant: Tenant, services: StubServices
) -> None:
    services.on(f"activities GET {PATH}/sources", 404, {"code": "not_found"})
    motivation_says(services, "sources")
    status, refused, _ = await tenant.call("GET", f"{PATH}/sources?{DAYS}&room_id={uuid4()}")
    assert (status, refused["code"]) == (404, "not_found")
    sent = services.received(f"{PATH}/sources")[-1]
    assert "from=2026-11-01" in sent.query


async def test_reports_are_for_those_whom_figures_concern(
    tenant: Tenant, services: StubServices
) -> None:
    for noun in ("sources", "sellers"):
        activities_say(services, noun, uuid4(), receipts=[], refunds=[], cost=[])
        motivation_says(services, noun)
    empty = {"requests": 0, "outside": 0, "taken": 0, "won": 0, "lost": 0, "open": {}}
    services.on(f"activities GET {PATH}/funnel", 200, {"periods": [empty]})
    for role, allowed in (
        ("marketer", {"sources", "funnel"}),
        ("seller", {"sellers"}),
        ("head", {"sources", "funnel", "sellers"}),
        ("accountant", {"sources", "funnel", "sellers"}),
    ):
        _, token = await tenant.employee(roles=[role], room_ids=[str(uuid4())])
        for noun in ("sources", "funnel", "sellers"):
            status, _, _ = await tenant.call("GET", f"{PATH}/{noun}?{DAYS}", token)
            assert status == (200 if noun in allowed else 403), (role, noun)
