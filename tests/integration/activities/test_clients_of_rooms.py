"""Rooms don't see each other's clients, through whichever door they ask."""

from typing import Any, Self
from uuid import UUID

import orjson

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User

PHONE, EMAIL, INN = "+74951234567", "zakupki@romashka.example", "7707083893"
CLIENT = {
    "name": "ООО Ромашка",
    "kind": "organization",
    "inn": INN,
    "phones": [PHONE],
    "emails": [EMAIL],
}


class TwoRooms:
    """A client of the tenant's room, and a seller of another."""

    tenant: Tenant
    seller: User
    outsider: User
    activity: Any

    @classmethod
    async def of(cls, tenant: Tenant) -> Self:
        rooms = cls()
        rooms.tenant, rooms.seller = tenant, await tenant.user()
        rooms.outsider = await tenant.user(room_id=await tenant.another_room())
        rooms.activity = await tenant.register(rooms.seller, client=CLIENT)
        return rooms

    @property
    def client_id(self) -> str:
        return str(self.activity["client"]["id"])

    async def register(self, **client: Any) -> Any:
        """The response to the outsider's registration in their own room."""
        room_id = str(self.outsider.rooms[0])
        body = self.tenant.registration(room_id=room_id, **client)
        return await self.tenant.call(self.outsider, "POST", "/activities", body)

    async def events_of_client(self) -> list[dict[str, Any]]:
        rows = await self.tenant.reader.fetch(
            "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'client.changed'"
            " AND aggregate_id = $2 ORDER BY aggregate_version",
            self.tenant.tenant_id,
            UUID(self.client_id),
        )
        return [orjson.loads(row["value"]) for row in rows]


async def test_a_foreign_client_is_not_there_to_be_registered(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    refused = await rooms.register(client_id=rooms.client_id)
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "client_id")
    assert refused.body == (await rooms.register(client_id=str(new_id()))).body


async def test_contacts_of_a_foreign_client_are_refused_as_by_creating_it(
    new_tenant: NewTenant,
) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    for known in ({"phones": [PHONE]}, {"emails": [EMAIL]}, {"inn": INN, "phones": [PHONE]}):
        client = {"name": "Проба", "kind": "organization", **known}
        created = await rooms.tenant.call(rooms.outsider, "POST", "/clients", client)
        registered = await rooms.register(client=client)
        assert (registered.status, registered.body) == (created.status, created.body)
        assert (created.status, created.body["code"]) == (409, "duplicate_client")
        assert created.body["client_ids"] == []
        assert rooms.client_id not in orjson.dumps(created.body).decode()


async def test_contacts_of_own_and_foreign_clients_tell_nothing_of_the_foreign_one(
    new_tenant: NewTenant,
) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    own = await rooms.register(client={**CLIENT, "inn": None, "phones": [], "emails": ["a@b.ru"]})
    mixed = {"name": "Проба", "kind": "person", "phones": [PHONE], "emails": ["a@b.ru"]}
    refused = await rooms.register(client=mixed)
    assert (refused.status, refused.body["client_ids"]) == (409, [own.body["client"]["id"]])


async def test_a_foreign_client_is_neither_read_changed_nor_found(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    tenant, path = rooms.tenant, f"/clients/{rooms.client_id}"
    assert (await tenant.call(rooms.outsider, "GET", path)).status == 404
    assert (await tenant.call(rooms.outsider, "PATCH", path, {"name": "Чужая"})).status == 404
    for query in ("", "?q=Ромашка", f"?q={INN}", f"?q={EMAIL}"):
        assert (await tenant.call(rooms.outsider, "GET", f"/clients{query}")).body["items"] == []
        seen = (await tenant.call(rooms.seller, "GET", f"/clients{query}")).body["items"]
        assert [client["id"] for client in seen] == [rooms.client_id]
    for query in (f"client_id={rooms.client_id}", "q=Ромашка", f"company_id={tenant.company_id}"):
        listed = await tenant.call(rooms.outsider, "GET", f"/activities?{query}")
        assert listed.body["items"] == []


async def test_a_client_becomes_a_rooms_with_its_first_activity_there(
    new_tenant: NewTenant,
) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    tenant, theirs = rooms.tenant, str(rooms.outsider.rooms[0])
    for _ in range(2):
        await tenant.register(tenant.admin, client_id=rooms.client_id, room_id=theirs)
    seen = await tenant.call(rooms.outsider, "GET", f"/clients/{rooms.client_id}")
    assert seen.status == 200 and "room_ids" not in seen.body
    first, second = await rooms.events_of_client()
    assert first["room_ids"] == [str(tenant.room_id)]
    assert second["room_ids"] == [str(tenant.room_id), theirs]


async def test_a_client_is_seen_by_colleagues_of_who_entered_it(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.users(2)
    outsider = await tenant.user(room_id=await tenant.another_room())
    client = (await tenant.call(seller, "POST", "/clients", CLIENT)).body
    path = f"/clients/{client['id']}"
    assert (await tenant.call(colleague, "GET", path)).status == 200
    assert (await tenant.call(outsider, "GET", path)).status == 404


async def test_a_client_of_an_admins_list_is_for_every_room_until_one_enters_it(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    outsider = await tenant.user(room_id=await tenant.another_room())
    client = await tenant.create("/clients", **CLIENT)
    path = f"/clients/{client['id']}"
    assert (await tenant.call(outsider, "GET", path)).status == 200
    await tenant.register(await tenant.user(), client_id=client["id"])
    assert (await tenant.call(outsider, "GET", path)).status == 404


async def test_a_seller_who_moves_leaves_the_rooms_clients_behind(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    moved = User(rooms.seller.id, ("seller",), rooms.outsider.rooms)
    seen = await rooms.tenant.call(moved, "GET", f"/clients/{rooms.client_id}")
    assert seen.status == 404
