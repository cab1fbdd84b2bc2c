"""What is archived takes no new activities; what is open there goes on."""

from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once, statuses
from tests.support.client import Response

INN = "7707083893"


async def set_archived(tenant: Tenant, path: str, archived: bool = True) -> Response:
    return await tenant.call(tenant.admin, "PATCH", path, {"archived": archived})


def place_of(tenant: Tenant, field: str) -> str:
    return {
        "company_id": f"/companies/{tenant.company_id}",
        "room_id": f"/rooms/{tenant.room_id}",
        "source_id": f"/sources/{tenant.source_id}",
    }[field]


async def ids(tenant: Tenant, path: str) -> set[str]:
    return {item["id"] for item in await tenant.pages(tenant.admin, path, 50)}


@pytest.mark.parametrize("field", ["company_id", "room_id", "source_id"])
async def test_an_archived_place_takes_no_new_activity(new_tenant: NewTenant, field: str) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    going_on = await tenant.register(seller, take=True)
    path = place_of(tenant, field)
    archived = await set_archived(tenant, path)
    assert (archived.status, archived.body["archived"]) == (200, True)
    refused = await tenant.call(seller, "POST", "/activities", tenant.registration("Сад"))
    assert (refused.status, refused.fields) == (422, {field: "archived"})
    called = await tenant.do(seller, going_on, "interactions", kind="call")
    assert called["status"] == "in_work"
    assert (await set_archived(tenant, path, archived=False)).body["archived"] is False
    await tenant.register(seller, "Сад")


@pytest.mark.parametrize("field", ["company_id", "room_id", "source_id"])
async def test_lists_leave_out_what_is_archived_unless_asked(
    new_tenant: NewTenant, field: str
) -> None:
    tenant = await new_tenant()
    path = place_of(tenant, field)
    noun, id_ = path.split("/")[1:]
    await set_archived(tenant, path)
    assert id_ not in await ids(tenant, f"/{noun}")
    assert id_ in await ids(tenant, f"/{noun}?archived=true")
    assert (await tenant.call(tenant.admin, "GET", path)).body["archived"] is True


async def test_a_product_no_longer_sold_is_in_the_archive(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/products/{tenant.product_id}"
    assert (await tenant.call(tenant.admin, "PATCH", path, {"active": False})).status == 200
    assert tenant.product_id not in await ids(tenant, "/products")
    assert tenant.product_id in await ids(tenant, "/products?archived=true")


@pytest.mark.parametrize("field", ["company_id", "room_id"])
async def test_archiving_tells_what_goes_on(new_tenant: NewTenant, field: str) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for number in range(3):
        await tenant.register(seller, f"Клиент {number}", take=number == 0)
    lost = await tenant.register(seller, "Клиент 4")
    await tenant.do(seller, lost, "lose", reason="Не нужно")
    archived = await set_archived(tenant, place_of(tenant, field))
    assert archived.body["open_activities"] == {"free": 2, "in_work": 1}
    again = await tenant.call(tenant.admin, "GET", place_of(tenant, field))
    assert "open_activities" not in again.body


async def test_an_archived_thing_is_published_so(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    await set_archived(tenant, place_of(tenant, "room_id"))
    value = await tenant.reader.fetchval(
        "SELECT convert_from(value, 'UTF8') FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
        " ORDER BY aggregate_version DESC LIMIT 1",
        tenant.tenant_id,
        tenant.room_id,
    )
    assert '"archived":true' in value


async def test_a_second_company_of_an_inn_is_refused(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    first = await tenant.create("/companies", name="Лес", inn=INN)
    refused = await tenant.call(tenant.admin, "POST", "/companies", {"name": "Лес 2", "inn": INN})
    assert (refused.status, refused.code) == (409, "duplicate_company")
    assert (refused.body["company_id"], refused.body["archived"]) == (first["id"], False)
    other = await tenant.create("/companies", name="Лес 2")
    changed = await tenant.call(tenant.admin, "PATCH", f"/companies/{other['id']}", {"inn": INN})
    assert changed.code == "duplicate_company"
    same = await tenant.call(
        tenant.admin, "PATCH", f"/companies/{first['id']}", {"inn": INN, "name": "Лесной"}
    )
    assert same.status == 200


async def test_a_second_source_of_a_name_is_refused(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    source = {"name": "Выставка", "channel": "expo", "campaign": "2026", "kind": "inbound"}
    first = await tenant.create("/sources", **source)
    await set_archived(tenant, f"/sources/{first['id']}")
    for body in (source, {**source, "name": "выставка", "kind": "cold"}):
        refused = await tenant.call(tenant.admin, "POST", "/sources", body)
        assert (refused.status, refused.code) == (409, "duplicate_source")
        assert (refused.body["source_id"], refused.body["archived"]) == (first["id"], True)
    other = await tenant.create("/sources", **{**source, "campaign": None})
    changed = await tenant.call(
        tenant.admin, "PATCH", f"/sources/{other['id']}", {"campaign": "2026"}
    )
    assert changed.code == "duplicate_source"


async def test_a_second_personnel_number_is_refused(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()

    def body(number: str, email: str) -> dict[str, Any]:
        about = {"name": "Анна", "roles": ["seller"], "personnel_number": number}
        return {**about, "email": f"{email}@a.example"}

    first = await tenant.create("/employees", **body("017", "a"))
    await tenant.call(tenant.admin, "PATCH", f"/employees/{first['id']}", {"active": False})
    refused = await tenant.call(tenant.admin, "POST", "/employees", body("017", "b"))
    assert (refused.status, refused.code) == (409, "duplicate_personnel_number")
    assert (refused.body["employee_id"], refused.body["active"]) == (first["id"], False)
    other = await tenant.create("/employees", **body("17", "b"))
    path = f"/employees/{other['id']}"
    changed = await tenant.call(tenant.admin, "PATCH", path, {"personnel_number": "017"})
    assert changed.code == "duplicate_personnel_number"
    same = await tenant.call(tenant.admin, "PATCH", path, {"personnel_number": "17", "name": "Б"})
    assert same.status == 200
    negative = await tenant.call(tenant.admin, "PATCH", path, {"personnel_number": "-1"})
    assert (negative.status, negative.body["errors"][0]["rule"]) == (422, "personnel_number")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/companies", {"name": "Лес", "inn": INN}),
        ("/sources", {"name": "Выставка", "channel": "expo", "kind": "inbound"}),
        (
            "/employees",
            {
                "name": "Анна",
                "email": "a@a.example",
                "roles": ["seller"],
                "personnel_number": "017",
            },
        ),
    ],
)
async def test_of_eight_at_once_one_is_there(
    new_tenant: NewTenant, path: str, body: dict[str, Any]
) -> None:
    tenant = await new_tenant()
    responses = await all_at_once(tenant.call(tenant.admin, "POST", path, body) for _ in range(8))
    assert statuses(responses) == [201] + [409] * 7
