"""Events of the directory name who changed it."""

from typing import Any

import orjson

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant


async def published(tenant: Tenant, type_: str) -> list[dict[str, Any]]:
    """The data of the tenant's events of a type, oldest first."""
    rows = await tenant.reader.fetch(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = $2"
        " ORDER BY created_at, aggregate_version",
        tenant.tenant_id,
        type_,
    )
    return [orjson.loads(row["value"]) for row in rows]


async def test_the_operator_is_named_in_what_provisioning_created(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    assert [event["by"] for event in await published(tenant, "tenant.changed")] == ["operator"]
    assert (await published(tenant, "employee.changed"))[0]["by"] == "operator"


async def test_an_admin_is_named_in_each_change_of_the_directory(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for type_ in ("company.changed", "room.changed", "product.changed", "source.changed"):
        events = await published(tenant, type_)
        assert events
        assert {event["by"] for event in events} == {str(tenant.admin.id)}, type_


async def test_who_granted_a_role_is_named(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    path = f"/employees/{seller.id}"
    changed = await tenant.call(tenant.admin, "PATCH", path, {"roles": ["admin"]})
    assert changed.status == 200, changed.body
    event = (await published(tenant, "employee.changed"))[-1]
    assert (event["employee_id"], event["roles"]) == (str(seller.id), ["admin"])
    assert event["by"] == str(tenant.admin.id)


async def test_who_changed_a_client_is_named(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    body = {"name": "Ромашка", "kind": "organization", "phones": ["+74951234567"]}
    client = (await tenant.call(seller, "POST", "/clients", body)).body
    path = f"/clients/{client['id']}"
    assert (await tenant.call(tenant.admin, "PATCH", path, {"large": True})).status == 200
    events = await published(tenant, "client.changed")
    assert [event["by"] for event in events] == [str(seller.id), str(tenant.admin.id)]
