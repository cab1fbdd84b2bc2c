"""What became of a VIP, by whom and why, stays."""

import pytest

from services.vip.api.responses import VipHistoryPage
from shared.ids import RoomId, new_id
from tests.integration.vip.conftest import NewTenant


async def test_the_history_of_a_vip_names_who_and_why(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other, client = await tenant.seller(), await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    await tenant.apply_activity_event(tenant.payment(client, seller, 10))
    await tenant.apply_activity_event(tenant.interaction(client, seller))
    await tenant.assign(vip["id"], other, reason="Анна в отпуске")
    await tenant.release(other, vip["id"])
    pages, cursor = [], ""
    for _ in range(3):
        path = f"/{vip['id']}/history?limit=2{cursor}"
        body = (await tenant.request(seller, "GET", path)).body
        VipHistoryPage.model_validate(body)
        pages += body["items"]
        cursor = f"&cursor={body['next_cursor']}"
    assert body["next_cursor"] is None
    seen = [(change["what"], change["by"], change["employee_id"]) for change in pages]
    head, anna, boris = str(tenant.head), str(seller), str(other)
    assert seen == [
        ("released", boris, boris),
        ("claimed", head, boris),
        ("released", head, anna),
        ("kind_changed", anna, anna),
        ("claimed", anna, anna),
    ]
    assert [change["why"] for change in pages] == ["released", None, "taken_away", None, None]
    reason = "Анна в отпуске"
    assert [change["reason"] for change in pages] == [None, reason, reason, None, None]


async def test_an_erased_client_takes_the_reasons_along(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    await tenant.assign(vip["id"], None, reason="Иванов попросил")
    await tenant.erase(client)
    changes = (await tenant.request(seller, "GET", f"/{vip['id']}/history")).body["items"]
    assert [change["reason"] for change in changes] == [None, None]


async def test_the_history_of_another_rooms_vip_is_404(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    path, elsewhere = f"/{vip['id']}/history", [RoomId(new_id())]
    response = await tenant.request(await tenant.seller(), "GET", path, rooms=elsewhere)
    assert response.status == 404
    malformed = await tenant.request(tenant.head, "GET", f"{path}?cursor=x", roles=("head",))
    assert malformed.status == 422


async def test_a_head_makes_the_first_assignment(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    body = {
        "company_id": str(tenant.company_id),
        "room_id": str(tenant.room_id),
        "client_id": str(client),
        "employee_id": str(seller),
        "reason": "знает отрасль",
    }
    claimed = await tenant.request(tenant.head, "POST", "", body, roles=("head",))
    assert (claimed.status, claimed.body["responsible_id"]) == (201, str(seller))
    again = await tenant.request(tenant.head, "POST", "", body, roles=("head",))
    assert (again.status, again.body) == (200, claimed.body)
    _, _, data = (await tenant.events_of(claimed.body["id"]))[0]
    assert (data["by"], data["responsible"]) == (str(tenant.head), str(seller))
    assert "reason" not in data


@pytest.mark.parametrize(
    ("roles", "headed", "sells", "status"),
    [
        (("seller",), None, True, 403),
        (("head", "seller"), [], True, 403),
        (("head",), None, False, 404),
    ],
)
async def test_only_a_head_lets_a_seller_of_the_room_hold_a_client(
    new_tenant: NewTenant,
    roles: tuple[str, ...],
    headed: list[RoomId] | None,
    sells: bool,
    status: int,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.seller(active=sells)
    body = {
        "company_id": str(tenant.company_id),
        "room_id": str(tenant.room_id),
        "client_id": str(await tenant.client()),
        "employee_id": str(seller),
    }
    refused = await tenant.request(tenant.head, "POST", "", body, roles=roles, headed=headed)
    assert refused.status == status
    if status == 404:
        assert refused.body["errors"][0]["field"] == "employee_id"
    assert await tenant.events_of() == []
