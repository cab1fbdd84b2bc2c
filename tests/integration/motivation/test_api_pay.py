"""The API of statements, accruals, adjustments and periods."""

from typing import Any

from services.motivation.api.responses import AccrualView, StatementView
from shared.events.directory import EmployeeChanged, RoomChanged
from shared.ids import ActivityId, RoomId, new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.tenant import Tenant

LARGEST = {"amount": "999999999999.99", "currency": "RUB"}


def adjustment_of(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    body = {
        "employee_id": str(tenant.sellers[0]),
        "company_id": str(tenant.company),
        "room_id": str(tenant.room),
        "amount": {"amount": "-12.34", "currency": "RUB"},
        "reason": "Возврат аванса",
    }
    return body | changes


async def test_pay_is_seen_by_its_owner_and_those_responsible_for_it(api: TenantApi) -> None:
    tenant = api.tenant
    anna, boris, _ = tenant.sellers
    await api.plan()
    await api.publish(
        *tenant.directory(), tenant.event(ActivityId(new_id()), 1, tenant.state("1000"))
    )
    entry = (await api.statement("50.00"))["lines"][0]["id"]
    for roles, employee, rooms, status in [
        (("seller",), anna, (tenant.room,), 200),
        (("seller",), boris, (tenant.room,), 404),
        (("head",), boris, (tenant.room,), 200),
        (("head",), boris, (), 404),
        (("marketer",), boris, (), 404),
        (("accountant",), boris, (), 200),
        (("admin",), boris, (), 200),
    ]:
        user = api.user(*roles, employee=employee, rooms=rooms)
        assert (await user.send("GET", f"/statement?employee_id={anna}"))[0] == status, roles
        assert (await user.send("GET", f"/accruals/{entry}"))[0] == status, roles
        own = (await user.send("GET", "/statement"))[1]
        assert own["employee_id"] == str(employee)


async def test_responses_are_what_their_models_describe(api: TenantApi) -> None:
    tenant, accountant = api.tenant, api.user("accountant")
    await api.plan()
    await api.publish(tenant.event(ActivityId(new_id()), 1, tenant.state("1000")))
    statement = await api.statement("50.00")
    assert StatementView.model_validate(statement).model_dump(mode="json") == statement
    for path in (f"/accruals/{statement['lines'][0]['id']}", await _adjustment_path(api)):
        _, accrual = await accountant.send("GET", path)
        assert AccrualView.model_validate(accrual).model_dump(mode="json") == accrual


async def _adjustment_path(api: TenantApi) -> str:
    _, entry = await api.user("accountant").send("POST", "/adjustments", adjustment_of(api.tenant))
    return f"/accruals/{entry['id']}"


async def test_a_month_without_pay_is_an_empty_statement(api: TenantApi) -> None:
    accountant, anna = api.user("accountant"), api.tenant.sellers[0]
    _, empty = await accountant.send("GET", f"/statement?employee_id={anna}&period=2026-01")
    assert (empty["lines"], empty["total"]["amount"], empty["closed_at"]) == ([], "0.00", None)
    text = "No activity was won in this month"
    assert empty["empty_because"] == [{"code": "no_wins", "wins": 0, "text": text}]


async def test_an_unknown_employee_or_a_malformed_period_is_refused(api: TenantApi) -> None:
    accountant = api.user("accountant")
    status, problem = await accountant.send("GET", f"/statement?employee_id={new_id()}")
    assert (status, problem["errors"][0]["field"]) == (404, "employee_id")
    for period in ("2026-13", "2026-1", "now", "%00"):
        assert (await accountant.send("GET", f"/statement?period={period}"))[0] == 422


async def test_an_adjustment_is_posted_once_under_its_key(api: TenantApi) -> None:
    body, accountant = adjustment_of(api.tenant), api.user("accountant")
    once = {"Idempotency-Key": str(new_id())}
    status, entry = await accountant.send("POST", "/adjustments", body, **once)
    assert (status, entry["kind"], entry["amount"]["amount"]) == (201, "adjustment", "-12.34")
    assert entry["reason"] == "Возврат аванса"
    assert (await accountant.send("POST", "/adjustments", body, **once)) == (201, entry)
    await api.statement("-12.34")


async def test_a_malformed_adjustment_is_refused(api: TenantApi) -> None:
    tenant, accountant = api.tenant, api.user("accountant")

    async def status_of(**changes: Any) -> int:
        body = adjustment_of(tenant, **changes)
        return (await accountant.send("POST", "/adjustments", body))[0]

    for reason in ("", "  ", "a\u0000"):
        assert await status_of(reason=reason) == 422
    assert await status_of(amount={"amount": "0", "currency": "RUB"}) == 422
    assert await status_of(amount={"amount": "1", "currency": "EUR"}) == 422
    assert await status_of(amount=LARGEST, period="2026-01") == 201
    assert await status_of(amount=LARGEST, period="2026-01") == 201
    assert await status_of(amount={"amount": "1000000000000.00", "currency": "RUB"}) == 422
    for field in ("employee_id", "company_id", "room_id"):
        body = adjustment_of(tenant, **{field: str(new_id())})
        status, problem = await accountant.send("POST", "/adjustments", body)
        assert (status, problem["errors"][0]["field"]) == (404, field)
    seller = api.user("seller", rooms=(tenant.room,))
    assert (await seller.send("POST", "/adjustments", adjustment_of(tenant)))[0] == 403


async def test_a_head_sees_what_was_earned_in_the_rooms_that_they_head(api: TenantApi) -> None:
    tenant, elsewhere = api.tenant, RoomId(new_id())
    anna = tenant.sellers[0]
    other_room = RoomChanged(room_id=elsewhere, name="B", company_ids=[tenant.company])
    moved = EmployeeChanged(
        employee_id=anna,
        roles=["seller"],
        room_ids=[elsewhere],
        personnel_number="001",
        active=True,
    )
    await api.plan()
    await api.publish(
        *tenant.directory(),
        tenant.published(other_room, elsewhere, 1),
        tenant.event(ActivityId(new_id()), 1, tenant.state("1000")),
    )
    (line,) = (await api.statement("50.00"))["lines"]
    await api.publish(tenant.published(moved, anna, 2))
    there = adjustment_of(tenant, room_id=str(elsewhere))
    _, adjustment = await api.user("accountant").send("POST", "/adjustments", there)
    path = f"/statement?employee_id={anna}"
    for rooms, seen, total in (
        ((tenant.room,), line, "50.00"),
        ((elsewhere,), adjustment, "-12.34"),
    ):
        head = api.user("head", rooms=rooms)
        status, statement = await head.send("GET", path)
        assert (status, statement["room_ids"]) == (200, [str(room) for room in rooms])
        assert [entry["id"] for entry in statement["lines"]] == [seen["id"]]
        assert statement["total"]["amount"] == total
        for entry in (line, adjustment):
            expected = 200 if entry is seen else 404
            assert (await head.send("GET", f"/accruals/{entry['id']}"))[0] == expected
    both = (tenant.room, elsewhere)
    for headed, status in (((tenant.room,), 200), ((), 404)):
        user = api.user("head", "seller", rooms=both, headed=headed)
        assert (await user.send("GET", path))[0] == status
    stranger = api.user("head", rooms=(RoomId(new_id()),))
    assert (await stranger.send("GET", path))[0] == 404
    own = (await api.user("seller", employee=anna, rooms=(elsewhere,)).send("GET", path))[1]
    assert (own["total"]["amount"], own["room_ids"]) == ("37.66", None)
