"""Lists, single VIPs and places, through the service's API."""

from uuid import UUID

import pytest

from services.vip.api.responses import SellerPlaces, VipView
from shared.ids import EmployeeId, RoomId, new_id
from tests.integration.vip.conftest import NewTenant


async def test_views_are_as_the_openapi_describes_them(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    assert VipView.model_validate(vip).model_dump(mode="json").keys() == vip.keys()
    path = f"/places?room_id={tenant.room_id}&company_id={tenant.company_id}"
    (places,) = (await tenant.request(tenant.head, "GET", path)).body
    assert SellerPlaces.model_validate(places).model_dump(mode="json") == places


async def test_the_list_pages_and_filters(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.seller(), await tenant.seller()
    claimed = [(await tenant.claim(seller, client)).body for client in await tenant.clients(3)]
    await tenant.claim(other, await tenant.client())
    listed, cursor = [], ""
    for _ in range(2):
        path = f"?employee_id={seller}&limit=2{cursor}"
        page = (await tenant.request(seller, "GET", path)).body
        listed += page["items"]
        cursor = f"&cursor={page['next_cursor']}"
    assert (listed, page["next_cursor"]) == (claimed, None)
    path = f"?room_id={tenant.room_id}&company_id={tenant.company_id}"
    assert len((await tenant.request(seller, "GET", path)).body["items"]) == 4
    elsewhere = await tenant.request(seller, "GET", f"?company_id={new_id()}")
    assert elsewhere.body["items"] == []


@pytest.mark.parametrize(
    "query", ["cursor=garbage", "cursor=%00", "cursor=я", "limit=0", "limit=1000", "employee_id=x"]
)
async def test_a_malformed_query_is_422(new_tenant: NewTenant, query: str) -> None:
    tenant = await new_tenant()
    assert (await tenant.request(tenant.head, "GET", f"?{query}")).status == 422


async def test_other_rooms_and_other_tenants_see_nothing(new_tenant: NewTenant) -> None:
    tenant, foreign = await new_tenant(), await new_tenant()
    seller = await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    elsewhere = RoomId(new_id())
    for caller, rooms in ((tenant, [elsewhere]), (foreign, [tenant.room_id])):
        response = await caller.request(EmployeeId(new_id()), "GET", f"/{vip['id']}", rooms=rooms)
        assert (response.status, response.body["code"]) == (404, "not_found")
        assert (await caller.request(seller, "GET", "", rooms=rooms)).body["items"] == []
    path = f"?room_id={tenant.room_id}"
    assert (await tenant.request(seller, "GET", path, rooms=[elsewhere])).status == 404
    assert (await foreign.request(seller, "GET", "", roles=("admin",))).body["items"] == []


async def test_places_list_everybody_who_sells_in_the_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=3, receipts=2)
    busy, idle = await tenant.seller(), await tenant.seller()
    head = await tenant.seller(roles=["head"])
    await tenant.seller(room_ids=[])
    await tenant.seller(active=False)
    await tenant.seller(roles=["accountant"])
    clients = await tenant.clients(3)
    for client in clients:
        await tenant.claim(busy, client)
    await tenant.apply_activity_event(tenant.payment(clients[0], busy, 10))
    path = f"/places?room_id={tenant.room_id}&company_id={tenant.company_id}"
    response = await tenant.request(busy, "GET", path)
    nothing = ({"held": 0, "limit": 3}, {"held": 0, "limit": 2})
    assert {
        UUID(places["employee_id"]): (places["in_development"], places["by_receipts"])
        for places in response.body
    } == {
        busy: ({"held": 2, "limit": 3}, {"held": 1, "limit": 2}),
        idle: nothing,
        head: nothing,
    }


async def test_places_list_who_holds_a_vip_without_selling_there(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.seller(active=False)
    await tenant.claim(seller, await tenant.client())
    path = f"/places?room_id={tenant.room_id}&company_id={tenant.company_id}"
    (places,) = (await tenant.request(seller, "GET", path)).body
    assert (places["employee_id"], places["in_development"]["held"]) == (str(seller), 1)


async def test_places_of_another_room_are_404(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/places?room_id={new_id()}&company_id={tenant.company_id}"
    assert (await tenant.request(await tenant.seller(), "GET", path)).status == 404
