"""A room sees of a shared client what its own people entered, through whichever door it asks."""

import asyncio
from typing import Any

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import User
from tests.integration.activities.test_clients_of_rooms import EMAIL, INN, PHONE, TwoRooms
from tests.support.client import Response

THEIRS = "+74957654321"
PERSON_INN = "500100732259"


class SharedClient(TwoRooms):
    """A client whom both rooms have entered; all contacts were typed in the seller's."""

    async def enter(self) -> "SharedClient":
        """An admin, who sees it, registers for it in the outsider's room."""
        room_id = str(self.outsider.rooms[0])
        await self.tenant.register(self.tenant.admin, client_id=self.client_id, room_id=room_id)
        return self

    async def seen(self, user: User) -> Any:
        response = await self.tenant.call(user, "GET", f"/clients/{self.client_id}")
        assert response.status == 200, response.body
        return response.body

    async def change(self, user: User, **changes: Any) -> Response:
        path = f"/clients/{self.client_id}"
        return await self.tenant.call(user, "PATCH", path, changes)


async def shared(new_tenant: NewTenant, **room_settings: int) -> SharedClient:
    rooms = await SharedClient.of(await new_tenant(**room_settings))
    return await rooms.enter()


async def test_a_room_sees_no_contacts_that_another_entered(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    own = await rooms.seen(rooms.seller)
    assert (own["phones"], own["emails"], own["inn"]) == ([PHONE], [EMAIL], INN)
    seen = await rooms.seen(rooms.outsider)
    assert (seen["name"], seen["inn"]) == ("ООО Ромашка", INN)
    assert (seen["phones"], seen["emails"]) == ([], [])
    assert "contact_rooms" not in seen
    for user in (rooms.tenant.admin, await rooms.tenant.user("accountant")):
        assert (await rooms.seen(user))["phones"] == [PHONE]
    listed = (await rooms.tenant.call(rooms.outsider, "GET", "/clients")).body["items"]
    assert [item["phones"] for item in listed] == [[]]


async def test_a_foreign_contact_of_a_shared_client_finds_nothing(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    tenant = rooms.tenant
    for path in (
        "/clients?",
        "/activities?",
        "/activities?sort=created&",
        "/activities?large=false&",
    ):
        for words in (PHONE.removeprefix("+"), "1234567", EMAIL):
            asked = f"{path}q={words}"
            assert (await tenant.call(rooms.outsider, "GET", asked)).body["items"] == [], asked
            assert len((await tenant.call(rooms.seller, "GET", asked)).body["items"]) == 1, asked
        for words in (INN, "ромашка"):
            asked = f"{path}q={words}"
            assert len((await tenant.call(rooms.outsider, "GET", asked)).body["items"]) == 1, asked


async def test_who_changes_contacts_changes_those_of_their_room(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    changed = await rooms.change(rooms.outsider, phones=[THEIRS], emails=[])
    assert (changed.status, changed.body["phones"], changed.body["emails"]) == (200, [THEIRS], [])
    assert (await rooms.seen(rooms.seller))["phones"] == [PHONE]
    assert (await rooms.seen(rooms.seller))["emails"] == [EMAIL]
    assert sorted((await rooms.seen(rooms.tenant.admin))["phones"]) == [PHONE, THEIRS]
    assert (await rooms.change(rooms.outsider, remove_phones=[PHONE])).status == 200
    assert (await rooms.seen(rooms.seller))["phones"] == [PHONE]
    # What both have typed stays with the one that keeps it.
    assert (await rooms.change(rooms.outsider, add_phones=[PHONE])).body["phones"] == [
        THEIRS,
        PHONE,
    ]
    assert (await rooms.change(rooms.seller, phones=[])).body["phones"] == []
    assert sorted((await rooms.seen(rooms.outsider))["phones"]) == [PHONE, THEIRS]
    assert (await rooms.change(rooms.outsider, phones=[])).body["phones"] == []
    assert (await rooms.seen(rooms.tenant.admin))["phones"] == []


async def test_a_stale_change_tells_no_foreign_contacts(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    caller = rooms.tenant.caller_of(rooms.outsider)
    path, body = f"/clients/{rooms.client_id}", {"phones": [THEIRS], "name": "Проба"}
    stale = await rooms.tenant.api.call(caller, "PATCH", path, body, {"If-Match": '"1"'})
    assert (stale.status, stale.body["code"]) == (409, "stale")
    assert stale.body["changed"] == {"phones": [], "name": "ООО Ромашка"}


async def test_what_a_registration_brings_is_its_rooms(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    client = {"name": "ООО Ромашка", "kind": "organization", "inn": INN, "phones": [PHONE, THEIRS]}
    registered = await rooms.register(client=client)
    assert registered.status == 201, registered.body
    assert registered.body["client"]["id"] == rooms.client_id
    assert registered.body["added_to_client"] == {"phones": [PHONE, THEIRS]}
    assert (await rooms.seen(rooms.outsider))["phones"] == [PHONE, THEIRS]
    assert (await rooms.seen(rooms.outsider))["emails"] == []
    assert (await rooms.seen(rooms.seller))["phones"] == [PHONE]
    again = await rooms.register(client=client)
    assert "added_to_client" not in again.body


async def test_a_foreign_contact_does_not_tell_whose_it_is(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    tenant = rooms.tenant
    refused = await tenant.call(
        rooms.outsider, "POST", "/clients", {"name": "Проба", "kind": "person", "phones": [PHONE]}
    )
    assert (refused.status, refused.body["client_ids"]) == (409, [])
    question = {
        "room_id": str(rooms.outsider.rooms[0]),
        "company_id": str(tenant.company_id),
        "phones": [PHONE],
    }
    checked = await tenant.call(rooms.outsider, "POST", "/clients/check", question)
    assert (checked.status, checked.body["client_id"]) == (200, None)
    by_inn = await tenant.call(rooms.outsider, "POST", "/clients/check", {**question, "inn": INN})
    assert by_inn.body["client_id"] == rooms.client_id


async def test_a_persons_inn_is_a_contact_of_the_room_that_entered_it(
    new_tenant: NewTenant,
) -> None:
    rooms = await SharedClient.of(await new_tenant())
    person = {"name": "Иван Петров", "kind": "person", "inn": PERSON_INN}
    rooms.activity = await rooms.tenant.register(rooms.seller, client=person)
    await rooms.enter()
    assert (await rooms.seen(rooms.outsider))["inn"] is None
    found = await rooms.tenant.call(rooms.outsider, "GET", f"/clients?q={PERSON_INN}")
    assert found.body["items"] == []
    other = await rooms.change(rooms.outsider, inn="771609331340")
    assert (other.status, other.body["code"]) in ((409, "duplicate_client"), (422, "invalid"))
    same = await rooms.change(rooms.outsider, inn=PERSON_INN)
    assert (same.status, same.body["inn"]) == (200, PERSON_INN)
    assert (await rooms.seen(rooms.seller))["inn"] == PERSON_INN


async def test_an_activity_that_moves_brings_the_contacts_of_its_room(
    new_tenant: NewTenant,
) -> None:
    rooms = await shared(new_tenant)
    assert (await rooms.change(rooms.tenant.admin, add_phones=["+74950000000"])).status == 200
    body = {"room_id": str(rooms.outsider.rooms[0]), "reason": "Регион"}
    path = f"/activities/{rooms.activity['id']}/move"
    moved = await rooms.tenant.call(rooms.tenant.admin, "POST", path, body)
    assert moved.status == 200, moved.body
    assert (await rooms.seen(rooms.outsider))["phones"] == [PHONE, "+74950000000"]
    assert (await rooms.seen(rooms.outsider))["emails"] == [EMAIL]


async def test_a_merge_shows_no_room_more_contacts_than_before(new_tenant: NewTenant) -> None:
    rooms = await SharedClient.of(await new_tenant())
    tenant = rooms.tenant
    client = {"name": "Ромашка", "kind": "organization", "phones": [THEIRS]}
    other = (await tenant.call(rooms.outsider, "POST", "/clients", client)).body["id"]
    merged = await tenant.call(
        tenant.admin, "POST", f"/clients/{other}/merge", {"into_client_id": rooms.client_id}
    )
    assert sorted(merged.body["phones"]) == [PHONE, THEIRS], merged.body
    assert (await rooms.seen(rooms.outsider))["phones"] == [THEIRS]
    assert (await rooms.seen(rooms.seller))["phones"] == [PHONE]


async def test_two_rooms_that_change_contacts_at_once_keep_their_own(
    new_tenant: NewTenant,
) -> None:
    rooms = await shared(new_tenant)
    for number in range(5):
        ours, theirs = f"+7495111110{number}", f"+7495222220{number}"
        done = await asyncio.gather(
            rooms.change(rooms.seller, phones=[ours]), rooms.change(rooms.outsider, phones=[theirs])
        )
        assert [response.status for response in done] == [200, 200]
        assert (await rooms.seen(rooms.seller))["phones"] == [ours]
        assert (await rooms.seen(rooms.outsider))["phones"] == [theirs]


async def test_contacts_of_before_stay_with_the_rooms_that_saw_them(new_tenant: NewTenant) -> None:
    rooms = await shared(new_tenant)
    third = await rooms.tenant.user(room_id=await rooms.tenant.another_room())
    await rooms.change(rooms.outsider, add_phones=[THEIRS])
    room_id = str(third.rooms[0])
    await rooms.tenant.register(rooms.tenant.admin, client_id=rooms.client_id, room_id=room_id)
    assert (await rooms.seen(third))["phones"] == []
    assert (await rooms.seen(rooms.seller))["phones"] == [PHONE]
    assert (await rooms.seen(rooms.outsider))["phones"] == [THEIRS]
