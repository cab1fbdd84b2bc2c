"""A role is held in the rooms named; a tenant keeps an admin."""

import asyncio
from typing import Any

from shared.ids import EmployeeId, new_id
from shared.tenancy import Caller
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, statuses
from tests.support.client import Response


async def test_a_head_here_is_a_seller_there(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    here, there = tenant.room_id, await tenant.another_room()
    both = await tenant.head_here_seller_there(here, there)
    for room, allowed in ((here, True), (there, False)):
        seller = await tenant.user(room_id=room)
        activity = await tenant.register(seller, room_id=str(room), take=True)
        called = await tenant.command(both, activity, "interactions", kind="call")
        assigned = await tenant.call(
            both, "POST", f"/activities/{activity['id']}/assign", {"employee_id": str(both.id)}
        )
        expected = (200, 200) if allowed else (403, 403)
        assert (called.status, assigned.status) == expected
    free = await tenant.register(both, room_id=str(there))
    assert (await tenant.command(both, free, "take")).status == 200, "a seller there"


async def test_a_head_of_one_room_alone_does_not_sell_in_another(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    here, there = tenant.room_id, await tenant.another_room()
    head = User((await tenant.user("head")).id, ("head",), (here, there), (here,))
    free = await tenant.register(tenant.admin, room_id=str(there))
    refused = await tenant.command(head, free, "take")
    assert refused.status in (403, 404)


async def test_a_win_is_reopened_by_who_heads_its_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    here, there = await tenant.another_room(), tenant.room_id
    both = await tenant.head_here_seller_there(here, there)
    won = await tenant.register(both, take=True)
    await tenant.do(both, won, "invoices", amount={"amount": "1000.00", "currency": "RUB"})
    await tenant.do(both, won, "payments", amount={"amount": "1000.00", "currency": "RUB"})
    refused = await tenant.command(both, won, "reopen")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    assert (await tenant.command(await tenant.user("head"), won, "reopen")).status == 200


async def test_only_rooms_of_ones_own_are_headed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    here, there = tenant.room_id, await tenant.another_room()
    both = await tenant.head_here_seller_there(here, there)
    path = f"/employees/{both.id}"

    async def change(**changes: Any) -> Response:
        return await tenant.call(tenant.admin, "PATCH", path, changes)

    for stranger in (new_id(), await tenant.another_room()):
        refused = await change(headed_room_ids=[str(stranger)])
        assert refused.status == 422
        assert refused.body["errors"][0]["field"] == "headed_room_ids"
        assert refused.body["errors"][0]["rule"] == "own_room"
    assert (await change(room_ids=[str(there)])).body["headed_room_ids"] == []
    assert (await change(roles=["seller"], headed_room_ids=[str(here)])).status == 422
    same = await change(headed_room_ids=[])
    assert (same.status, "now" in same.body) == (200, False)
    everywhere = await change(roles=["head"], headed_room_ids=None)
    assert everywhere.body["headed_room_ids"] is None


async def test_the_last_admin_neither_loses_the_role_nor_is_dismissed(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    path = f"/employees/{tenant.admin.id}"
    dismissed = User((await tenant.user("admin")).id, ("admin",), ())
    await tenant.call(tenant.admin, "PATCH", f"/employees/{dismissed.id}", {"active": False})
    for change in ({"roles": ["seller"]}, {"active": False}):
        refused = await tenant.call(tenant.admin, "PATCH", path, change)
        assert (refused.status, refused.body["code"]) == (409, "last_admin")
    await tenant.user("admin")
    assert (await tenant.call(tenant.admin, "PATCH", path, {"roles": ["seller"]})).status == 200


async def test_two_admins_who_demote_each_other_leave_one(new_tenant: NewTenant) -> None:
    for _ in range(5):
        tenant = await new_tenant()
        other = await tenant.user("admin")
        responses = await asyncio.gather(
            tenant.call(tenant.admin, "PATCH", f"/employees/{other.id}", {"roles": ["seller"]}),
            tenant.call(other, "PATCH", f"/employees/{tenant.admin.id}", {"roles": ["seller"]}),
        )
        assert statuses(responses) == [200, 409]


async def test_the_operator_names_an_admin_where_there_is_none(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    refused = await name_admin(tenant, seller.id)
    assert (refused.status, refused.body["code"]) == (409, "has_admin")
    await tenant.reader.execute(
        "UPDATE employee SET roles = '{seller}' WHERE tenant_id = $1", tenant.tenant_id
    )
    await tenant.reader.execute("UPDATE employee SET active = false WHERE id = $1", seller.id)
    assert (await name_admin(tenant, EmployeeId(new_id()))).status == 404
    named = await name_admin(tenant, seller.id)
    assert (named.status, named.body["roles"], named.body["active"]) == (
        200,
        ["admin", "seller"],
        True,
    )
    as_tenants = await tenant.call(
        tenant.admin, "POST", f"/tenants/{tenant.tenant_id}/admin", {"employee_id": str(seller.id)}
    )
    assert as_tenants.status == 403, "the operator's alone"


async def name_admin(tenant: Tenant, employee_id: EmployeeId) -> Response:
    operator = Caller(tenant.tenant_id, employee_id, operator=True)
    path = f"/tenants/{tenant.tenant_id}/admin"
    return await tenant.api.call(operator, "POST", path, {"employee_id": str(employee_id)})
