"""The API of plans."""

from typing import Any

import pytest

from services.motivation.api.responses import PlanView
from shared.ids import RoomId, new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.tenant import PERCENT, Tenant, ids


def body_of(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    body = {
        "company_id": str(tenant.company),
        "room_id": str(tenant.room),
        "name": "A",
        "effective_from": "2026-11-01",
        "rules": [PERCENT],
    }
    return body | changes


async def test_a_plan_is_published_with_the_rules_of_its_draft(api: TenantApi) -> None:
    status, draft = await api.user("admin").send("POST", "/plans", body_of(api.tenant))
    assert (status, draft["status"], draft["plan_version"]) == (201, "draft", None)
    assert PlanView.model_validate(draft).created_at
    status, published = await api.user("admin").send("POST", f"/plans/{draft['id']}/publish")
    assert (status, published["status"], published["plan_version"]) == (200, "published", 1)
    assert published["rules"] == draft["rules"]
    assert published["rules"][0]["percent"] == "5.00"
    assert published["published_at"].endswith("Z")
    status, problem = await api.user("admin").send("POST", f"/plans/{draft['id']}/publish")
    assert (status, problem["code"]) == (409, "plan_published")
    assert (await api.user("admin").send("POST", f"/plans/{new_id()}/publish"))[0] == 404
    assert (await api.plan())["plan_version"] == 2


async def test_a_plan_names_only_what_the_owner_knows(api: TenantApi) -> None:
    tenant, admin = api.tenant, api.user("admin")

    async def refused(status: int, field: str, rule: str, **changes: Any) -> None:
        actual, problem = await admin.send("POST", "/plans", body_of(tenant, **changes))
        assert actual == status, problem
        assert (problem["errors"][0]["field"], problem["errors"][0]["rule"]) == (field, rule)

    await refused(404, "company_id", "exists", company_id=str(new_id()))
    await refused(404, "room_id", "exists", room_id=str(new_id()))
    other = Tenant(tenant.context)
    api.owner.owns_published(other.directory()[0])
    await refused(422, "company_id", "sold_in_room", company_id=str(other.company))
    euro = {"kind": "fixed", "amount": {"amount": "1.00", "currency": "EUR"}}
    await refused(422, "rules.0.amount.currency", "company_currency", rules=[euro])


async def test_a_room_that_has_begun_to_sell_for_a_company_is_fetched_anew(api: TenantApi) -> None:
    tenant, admin = api.tenant, api.user("admin")
    assert (await admin.send("POST", "/plans", body_of(tenant)))[0] == 201
    other = Tenant(tenant.context, id=tenant.id, room=tenant.room)
    company, room = other.directory()[:2]
    room.event.company_ids.append(tenant.company)  # type: ignore[attr-defined]
    newer = tenant.published(room.event, tenant.room, 2)
    api.owner.owns_published(company, newer)
    assert (await admin.send("POST", "/plans", body_of(other)))[0] == 201


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "percent_of_receipts", "percent": 5.5},
        {"kind": "percent_of_receipts", "percent": "NaN"},
        {"kind": "percent_of_receipts", "percent": "1e400"},
        {"kind": "percent_of_receipts", "percent": "0"},
        {"kind": "percent_of_receipts", "percent": "100.01"},
        {"kind": "fixed", "amount": {"amount": "-1", "currency": "RUB"}},
        {"kind": "gift"},
        {**PERCENT, "product_category": "a\u0000"},
        {**PERCENT, "sale": "third"},
        {**PERCENT, "tiers": []},
    ],
)
async def test_a_malformed_rule_is_refused(api: TenantApi, rule: dict[str, Any]) -> None:
    body = body_of(api.tenant, rules=[rule])
    status, problem = await api.user("admin").send("POST", "/plans", body)
    assert (status, problem["code"]) == (422, "invalid")


