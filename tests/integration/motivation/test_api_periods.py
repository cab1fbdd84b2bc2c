"""The API of a company's months: their state, what stands in the way of closing, closing."""

from typing import Any

from services.motivation.api.period_responses import PeriodStateView
from shared.ids import new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.tenant import ids
from tests.integration.motivation.test_api_pay import adjustment_of
from tests.support.months import THIS_MONTH

EARLY = {"reason": "Ревизия", "accept": ["negative_totals"]}


def path_of(api: TenantApi, action: str = "/close", period: str = THIS_MONTH) -> str:
    return f"/periods/{period}{action}?company_id={api.tenant.company}"


async def test_an_admin_closes_the_running_month_with_a_reason(api: TenantApi) -> None:
    tenant, accountant, admin = api.tenant, api.user("accountant"), api.user("admin")
    api.owner.had_month(tenant.company, THIS_MONTH, {})
    assert (await accountant.send("POST", "/adjustments", adjustment_of(tenant)))[0] == 201
    open_statement = await api.statement("-12.34")
    head = api.user("head", rooms=(tenant.room,))
    for user, body, expected in (
        (head, EARLY, (403, "forbidden")),
        (accountant, None, (409, "period_not_finished")),
        (accountant, EARLY, (403, "forbidden")),
        (admin, {}, (409, "period_not_finished")),
        (admin, {"reason": " "}, (422, "invalid")),
        (admin, {"reason": "Ревизия"}, (409, "period_not_ready")),
    ):
        status, problem = await user.send("POST", path_of(api), body)
        assert (status, problem["code"]) == expected
    assert problem["warnings"] == ["negative_totals"]
    status, closed = await admin.send("POST", path_of(api), EARLY)
    assert (status, closed["statements"], closed["lines"]) == (200, 1, 1)
    assert closed["totals"] == [{"amount": "-12.34", "currency": "RUB"}]
    status, problem = await admin.send("POST", path_of(api), EARLY)
    assert (status, problem["code"]) == (409, "period_closed")
    late = adjustment_of(tenant, period=THIS_MONTH)
    status, problem = await accountant.send("POST", "/adjustments", late)
    assert (status, problem["code"]) == (409, "period_closed")
    closed_statement = await api.statement("-12.34")
    assert closed_statement["closed_at"] == closed["closed_at"]
    events = await api.published(2)
    assert events[1]["type"] == "statement.closed"
    assert events[1]["value"]["checksum"] == open_statement["checksum"]


async def test_a_repeated_closing_has_its_first_response(api: TenantApi) -> None:
    accountant, once = api.user("accountant"), {"Idempotency-Key": str(new_id())}
    api.owner.had_month(api.tenant.company, "2026-01", {})
    first = await accountant.send("POST", path_of(api, period="2026-01"), **once)
    assert first[0] == 200
    assert await accountant.send("POST", path_of(api, period="2026-01"), **once) == first


async def test_a_month_of_the_future_or_of_an_unknown_company_stays_open(api: TenantApi) -> None:
    accountant = api.user("accountant")
    for action, method in (("/close", "POST"), ("", "GET")):
        future = path_of(api, action, "2099-01")
        assert (await accountant.send(method, future))[0] == 422
        unknown = f"/periods/2026-01{action}?company_id={new_id()}"
        assert (await accountant.send(method, unknown))[0] == 404
        assert (await accountant.send(method, path_of(api, action, "2026-13")))[0] == 422
    status, problem = await accountant.send(
        "POST", path_of(api, period="2026-01"), {"accept": ["everything"]}
    )
    assert (status, problem["errors"][0]["field"]) == (422, "accept.0")
    assert (await accountant.send("GET", f"/periods?company_id={new_id()}"))[0] == 404


async def test_the_state_of_a_month_says_what_blocks_and_what_warns(api: TenantApi) -> None:
    tenant, accountant = api.tenant, api.user("accountant")
    consumed, lost = ids(2)
    api.owner.had_month(tenant.company, THIS_MONTH, {consumed: 1, lost: 4}, ["17.50"])
    await accountant.send("POST", "/adjustments", adjustment_of(tenant))
    await api.publish(*tenant.directory(), tenant.event(consumed, 1, tenant.state("1000")))
    await api.consumed(1)
    status, state = await accountant.send("GET", path_of(api, ""))
    assert status == 200
    assert PeriodStateView.model_validate(state).model_dump(mode="json") == state
    assert (state["state"], state["finished"], state["earlier_open"]) == ("open", False, None)
    assert (state["statements"], state["lines"]) == (1, 1)
    findings = {finding["code"]: finding for finding in state["findings"]}
    assert [(code, finding["severity"]) for code, finding in findings.items()] == [
        ("events_behind", "blocks"),
        ("wins_without_plan", "warns"),
        ("claimed_money", "warns"),
        ("negative_totals", "warns"),
    ]
    assert findings["claimed_money"]["totals"] == [{"amount": "17.50", "currency": "RUB"}]
    negative = findings["negative_totals"]
    assert negative["employee_ids"] == [str(tenant.sellers[0])]
    assert negative["totals"] == [{"amount": "-12.34", "currency": "RUB"}]


async def test_a_month_that_cannot_be_compared_is_shown_and_stays_open(api: TenantApi) -> None:
    accountant = api.user("accountant")
    _, state = await accountant.send("GET", path_of(api, "", "2026-02"))
    assert [finding["code"] for finding in state["findings"]] == ["activities_unavailable"]
    status, problem = await accountant.send("POST", path_of(api, period="2026-02"))
    assert (status, problem["blocks"]) == (409, ["activities_unavailable"])


async def test_the_months_of_a_company_are_listed_newest_first(api: TenantApi) -> None:
    tenant, accountant = api.tenant, api.user("accountant")
    for period in ("2026-01", "2026-02", "2026-03"):
        api.owner.had_month(tenant.company, period, {})
        body = adjustment_of(tenant, period=period, amount={"amount": "1.00", "currency": "RUB"})
        assert (await accountant.send("POST", "/adjustments", body))[0] == 201
    assert (await accountant.send("POST", path_of(api, period="2026-01")))[0] == 200
    seen: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        query = f"company_id={tenant.company}&limit=2{cursor and f'&cursor={cursor}'}"
        status, page = await accountant.send("GET", f"/periods?{query}")
        assert status == 200
        seen, cursor = seen + page["items"], page["next_cursor"]
    assert [(item["period"], item["state"]) for item in seen] == [
        ("2026-03", "open"),
        ("2026-02", "open"),
        ("2026-01", "closed"),
    ]
    assert {item["totals"][0]["amount"] for item in seen} == {"1.00"}
    head = api.user("head", rooms=(tenant.room,))
    assert (await head.send("GET", f"/periods?company_id={tenant.company}"))[0] == 403
