"""Drafts are changed and deleted, published versions are printed and confirmed."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from services.motivation.api.responses import PlanConfirmationsView, PlanTextView, PlanView
from shared.events.directory import ProductChanged
from shared.ids import ProductId, new_id
from tests.integration.motivation.api import TenantApi, User
from tests.integration.motivation.tenant import PERCENT
from tests.support.money import roubles, rub

TIERED = {
    "kind": "tiered_percent",
    "tiers": [{"from": "0.00", "percent": "3.00"}, {"from": "100.00", "percent": "7.125"}],
    "mode": "retroactive",
    "attainment": {"unit": "percent_of_target", "scope": "room"},
}


def product(api: TenantApi, category: str) -> ProductChanged:
    return ProductChanged(
        product_id=ProductId(new_id()),
        company_id=api.tenant.company,
        name="A",
        category=category,
        price=roubles(Decimal(1)),
        delivered=False,
        term_months=None,
        active=True,
    )


async def changed(user: User, plan: dict[str, Any], version: str, **changes: Any) -> Any:
    return await user.send("PATCH", f"/plans/{plan['id']}", changes, **{"If-Match": version})


async def test_a_draft_is_changed_by_who_has_read_it(api: TenantApi) -> None:
    admin, draft = api.user("admin"), await api.draft()
    assert (draft["version"], draft["rules"][0]["base"]) == (1, "receipts")
    status, view = await changed(admin, draft, '"1"', name="Зима", rules=[TIERED])
    assert (status, view["version"], view["name"]) == (200, 2, "Зима")
    assert view["effective_from"] == draft["effective_from"]
    assert PlanView.model_validate(view)
    (rule,) = view["rules"]
    assert [tier["percent"] for tier in rule["tiers"]] == ["3.00", "7.125"]
    assert rule["attainment"] == {
        "measure": "receipts",
        "scope": "room",
        "unit": "percent_of_target",
        "deals": "matching",
    }
    status, problem = await changed(admin, draft, '"1"', name="Весна")
    assert (status, problem["code"], problem["version"]) == (409, "stale", 2)
    assert problem["changed"] == {"name": "Зима"}
    assert (await changed(admin, draft, "*", effective_from="2026-12-01"))[0] == 200
    assert (await changed(api.user("head"), draft, "*", name="A"))[0] == 403


async def test_two_changes_of_one_version_have_one_winner(api: TenantApi) -> None:
    admin, draft = api.user("admin"), await api.draft()
    results = await asyncio.gather(
        *(changed(admin, draft, '"1"', name=f"План {number}") for number in range(4))
    )
    assert sorted(status for status, _ in results) == [200, 409, 409, 409]


async def test_a_published_version_never_changes(api: TenantApi) -> None:
    admin, plan = api.user("admin"), await api.plan()
    for status, problem in (
        await changed(admin, plan, "*", name="A"),
        await admin.send("DELETE", f"/plans/{plan['id']}"),
    ):
        assert (status, problem["code"]) == (409, "plan_published")
    _, view = await admin.send("GET", f"/plans/{plan['id']}")
    assert view["name"] == "Осень"


async def test_a_draft_is_deleted(api: TenantApi) -> None:
    admin, draft = api.user("admin"), await api.draft()
    assert (await api.user("head").send("DELETE", f"/plans/{draft['id']}"))[0] == 403
    assert (await admin.send("DELETE", f"/plans/{draft['id']}"))[0] == 204
    for method in ("GET", "DELETE"):
        assert (await admin.send(method, f"/plans/{draft['id']}"))[0] == 404


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({**TIERED, "tiers": TIERED["tiers"][::-1]}, "rules.0.tiered_percent.tiers"),  # type: ignore[index]
        ({**TIERED, "tiers": []}, "rules.0.tiered_percent.tiers"),
        ({**PERCENT, "percent": "7.12345"}, "rules.0.percent_of_receipts.percent"),
        ({**PERCENT, "percent": "٥"}, "rules.0.percent_of_receipts.percent"),
        ({"kind": "pool"}, "rules.0.pool.percent"),
        ({"kind": "cap", "amount": rub("1.00")} | {"amount": {}}, "rules.0.cap.amount.amount"),
    ],
)
async def test_a_broken_rule_is_named(api: TenantApi, rule: dict[str, Any], field: str) -> None:
    draft = await api.draft()
    status, problem = await changed(api.user("admin"), draft, "*", rules=[rule])
    assert (status, problem["code"]) == (422, "invalid")
    assert field.replace(f".{rule['kind']}", "") in {
        error["field"].replace(f".{rule['kind']}", "") for error in problem["errors"]
    }


async def test_employees_in_rules_must_exist(api: TenantApi) -> None:
    draft = await api.draft()
    rule = {**PERCENT, "recipients": [str(new_id())]}
    status, problem = await changed(api.user("admin"), draft, "*", rules=[PERCENT, rule])
    assert (status, problem["errors"][0]["field"]) == (404, "rules.1.recipients")
    rule = {**PERCENT, "recipients": [str(api.tenant.sellers[2])]}
    assert (await changed(api.user("admin"), draft, "*", rules=[rule]))[0] == 200


async def test_publishing_refuses_a_category_that_is_misspelt(api: TenantApi) -> None:
    admin = api.user("admin")
    draft = await api.draft({**PERCENT, "product_category": "Service"})
    api.owner.owns("products_of_company", api.tenant.company, product(api, "service"))
    _, view = await admin.send("GET", f"/plans/{draft['id']}")
    assert view["checks"][0]["code"] == "unknown_category"
    status, problem = await admin.send("POST", f"/plans/{draft['id']}/publish")
    (error,) = problem["errors"]
    assert (status, error["field"], error["rule"]) == (
        422,
        "rules.0.product_category",
        "product_category",
    )
    assert "service" in error["message"]
    assert (await changed(admin, draft, "*", rules=[{**PERCENT, "product_category": "service"}]))[
        0
    ] == 200
    assert (await admin.send("POST", f"/plans/{draft['id']}/publish"))[0] == 200


async def test_a_plan_shows_overlaps_and_gaps(api: TenantApi) -> None:
    cold = {**PERCENT, "source_kind": "cold"}
    draft = await api.draft(cold, {**cold, "percent": "1.50"})
    _, view = await api.user("admin").send("GET", f"/plans/{draft['id']}")
    gap, overlap = view["checks"]
    assert (gap["code"], [deals["source_kind"] for deals in gap["deals"]]) == (
        "gap",
        ["inbound", "renewal"],
    )
    assert (overlap["code"], overlap["rules"], overlap["percent"]) == ("overlap", [1, 2], "6.50")
    _, page = await api.user("admin").send("GET", "/plans")
    assert page["items"][0]["checks"] is None


async def test_a_plan_is_printed_for_those_whom_it_pays(api: TenantApi) -> None:
    plan = await api.plan(PERCENT, {**PERCENT, "recipients": [str(api.tenant.sellers[1])]})
    seller = api.user("seller", rooms=(api.tenant.room,))
    status, text = await seller.send(
        "GET", f"/plans/{plan['id']}/text", **{"Accept-Language": "ru"}
    )
    assert status == 200 and PlanTextView.model_validate(text)
    assert text["paragraphs"][:3] == [
        "План «Осень», версия 1. Действует с 1 ноября 2026 года.",
        "1. 5 % от поступлений по каждой сделке.",
        "2. 5 % от поступлений по каждой сделке."
        " Получает не продавец: каждый из таб. № 002 — полностью.",
    ]
    _, text = await seller.send("GET", f"/plans/{plan['id']}/text")
    assert text["paragraphs"][1] == "1. 5 % of receipts of each deal."
    assert (await api.user("seller").send("GET", f"/plans/{plan['id']}/text"))[0] == 404


async def test_people_of_the_room_confirm_a_version_once(api: TenantApi) -> None:
    tenant, plan, draft = api.tenant, await api.plan(), await api.draft()
    await api.publish(*tenant.directory())
    anna = api.user("seller", employee=tenant.sellers[0], rooms=(tenant.room,))
    head = api.user("head", employee=tenant.sellers[1], rooms=(tenant.room,))
    status, view = await anna.send("POST", f"/plans/{plan['id']}/confirm")
    assert (status, len(view["items"])) == (200, 1)
    assert PlanConfirmationsView.model_validate(view)
    _, again = await anna.send("POST", f"/plans/{plan['id']}/confirm")
    assert again == view
    async with asyncio.timeout(20):
        while len((await head.send("GET", f"/plans/{plan['id']}/confirmations"))[1]["items"]) < 3:
            await asyncio.sleep(0.1)
    _, listed = await head.send("GET", f"/plans/{plan['id']}/confirmations")
    assert [bool(item["confirmed_at"]) for item in listed["items"]] == [True, False, False]
    assert listed["items"][0]["employee_id"] == str(tenant.sellers[0])
    status, problem = await head.send("POST", f"/plans/{draft['id']}/confirm")
    assert (status, problem["code"]) == (409, "plan_is_draft")
    assert (await anna.send("POST", f"/plans/{draft['id']}/confirm"))[0] == 404
    stranger = api.user("seller", employee=tenant.sellers[2])
    assert (await stranger.send("POST", f"/plans/{plan['id']}/confirm"))[0] == 404
    assert (await api.user("admin").send("POST", f"/plans/{plan['id']}/confirm"))[0] == 403