async def test_waiting_wins_have_accrued_when_publishing_is_answered(api: TenantApi) -> None:
    tenant, admin = api.tenant, api.user("admin")
    _, draft = await admin.send("POST", "/plans", body_of(tenant))
    await api.publish(
        *tenant.directory(), *(tenant.event(id_, 1, tenant.state("1000")) for id_ in ids(3))
    )
    await api.consumed(activities=3)
    assert (await admin.send("POST", f"/plans/{draft['id']}/publish"))[0] == 200
    _, statement = await api.user("accountant").send(
        "GET", f"/statement?employee_id={tenant.sellers[0]}"
    )
    assert statement["total"]["amount"] == "150.00"
    _, page = await admin.send("GET", "/jobs?kind=accrue_waiting_wins")
    (job,) = page["items"]
    assert (job["state"], job["done"], job["total"]) == ("succeeded", 3, 3)


async def test_the_job_of_a_publication_refuses_to_be_cancelled(api: TenantApi) -> None:
    await api.plan()
    admin = api.user("admin")
    (job,) = (await admin.send("GET", "/jobs"))[1]["items"]
    status, problem = await admin.send("POST", f"/jobs/{job['id']}/cancel")
    assert (status, problem["code"]) == (409, "job_not_cancellable")


@pytest.mark.parametrize(
    ("roles", "in_room", "status"),
    [
        (("admin",), False, 200),
        (("accountant",), False, 200),
        (("head",), True, 200),
        (("seller",), True, 200),
        (("seller",), False, 404),
        (("head",), False, 404),
        (("marketer",), False, 403),
    ],
)
async def test_plans_are_read_in_ones_rooms_and_by_those_who_see_all(
    api: TenantApi, roles: tuple[str, ...], in_room: bool, status: int
) -> None:
    plan = await api.plan()
    user = api.user(*roles, rooms=(api.tenant.room,) if in_room else ())
    assert (await user.send("GET", f"/plans/{plan['id']}"))[0] == status
    list_status, page = await user.send("GET", "/plans")
    if status == 403:
        assert list_status == 403
    else:
        expected = [plan["id"]] if status == 200 else []
        assert [item["id"] for item in page["items"]] == expected


async def test_only_admins_publish_plans(api: TenantApi) -> None:
    plan = await api.plan()
    head = api.user("head", rooms=(api.tenant.room,))
    assert (await head.send("POST", f"/plans/{plan['id']}/publish"))[0] == 403


async def test_plans_are_paged_newest_first(api: TenantApi) -> None:
    made = [(await api.plan())["id"] for _ in range(3)]
    admin = api.user("admin")
    _, first = await admin.send("GET", "/plans?limit=2")
    _, second = await admin.send("GET", f"/plans?limit=2&cursor={first['next_cursor']}")
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    for cursor in ("", "nonsense", "Ж", "%00", "A" * 600):
        assert (await admin.send("GET", f"/plans?cursor={cursor}"))[0] == 422, cursor


@pytest.mark.parametrize(
    ("roles", "headed", "status"),
    [
        (("admin",), None, 200),
        (("head",), None, 200),
        (("head", "seller"), (), 404),
        (("seller",), None, 404),
        (("accountant",), None, 404),
    ],
)
async def test_drafts_are_read_by_heads_of_the_room_and_admins(
    api: TenantApi, roles: tuple[str, ...], headed: tuple[RoomId, ...] | None, status: int
) -> None:
    published = await api.plan()
    draft = await api.draft()
    user = api.user(*roles, rooms=(api.tenant.room,), headed=headed)
    assert (await user.send("GET", f"/plans/{draft['id']}"))[0] == status
    assert (await user.send("GET", f"/plans/{published['id']}"))[0] == 200
    expected = [draft["id"], published["id"]] if status == 200 else [published["id"]]
    for query in ("", f"?room_id={api.tenant.room}"):
        _, page = await user.send("GET", f"/plans{query}")
        assert [plan["id"] for plan in page["items"]] == expected
