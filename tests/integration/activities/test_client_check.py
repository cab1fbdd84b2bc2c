"""The blind check before registering: free, in work or a VIP, and nothing else."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_clients_of_rooms import EMAIL, INN, PHONE, TwoRooms
from tests.support.client import Response

FREE = {"status": "free", "protected_until": None, "client_id": None}


async def check(tenant: Tenant, user: User, **contacts: Any) -> Response:
    body = {
        "room_id": str(user.rooms[0] if user.rooms else tenant.room_id),
        "company_id": str(tenant.company_id),
        **contacts,
    }
    return await tenant.call(user, "POST", "/clients/check", body)


async def hold(rooms: TwoRooms, until: str | None, seller: User | None = None) -> None:
    """As the vip service says: the client is a VIP of the room's seller."""
    tenant = rooms.tenant
    await tenant.reader.execute(
        "INSERT INTO vip_holder (tenant_id, company_id, client_id, vip_id, version,"
        " responsible_id, reset_due_at) VALUES ($1, $2, $3::uuid, $4, 1, $5, $6::text::timestamptz)"
        " ON CONFLICT (tenant_id, company_id, client_id) DO UPDATE"
        " SET reset_due_at = excluded.reset_due_at",
        tenant.tenant_id,
        tenant.company_id,
        rooms.client_id,
        new_id(),
        (seller or rooms.seller).id,
        until,
    )


async def test_an_outsider_hears_free_in_work_or_vip_and_nothing_else(
    new_tenant: NewTenant,
) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    tenant, outsider = rooms.tenant, rooms.outsider
    for contacts in ({"phones": [PHONE]}, {"emails": [EMAIL]}, {"inn": INN}):
        assert (await check(tenant, outsider, **contacts)).body == FREE
    await tenant.do(rooms.seller, rooms.activity, "take")
    in_work = {**FREE, "status": "in_work"}
    assert (await check(tenant, outsider, phones=["8 (495) 123-45-67"])).body == in_work
    await hold(rooms, "2099-01-01T00:00:00Z")
    vip = {**FREE, "status": "vip", "protected_until": "2099-01-01T00:00:00Z"}
    assert (await check(tenant, outsider, inn=INN)).body == vip
    await hold(rooms, None)
    assert (await check(tenant, outsider, inn=INN)).body == {**FREE, "status": "vip"}
    await hold(rooms, "2020-01-01T00:00:00Z")
    assert (await check(tenant, outsider, inn=INN)).body == in_work


async def test_who_sees_the_client_hears_its_id(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    seen = await check(rooms.tenant, rooms.seller, phones=[PHONE])
    assert seen.body == {**FREE, "client_id": rooms.client_id}
    unknown = await check(rooms.tenant, rooms.seller, emails=["nobody@example.ru"])
    assert unknown.body == FREE


async def test_a_vip_of_who_works_nowhere_is_not_one(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    gone = await rooms.tenant.user()
    await hold(rooms, None, gone)
    path = f"/employees/{gone.id}"
    await rooms.tenant.call(rooms.tenant.admin, "PATCH", path, {"active": False})
    assert (await check(rooms.tenant, rooms.outsider, inn=INN)).body == FREE


@pytest.mark.parametrize(
    ("contacts", "field"),
    [({}, "inn"), ({"inn": "1234567890"}, "inn"), ({"kpp": "770101001", "phones": [PHONE]}, "kpp")],
)
async def test_a_check_without_or_with_broken_contacts_names_the_field(
    new_tenant: NewTenant, contacts: dict[str, Any], field: str
) -> None:
    tenant = await new_tenant()
    refused = await check(tenant, await tenant.user(), **contacts)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, field)


async def test_a_check_is_of_the_callers_room_and_tenant(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    tenant = rooms.tenant
    foreign = await check(tenant, rooms.outsider, room_id=str(tenant.room_id), inn=INN)
    assert (foreign.status, foreign.body["errors"][0]["field"]) == (404, "room_id")
    other = await tenant.create("/companies", name="Вторая")
    unsold = await check(tenant, rooms.outsider, company_id=other["id"], inn=INN)
    assert (unsold.status, unsold.body["errors"][0]["field"]) == (422, "company_id")
    stranger = await new_tenant()
    assert (await check(stranger, await stranger.user(), inn=INN)).body == FREE
