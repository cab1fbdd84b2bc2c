"""A won activity without pay is stored with its cause, shown, and paid when the cause is gone."""

from typing import Any

from services.motivation.queries.unpaid import UnpaidFilters, list_wins_without_pay
from services.motivation.timers import count_wins_without_pay
from shared.events import PublishedEvent
from shared.events.activities import ActivityState
from shared.events.directory import CompanyChanged
from shared.ids import new_id
from shared.money import LARGEST, LARGEST_SUM, MoneySum
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.checks import assert_ledger_is_whole, recomputed
from tests.integration.motivation.tenant import PERCENT, Tenant, ids
from tests.support.months import LAST_MONTH

WHOLE = {"kind": "percent_of_receipts", "percent": "100.00"}
HUGE = MoneySum(amount=LARGEST_SUM, currency="RUB")
"""Twice as much is more than any sum may be."""


async def listed(tenant: Tenant, **filters: Any) -> list[tuple[Any, str, str | None]]:
    """Activity, cause and code of each win without pay."""
    async with tenant.database.begin_for(tenant.id) as tx:
        page = await list_wins_without_pay(tx, UnpaidFilters(**filters), None, 50)
    return [(item["activity_id"], item["cause"], item["code"]) for item in page["items"]]


def huge(tenant: Tenant) -> ActivityState:
    return tenant.state(HUGE)


def company(tenant: Tenant, time_zone: str, version: int) -> PublishedEvent:
    event = CompanyChanged(
        company_id=tenant.company, name="Ромашка", time_zone=time_zone, currency="RUB"
    )
    return tenant.published(event, tenant.company, version)


async def test_sums_above_the_limit_of_an_input_are_paid(tenant: Tenant) -> None:
    await tenant.publish(WHOLE)
    largest = MoneySum(amount=LARGEST, currency="RUB")
    first, second, third = ids(3)
    await tenant.consume(tenant.event(first, 1, tenant.state(largest)))
    await tenant.consume(tenant.event(second, 1, tenant.state(largest)))
    double = MoneySum(amount=2 * LARGEST, currency="RUB")
    await tenant.consume(tenant.event(third, 1, tenant.state(double)))
    assert await tenant.sums() == {tenant.sellers[0]: str(4 * LARGEST)}
    await assert_ledger_is_whole(tenant)
    assert await listed(tenant) == []


async def test_a_refused_win_keeps_nobody_from_their_pay(tenant: Tenant) -> None:
    await tenant.publish(WHOLE)
    first, refused, third = ids(3)
    await tenant.consume(
        tenant.event(first, 1, huge(tenant)),
        tenant.event(refused, 1, huge(tenant)),
        tenant.event(third, 1, tenant.state("7", shares={tenant.sellers[1]: "1"})),
    )
    assert await tenant.sums() == {
        tenant.sellers[0]: str(LARGEST_SUM),
        tenant.sellers[1]: "7.00",
    }
    assert await listed(tenant) == [(refused, "refused", "invalid")]


async def test_a_refused_win_is_paid_by_its_next_event(tenant: Tenant) -> None:
    await tenant.publish(WHOLE)
    first, refused = ids(2)
    await tenant.consume(tenant.event(first, 1, huge(tenant)))
    await tenant.consume(tenant.event(refused, 1, huge(tenant)))
    assert [cause for _, cause, _ in await listed(tenant)] == ["refused"]
    await tenant.consume(tenant.event(first, 2, tenant.state("10")))
    await tenant.consume(tenant.event(refused, 2, tenant.state("5")))
    assert await tenant.sums() == {tenant.sellers[0]: "15.00"}
    assert await listed(tenant) == []
    await assert_ledger_is_whole(tenant)


async def test_a_waiting_win_that_is_refused_stands_in_the_jobs_report(tenant: Tenant) -> None:
    wins = ids(5)
    for activity in wins[:3]:
        await tenant.consume(tenant.event(activity, 1, tenant.state("10")))
    for activity in wins[3:]:
        await tenant.consume(tenant.event(activity, 1, huge(tenant)))
    assert {cause for _, cause, _ in await listed(tenant)} == {"no_plan"}
    await tenant.publish(WHOLE)
    (job,) = await tenant.query("SELECT state, done, refused FROM job")
    assert (job["state"], job["done"]) == ("succeeded", 5)
    # Beside one huge win there is no room for another; which of them has it is not said.
    refused = await listed(tenant)
    assert {cause for _, cause, _ in refused} == {"refused"}
    assert job["refused"] == len(refused) >= 1
    elements = await tenant.query("SELECT element FROM job_refusal")
    assert {row["element"] for row in elements} == {str(activity) for activity, _, _ in refused}
    paid = await tenant.query("SELECT count(DISTINCT activity_id) AS paid FROM entry")
    assert paid[0]["paid"] == 5 - len(refused)


