"""1. An operator provisions a tenant; its admin enters what sales need."""

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.client import ApiClient
from tests.support.money import rub
from tests.support.tenant import PASSWORD, ROOM_SETTINGS


async def test_a_key_is_good_for_one_password(office: Office, gateway: ApiClient) -> None:
    admin, email = office.admin, f"{uuid4().hex}@example.com"
    new = {"name": "Новый", "email": email, "password": PASSWORD, "roles": ["seller"]}
    seller = await admin.do("/employees", {**new, "room_ids": [office.rooms["front"]]})
    path, key = f"/employees/{seller['id']}", {"Idempotency-Key": str(uuid4())}
    first, second = "the first long password", "the second long password"
    for _ in range(2):
        changed = await admin.call("PATCH", path, {"password": first}, headers=key)
        assert changed.status == 200
    refused = await admin.call("PATCH", path, {"password": second}, headers=key)
    assert (refused.status, refused.code) == (422, "idempotency_key_reused")
    await gateway.log_in(email, first)


async def test_a_provisioned_admin_creates_everything_that_sales_need(
    gateway: ApiClient, product: Product
) -> None:
    email = f"admin@{uuid4().hex}.example"
    wanted: dict[str, Any] = {
        "name": "Холдинг",
        "time_zone": "Asia/Yekaterinburg",
        "currency": "RUB",
    }
    wanted |= {"admin": {"name": "Анна Админ", "email": email, "password": PASSWORD}}
    for key in ("", "guessed", product.operator_key[:-1]):
        assert (await gateway.call("POST", "/tenants", key, json=wanted)).status == 401
    made = await gateway.call("POST", "/tenants", product.operator_key, json=wanted)
    assert made.status == 201
    again = await gateway.call(
        "POST",
        "/tenants",
        product.operator_key,
        json=wanted | {"short_name": made.body["short_name"]},
    )
    assert again.code == "duplicate_short_name"

    assert (
        await gateway.call("POST", "/auth/token", data={"username": email, "password": "wrong one"})
    ).status == 401
    admin = await gateway.log_in(email.upper(), PASSWORD)
    assert admin.id == made.body["admin"]["employee_id"]
    me = await admin.see("/me")
    assert me["tenant_short_name"] == made.body["short_name"]
    assert (me["tenant_id"], me["email"], me["roles"], me["rooms"]) == (
        made.body["id"],
        email,
        ["admin"],
        [],
    )

    company = await admin.do("/companies", {"name": "ООО Ромашка", "inn": "7707083893"})
    assert (company["time_zone"], company["currency"]) == ("Asia/Yekaterinburg", "RUB")
    room = await admin.do("/rooms", {"name": "Первая", "company_ids": [company["id"]]})
    source = await admin.do(
        "/sources", {"name": "Сайт", "channel": "Сайт", "campaign": "Весна", "kind": "inbound"}
    )
    product_body = {
        "company_id": company["id"],
        "name": "CRM",
        "category": "Подписки",
        "price": rub("1500.00"),
        "term_months": 12,
    }
    entered = await admin.do("/products", product_body)
    assert (
        entered["price"] == rub("1500.00")
        and entered["term_months"] == 12
        and not entered["delivered"]
    )
    seller_body: dict[str, Any] = {
        "name": "Борис",
        "email": f"boris@{uuid4().hex}.example",
        "password": PASSWORD,
        "roles": ["seller"],
    }
    hired = await admin.do(
        "/employees", seller_body | {"room_ids": [room["id"]], "personnel_number": "17"}
    )
    assert "password" not in hired

    numbers = await admin.do(
        f"/rooms/{room['id']}/settings?company_id={company['id']}", ROOM_SETTINGS, "PUT"
    )
    assert {name: numbers[name] for name in ROOM_SETTINGS} == ROOM_SETTINGS
    rules = [{"kind": "percent_of_receipts", "percent": "5.00"}]
    where = {"company_id": company["id"], "room_id": room["id"]}
    plan = await admin.do(
        "/motivation/plans",
        where | {"name": "План", "effective_from": "2026-01-01", "rules": rules},
    )
    published = await admin.do(f"/motivation/plans/{plan['id']}/publish")
    assert (published["status"], published["plan_version"]) == ("published", 1)
    assert (await admin.refused(f"/motivation/plans/{plan['id']}/publish")).code == "plan_published"

    boris = await gateway.log_in(seller_body["email"], PASSWORD)
    me = await boris.see("/me")
    assert me["rooms"] == [{"id": room["id"], "name": "Первая"}] and me["companies"] == [
        {"id": company["id"], "name": "ООО Ромашка"}
    ]
    order = {"company_id": company["id"], "room_id": room["id"], "source_id": source["id"]}
    order |= {
        "client": {"kind": "person", "name": "Пётр"},
        "products": [{"product_id": entered["id"]}],
        "take": True,
    }
    assert (await boris.do("/activities", order))["responsible_id"] == boris.id


