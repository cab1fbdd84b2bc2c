"""A plan on a past month, and an employee's progress in one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.motivation.api.progress import ProgressView
from services.motivation.api.responses import PlanPreviewView
from shared.ids import ActivityId, EmployeeId, new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.checks import close
from tests.integration.motivation.tenant import PERCENT, WON_AT
from tests.support.money import roubles, rub
from tests.support.months import LAST_MONTH, TWO_MONTHS_AGO

TIERED = {
    "kind": "tiered_percent",
    "tiers": [{"from": "0.00", "percent": "3.00"}, {"from": "100.00", "percent": "7.00"}],
    "attainment": {"unit": "percent_of_target"},
    "threshold": "10.00",
}


async def win(
    api: TenantApi, paid: str, seller: EmployeeId | None = None, at: datetime = LAST_MONTH.at(20)
) -> ActivityId:
    tenant, id_ = api.tenant, ActivityId(new_id())
    state = tenant.state(
        paid, won_at=at, won_on=at.date(), responsible_id=seller or tenant.sellers[0]
    )
    await tenant.consume(tenant.event(id_, 1, state))
    return id_


async def settle_in(api: TenantApi) -> None:
    """A tenant whose directory is here, and a plan in force since the month before."""
    await api.tenant.consume(*api.tenant.directory())
    await api.tenant.publish(PERCENT, since=LAST_MONTH.begins)


async def set_target(api: TenantApi, value: str, period: str = LAST_MONTH) -> None:
    body = {
        "company_id": str(api.tenant.company),
        "room_id": str(api.tenant.room),
        "period": period,
        "employee_id": str(api.tenant.sellers[0]),
        "value": value,
    }
    head = api.user("head", rooms=(api.tenant.room,))
    status, view = await head.send("PUT", "/targets", body)
    assert status == 200, view


async def preview(api: TenantApi, plan: dict[str, Any], query: str = "") -> Any:
    head = api.user("head", rooms=(api.tenant.room,))
    status, view = await head.send("GET", f"/plans/{plan['id']}/preview{query}")
    assert status == 200, view
    assert PlanPreviewView.model_validate(view)
    return view


async def test_a_draft_is_tried_on_the_last_month_beside_what_was_posted(api: TenantApi) -> None:
    await settle_in(api)
    anna, boris, _ = api.tenant.sellers
    await win(api, "1000.00")
    await win(api, "400.00", boris)
    await win(api, "100.00", at=WON_AT)
    draft = await api.draft(TIERED, {"kind": "cap", "amount": rub("45.00")})
    view = await preview(api, draft)
    assert view["missing_targets"] == [
        {"employee_id": str(id_), "measure": "receipts"} for id_ in sorted([anna, boris], key=str)
    ]
    assert (view["period"], view["earned"], view["posted"]) == (
        LAST_MONTH,
        rub("0.00"),
        rub("70.00"),
    )
    await set_target(api, "500.00")
    view = await preview(api, draft, f"?period={LAST_MONTH}")
    by_employee = {row["employee_id"]: row for row in view["employees"]}
    assert by_employee[str(anna)] == {
        "employee_id": str(anna),
        "earned": rub("45.00"),  # 15 and 35, above the cap
        "posted": rub("50.00"),
        "difference": rub("-5.00"),
    }
    assert by_employee[str(boris)]["earned"] == rub("0.00")


async def test_a_preview_is_of_the_last_closed_month(api: TenantApi) -> None:
    await settle_in(api)
    await win(api, "1000.00", at=TWO_MONTHS_AGO.at(10, 0))
    await close(api.tenant, TWO_MONTHS_AGO)
    draft = await api.draft({**PERCENT, "percent": "1.00"})
    view = await preview(api, draft)
    assert (view["period"], view["earned"], view["posted"]) == (
        TWO_MONTHS_AGO,
        rub("10.00"),
        rub("0.00"),
    )


async def test_a_preview_is_for_who_heads_the_room(api: TenantApi) -> None:
    draft, room = await api.draft(), api.tenant.room
    path = f"/plans/{draft['id']}/preview"
    assert (await api.user("seller", rooms=(room,)).send("GET", path))[0] == 403
    assert (await api.user("head", "seller", rooms=(room,), headed=()).send("GET", path))[0] == 404
    status, problem = await api.user("admin").send("GET", f"{path}?period=2099-01")
    assert (status, problem["errors"][0]["rule"]) == (422, "ended")


def progress_path(api: TenantApi, query: str = "") -> str:
    return f"/progress?company_id={api.tenant.company}&room_id={api.tenant.room}{query}"


async def test_progress_names_what_is_earned_and_what_open_deals_would_bring(
    api: TenantApi,
) -> None:
    await settle_in(api)
    tenant, anna = (
        api.tenant,
        api.user("seller", employee=api.tenant.sellers[0], rooms=(api.tenant.room,)),
    )
    await win(api, "1000.00", at=datetime.now(UTC))
    open_deal, foreign = ActivityId(new_id()), ActivityId(new_id())
    of_others = tenant.state("0", "in_work", responsible_id=tenant.sellers[1])
    await tenant.consume(
        tenant.event(open_deal, 1, tenant.state("0", "in_work", agreed=roubles("600"))),
        tenant.event(foreign, 1, of_others),
    )
    status, view = await anna.send("GET", progress_path(api, f"&activity_id={open_deal}"))
    assert status == 200, view
    assert ProgressView.model_validate(view)
    assert (view["earned"], view["expected"], view["rules"]) == (rub("50.00"), rub("30.00"), [])
    assert (await anna.send("GET", progress_path(api)))[1]["expected"] is None
    for unknown in (foreign, new_id()):
        status, problem = await anna.send("GET", progress_path(api, f"&activity_id={unknown}"))
        assert (status, problem["errors"][0]["field"]) == (404, "activity_id")


@pytest.mark.parametrize(
    ("roles", "in_room", "own", "status"),
    [
        (("seller",), True, True, 200),
        (("seller",), True, False, 404),
        (("seller",), False, True, 404),
        (("head",), True, False, 200),
        (("accountant",), False, False, 200),
        (("marketer",), False, True, 403),
    ],
)
async def test_progress_is_seen_by_oneself_and_who_heads_the_room(
    api: TenantApi, roles: tuple[str, ...], in_room: bool, own: bool, status: int
) -> None:
    await api.tenant.consume(*api.tenant.directory())
    anna = api.tenant.sellers[0]
    user = api.user(
        *roles, employee=anna if own else None, rooms=(api.tenant.room,) if in_room else ()
    )
    assert (await user.send("GET", progress_path(api, f"&employee_id={anna}")))[0] == status


async def test_progress_is_of_months_that_have_begun(api: TenantApi) -> None:
    await api.tenant.consume(*api.tenant.directory())
    status, problem = await api.user("admin").send("GET", progress_path(api, "&period=2099-01"))
    assert (status, problem["errors"][0]["rule"]) == (422, "begun")
    assert date(2099, 1, 1) > datetime.now(UTC).date()
