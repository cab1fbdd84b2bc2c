"""What pay costs by source and by employee: the ledger's own sums, whatever is asked."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.motivation.queries.reports import PAY
from shared.events.activities import ActivityState
from shared.ids import ActivityId, SourceId, new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.test_api_pay import adjustment_of

DAYS = "from=2026-01-01&to=2030-12-31"


async def pay(api: TenantApi, noun: str, query: str = "", **who: Any) -> dict[Any, str]:
    """The amounts by source or employee."""
    user = api.user(*who.pop("roles", ("admin",)), **who)
    path = f"/reports/{noun}?{DAYS}&{query}".rstrip("&")
    response = await user.api.call(user.caller, "GET", path)
    assert response.status == 200, response.body
    sums: dict[Any, Decimal] = {}
    for row in response.body:
        assert row["pay"]["currency"] == "RUB"
        sums[row["key"]] = sums.get(row["key"], Decimal(0)) + Decimal(row["pay"]["amount"])
    return {key: f"{amount:.2f}" for key, amount in sums.items()}


def of_source(state: ActivityState, source: SourceId, **more: Any) -> ActivityState:
    return state.model_copy(update={"source_id": source, **more})


async def test_sums_by_source_are_those_of_the_ledger(api: TenantApi) -> None:
    tenant = api.tenant
    anna = tenant.sellers[0]
    await api.plan()
    site, paper = SourceId(new_id()), SourceId(new_id())
    first, second = ActivityId(new_id()), ActivityId(new_id())
    await api.publish(
        *tenant.directory(),
        tenant.event(first, 1, of_source(tenant.state("1000"), site)),
        tenant.event(second, 1, of_source(tenant.state("333.33"), paper)),
    )
    await api.statement("66.67")
    assert await pay(api, "sources") == {str(site): "50.00", str(paper): "16.67"}
    # A refund is a correction; a corrected source takes the pay along.
    await api.publish(
        tenant.event(first, 2, of_source(tenant.state("400"), site)),
        tenant.event(second, 2, of_source(tenant.state("333.33"), site, first_source_id=paper)),
    )
    await api.statement("36.67")
    assert await pay(api, "sources") == {str(site): "36.67"}
    assert await pay(api, "sources", "by=first_source") == {str(site): "20.00", str(paper): "16.67"}
    body = adjustment_of(tenant)
    assert (await api.user("accountant").send("POST", "/adjustments", body))[0] == 201
    assert await pay(api, "sources") == {str(site): "36.67", None: "-12.34"}
    assert await pay(api, "sellers") == {str(anna): "24.33"}


async def test_who_heads_no_room_sees_their_own_pay_alone(api: TenantApi) -> None:
    tenant = api.tenant
    anna, boris, _ = tenant.sellers
    await api.plan()
    await api.publish(
        *tenant.directory(), tenant.event(ActivityId(new_id()), 1, tenant.state("1000"))
    )
    await api.statement("50.00")
    rooms: Mapping[str, Any] = {"rooms": (tenant.room,)}
    assert await pay(api, "sellers", roles=("seller",), employee=anna, **rooms) == {
        str(anna): "50.00"
    }
    assert await pay(api, "sellers", roles=("seller",), employee=boris, **rooms) == {}
    assert await pay(api, "sellers", roles=("head",), employee=boris, **rooms) == {
        str(anna): "50.00"
    }
    assert await pay(api, "sellers", roles=("head",), employee=boris, rooms=()) == {}


def test_pay_is_found_by_the_months_statements() -> None:
    assert all("statement.period BETWEEN" in statement.sql for statement in PAY.values())