async def test_only_an_admin_enters_the_directory(office: Office) -> None:
    for person in (office.anna, office.head, office.accountant, office.people["marketer"]):
        assert (await person.refused("/companies", {"name": "ООО Чужая"})).code == "forbidden"
        settings = f"/rooms/{office.rooms['front']}/settings?company_id={office.companies['main']}"
        assert (await person.refused(settings, ROOM_SETTINGS, "PUT")).code == "forbidden"


async def test_a_change_of_the_numbers_is_recorded_with_who_when_from_and_to(
    office: Office,
) -> None:
    await office.set_room_settings("back", "main", activity_reset_days=3)
    path = f"/rooms/{office.rooms['back']}/settings/history?company_id={office.companies['main']}"
    last = max((await office.vera.see(path))["items"], key=lambda change: int(change["version"]))
    assert last["changed_by"] == office.admin.id and last["changed_at"]
    assert last["before"] == ROOM_SETTINGS and last["after"] == ROOM_SETTINGS | {
        "activity_reset_days": 3
    }


async def test_who_leaves_is_out_at_once(office: Office, gateway: ApiClient) -> None:
    body: dict[str, Any] = {
        "name": "Временный",
        "email": f"temp@{uuid4().hex}.example",
        "password": PASSWORD,
        "roles": ["seller"],
    }
    hired = await office.admin.do("/employees", body | {"room_ids": [office.rooms["front"]]})
    person = await gateway.log_in(body["email"], PASSWORD)
    await office.admin.do(f"/employees/{hired['id']}", {"active": False}, "PATCH")
    assert (await person.call("GET", "/pool")).status == 401
    assert (
        await gateway.call(
            "POST", "/auth/token", data={"username": body["email"], "password": PASSWORD}
        )
    ).status == 401


@pytest.mark.parametrize(
    "username", ["", "nobody", "a\x00b@mail.example", "İ@mail.example", "a" * 321]
)
async def test_a_log_in_that_cannot_be_one_is_refused(gateway: ApiClient, username: str) -> None:
    assert (
        await gateway.call("POST", "/auth/token", data={"username": username, "password": PASSWORD})
    ).status in (401, 422)


async def test_a_head_of_one_room_is_a_seller_in_another(
    office: Office, gateway: ApiClient
) -> None:
    front, back = office.rooms["front"], office.rooms["back"]
    body = {
        "name": "Здесь руководитель, там продавец",
        "email": f"both@{uuid4().hex}.example",
        "password": PASSWORD,
        "roles": ["head", "seller"],
        "room_ids": [front, back],
        "headed_room_ids": [back],
    }
    hired = await office.admin.do("/employees", body)
    assert hired["headed_room_ids"] == [back]
    person = await gateway.log_in(str(body["email"]), PASSWORD)
    assert (await person.see("/me"))["headed_room_ids"] == [back]
    activity = await office.register(take=True)
    path = f"/activities/{activity['id']}/assign"
    assert (await person.refused(path, {"employee_id": person.id})).code == "forbidden"
    statement = f"/motivation/statement?employee_id={office.anna.id}"
    assert (await person.call("GET", statement)).status == 404, "Anna earns in front"
    await office.admin.do(f"/employees/{person.id}", {"headed_room_ids": [front]}, "PATCH")
    assert (await person.do(path, {"employee_id": person.id}))["responsible_id"] == person.id
    assert (await person.call("GET", statement)).status == 200


async def test_the_operator_names_an_admin_only_where_there_is_none(
    office: Office, gateway: ApiClient, product: Product
) -> None:
    path, body = f"/tenants/{office.tenant_id}/admin", {"employee_id": office.anna.id}
    for key in ("guessed", office.admin.token):
        assert (await gateway.call("POST", path, key, json=body)).status == 401
    refused = await gateway.call("POST", path, product.operator_key, json=body)
    assert (refused.status, refused.code) == (409, "has_admin")
    nowhere = await gateway.call(
        "POST", f"/tenants/{uuid4()}/admin", product.operator_key, json=body
    )
    assert nowhere.status == 404
    last = await office.admin.refused(
        f"/employees/{office.admin.id}", {"roles": ["seller"]}, "PATCH"
    )
    assert last.code == "last_admin"