async def test_causes_are_read_off_the_plans(tenant: Tenant) -> None:
    uncovered, nobody, nothing = ids(3)
    await tenant.publish({**PERCENT, "sale": "repeat"})
    early = LAST_MONTH.begins
    await tenant.consume(
        tenant.event(uncovered, 1, tenant.state("10", won_at=early)),
        tenant.event(nobody, 1, tenant.state("10", responsible_id=None)),
        tenant.event(nothing, 1, tenant.state("10")),
    )
    causes = {activity: cause for activity, cause, _ in await listed(tenant)}
    assert causes == {uncovered: "no_plan", nobody: "nobody_responsible", nothing: "pays_nothing"}
    assert await listed(tenant, room_id=new_id()) == []
    assert len(await listed(tenant, company_id=tenant.company)) == 3


async def test_a_changed_time_zone_pays_what_waited_for_it(tenant: Tenant) -> None:
    await tenant.publish(WHOLE)
    await tenant.consume(company(tenant, "Mars/Olympus_Mons", 2))
    (activity,) = ids(1)
    await tenant.consume(tenant.event(activity, 1, tenant.state("10")))
    assert await listed(tenant) == [(activity, "unknown_time_zone", None)]
    assert await tenant.entries() == []
    assert await recomputed(tenant) == []
    await tenant.consume(company(tenant, "Europe/Moscow", 3))
    await tenant.run_jobs()
    assert await tenant.sums() == {tenant.sellers[0]: "10.00"}
    assert await listed(tenant) == []


async def test_the_operator_sees_how_many_by_cause(tenant: Tenant) -> None:
    gauge = tenant.context.metrics.wins_without_pay
    await count_wins_without_pay(tenant.context)
    before = {cause: gauge.labels(cause)._value.get() for cause in ("refused", "not_accrued")}
    await tenant.publish(WHOLE)
    first, refused, uncovered = ids(3)
    early = LAST_MONTH.begins
    for activity, state in (
        (first, huge(tenant)),
        (refused, huge(tenant)),
        (uncovered, tenant.state("1", won_at=early)),
    ):
        await tenant.consume(tenant.event(activity, 1, state))
    await count_wins_without_pay(tenant.context)
    after = {cause: gauge.labels(cause)._value.get() for cause in before}
    assert {cause: after[cause] - before[cause] for cause in before} == {
        "refused": 1,
        "not_accrued": 1,
    }


async def test_a_page_follows_its_cursor_and_stays_in_the_tenant(api: TenantApi) -> None:
    tenant, accountant = api.tenant, api.user("accountant")
    wins = ids(3)
    await api.publish(
        *tenant.directory(), *(tenant.event(id_, 1, tenant.state("10")) for id_ in wins)
    )
    await api.consumed(activities=3)
    _, first = await accountant.send("GET", "/wins-without-pay?limit=2")
    _, second = await accountant.send(
        "GET", f"/wins-without-pay?limit=2&cursor={first['next_cursor']}"
    )
    shown = [item["activity_id"] for item in first["items"] + second["items"]]
    assert shown == sorted(map(str, wins), reverse=True)
    assert second["next_cursor"] is None
    assert {item["cause"] for item in first["items"]} == {"no_plan"}
    assert first["items"][0]["receipts"] == {"amount": "10.00", "currency": "RUB"}
    assert (await accountant.send("GET", "/wins-without-pay?cursor=x"))[0] == 422


async def test_only_who_pays_sees_wins_without_pay(api: TenantApi) -> None:
    for role, status in (("accountant", 200), ("admin", 200), ("head", 403), ("seller", 403)):
        user = api.user(role, rooms=(api.tenant.room,))
        assert (await user.send("GET", "/wins-without-pay"))[0] == status, role
        expected = 202 if status == 200 else 403
        assert (await user.send("POST", "/wins-without-pay/accrue"))[0] == expected, role


async def test_publishing_answers_for_publishing_alone(api: TenantApi) -> None:
    tenant, admin = api.tenant, api.user("admin")
    await api.publish(*tenant.directory(), *(tenant.event(id_, 1, huge(tenant)) for id_ in ids(2)))
    await api.consumed(activities=2)
    plan = await api.plan(WHOLE)
    assert plan["status"] == "published"
    _, page = await admin.send("GET", "/wins-without-pay")
    assert [(item["cause"], item["code"]) for item in page["items"]] == [("refused", "invalid")]
    assert "statement_total.amount" in page["items"][0]["detail"]
    await api.statement(str(LARGEST_SUM))
