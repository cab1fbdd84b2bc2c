"""Assigning VIPs and taking them away, by the room's head."""

import pytest

from tests.integration.vip.conftest import NewTenant


async def test_a_head_assigns_a_vip_and_takes_it_away(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=1)
    seller, other = await tenant.seller(), await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    assigned = await tenant.assign(vip["id"], other)
    assert (assigned.status, assigned.body["version"]) == (200, 3)
    assert assigned.body["responsible_id"] == str(other)
    assert (await tenant.assign(vip["id"], other)).body == assigned.body
    assert (await tenant.assign(vip["id"], None)).body["responsible_id"] is None
    assert (await tenant.assign(vip["id"], None)).body["version"] == 4
    _, *events = await tenant.events_of(vip["id"])
    assert [event_type for _, event_type, _ in events] == [
        "vip.released",
        "vip.claimed",
        "vip.released",
    ]
    assert events[0][2]["why"] == events[2][2]["why"] == "taken_away"
    assert {data["by"] for _, _, data in events} == {str(tenant.head)}


async def test_assigning_respects_the_sellers_limit(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=1)
    seller, other = await tenant.seller(), await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    await tenant.claim(other, await tenant.client())
    assert (await tenant.assign(vip["id"], other)).body["code"] == "vip_limit_reached"
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] == str(seller)


@pytest.mark.parametrize(
    "changes",
    [{"active": False}, {"room_ids": []}, {"roles": ["accountant"]}],
    ids=["dismissed", "other rooms", "does not sell"],
)
async def test_who_does_not_sell_in_the_room_is_not_assigned(
    new_tenant: NewTenant, changes: dict[str, object]
) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    response = await tenant.assign(vip["id"], await tenant.seller(**changes))
    assert (response.status, response.body["code"]) == (404, "not_found")
    assert response.body["errors"][0]["field"] == "employee_id"


async def test_a_head_who_sells_in_the_room_is_assigned(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    head = await tenant.seller(roles=["head"])
    assert (await tenant.assign(vip["id"], head)).body["responsible_id"] == str(head)


async def test_sellers_do_not_assign(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    assert (await tenant.assign(vip["id"], None, roles=("seller",))).status == 403


async def test_a_head_who_does_not_head_this_room_neither_assigns_nor_takes_away(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    for to in (await tenant.seller(), None):
        refused = await tenant.assign(vip["id"], to, roles=("head", "seller"), headed=[])
        assert (refused.status, refused.body["code"]) == (403, "forbidden")
