"""Contact persons of a client: entered, found, kept by room."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.persons import (
    EMAIL,
    MOBILE,
    PERSON,
    add,
    added,
    change,
    events_of,
    found,
    names_of,
)
from tests.integration.activities.test_client_check import hold
from tests.integration.activities.test_clients_of_rooms import CLIENT, INN, TwoRooms
from tests.integration.activities.test_merging import merge, new_client


async def test_a_contact_person_is_entered_changed_and_archived(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller, "Ромашка")
    person = await added(tenant, seller, client)
    assert person == {
        "id": person["id"],
        "version": 1,
        "client_id": client,
        "name": "Пётр Петров",
        "position": "Директор",
        "phones": [MOBILE],
        "emails": [EMAIL],
        "note": "Звонить после 11",
        "archived": False,
        "created_by": str(seller.id),
    }
    changed = await change(tenant, seller, person, position=None, add_phones=["+74951112233"])
    assert changed.status == 200, changed.body
    assert (changed.body["version"], changed.body["position"]) == (2, None)
    assert changed.body["phones"] == [MOBILE, "+74951112233"]
    again = await change(tenant, seller, person, position=None)
    assert (again.status, again.body["version"]) == (200, 2)
    archived = await change(tenant, seller, person, archived=True)
    assert (archived.status, archived.body["archived"]) == (200, True)
    assert await names_of(tenant, seller, client) == []
    assert await names_of(tenant, seller, client, "?archived=true") == ["Пётр Петров"]
    assert await found(tenant, seller, "/clients", "9161234567") == []
    assert (await change(tenant, seller, person, archived=False)).status == 200
    assert await found(tenant, seller, "/clients", "9161234567") == [client]


async def test_a_persons_events_hold_ids_and_the_person_travels_apart(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller, "Ромашка")
    person = await added(tenant, seller, client)
    (topic, kind, fact), (people, described, text) = await events_of(tenant, person)
    assert (topic, kind) == ("sales.activities.v1", "contact_person.changed")
    assert fact == {
        "contact_person_id": person["id"],
        "client_id": client,
        "archived": False,
        "room_ids": [str(tenant.room_id)],
        "by": str(seller.id),
    }
    assert (people, described) == ("sales.people.v1", "contact_person.described")
    assert (text["name"], text["phones"], text["note"]) == (
        "Пётр Петров",
        [MOBILE],
        "Звонить после 11",
    )


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"name": ""}, "name", "empty"),
        ({"name": "\u200b"}, "name", "visible"),
        ({"name": "Пётр", "phones": ["123"]}, "phones.0", "phone"),
        ({"name": "Пётр", "emails": ["не почта"]}, "emails.0", "email"),
        ({"name": "Пётр", "phones": [f"+7495123{n:04}" for n in range(21)]}, "phones", "too_many"),
        ({"name": "Пётр", "room_id": str(new_id())}, "room_id", "unknown_field"),
        ({}, "name", "missing"),
    ],
)
async def test_a_malformed_person_is_refused_and_changes_nothing(
    new_tenant: NewTenant, body: Any, field: str, rule: str
) -> None:
    tenant = await new_tenant()
    client = await new_client(tenant, tenant.admin, "Ромашка")
    path = f"/clients/{client}/persons"
    refused = await tenant.call(tenant.admin, "POST", path, body)
    assert refused.status == 422, refused.body
    error = refused.body["errors"][0]
    assert (error["field"], error["rule"]) == (field, rule), error
    assert await names_of(tenant, tenant.admin, client) == []


async def test_a_stale_change_of_a_person_tells_what_differs(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    person = await added(tenant, seller, await new_client(tenant, seller, "Ромашка"))
    path = f"/clients/{person['client_id']}/persons/{person['id']}"
    caller = tenant.caller_of(seller)
    match = {"If-Match": '"1"'}
    first = await tenant.api.call(caller, "PATCH", path, {"position": "Главбух"}, match)
    assert (first.status, first.body["version"]) == (200, 2)
    stale = await tenant.api.call(caller, "PATCH", path, {"position": "Юрист"}, match)
    assert (stale.status, stale.body["code"], stale.body["version"]) == (409, "stale", 2)
    assert stale.body["changed"] == {"position": "Главбух"}


async def test_a_client_and_its_activities_are_found_by_its_person(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, client=CLIENT)
    client = activity["client"]["id"]
    await added(tenant, seller, client)
    for words in ("89161234567", "1234567", EMAIL, "петр петров", "Петров"):
        assert await found(tenant, seller, "/clients", words) == [client], words
        assert await found(tenant, seller, "/activities", words) == [activity["id"]], words
    # A later change of the client keeps its persons findable.
    assert (await tenant.call(seller, "PATCH", f"/clients/{client}", {"large": True})).status == 200
    assert await found(tenant, seller, "/clients", "Петров") == [client]


async def test_a_persons_contact_means_the_client(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller, "Ромашка", inn=INN)
    await added(tenant, seller, client)
    described = {"name": "Ромашка", "kind": "organization", "phones": [MOBILE]}
    registered = await tenant.register(seller, client=described)
    assert registered["client"]["id"] == client
    assert "added_to_client" not in registered
    created = await tenant.call(seller, "POST", "/clients", described)
    assert (created.status, created.body["client_ids"]) == (409, [client])
    question = {
        "room_id": str(tenant.room_id),
        "company_id": str(tenant.company_id),
        "emails": [EMAIL],
    }
    checked = await tenant.call(seller, "POST", "/clients/check", question)
    assert checked.body["client_id"] == client


async def test_a_contact_of_another_client_is_refused_as_by_changing_the_client(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller, "Ромашка", inn=INN)
    other = await new_client(tenant, seller, "Тюльпан", phones=[MOBILE])
    refused = await add(tenant, seller, client)
    patched = await tenant.call(seller, "PATCH", f"/clients/{client}", {"add_phones": [MOBILE]})
    assert (refused.status, refused.body) == (409, patched.body)
    assert refused.body["client_ids"] == [other]
    assert await names_of(tenant, seller, client) == []
    # Two organisations may have one director: the INN tells them apart.
    body = {"inn": "5006834918"}
    assert (await tenant.call(seller, "PATCH", f"/clients/{other}", body)).status == 200
    assert (await add(tenant, seller, client)).status == 201
    # And not a client of another room either, without a word of whose it is.
    outsider = await tenant.user(room_id=await tenant.another_room())
    theirs = await new_client(tenant, outsider, "Василёк")
    foreign = await add(tenant, outsider, theirs)
    assert (foreign.status, foreign.body["client_ids"]) == (409, [])


async def test_a_contact_is_freed_with_its_person_unless_the_client_has_it(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller, "Ромашка", emails=[EMAIL])
    person = await added(tenant, seller, client)
    # The client's own change keeps what its person has, and the other way round.
    assert (await tenant.call(seller, "PATCH", f"/clients/{client}", {"emails": []})).status == 200
    again = {"name": "Другая", "kind": "organization", "emails": [EMAIL]}
    assert (await tenant.call(seller, "POST", "/clients", again)).status == 409
    assert (await change(tenant, seller, person, archived=True)).status == 200
    assert (await tenant.call(seller, "POST", "/clients", again)).status == 201
    refused = await change(tenant, seller, person, archived=False)
    assert (refused.status, refused.body["code"]) == (409, "duplicate_client")


async def test_the_same_person_is_not_entered_twice(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller, "Ромашка")
    person = await added(tenant, seller, client)
    twice = await add(tenant, seller, client, name="петр  ПЕТРОВ", emails=[])
    assert (twice.status, twice.body["code"]) == (409, "duplicate_person")
    assert twice.body["person_id"] == person["id"]
    other = await add(tenant, seller, client, phones=["+74951112233"], emails=[])
    assert other.status == 201, "a namesake with other contacts"
    assert (await add(tenant, seller, client, name="Анна", emails=[])).status == 201


async def test_persons_come_along_when_clients_merge(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    old = await new_client(tenant, seller, "Ромашка")
    into = await new_client(tenant, seller, "ООО Ромашка")
    person = await added(tenant, seller, old)
    await added(tenant, seller, into, name="Анна", phones=[], emails=["anna@romashka.example"])
    assert (await merge(tenant, tenant.admin, old, into)).status == 200
    for client in (old, into):
        assert await names_of(tenant, seller, client) == ["Пётр Петров", "Анна"]
    assert await found(tenant, seller, "/clients", "Петров") == [into]
    described = {"name": "Кто-то", "kind": "organization", "phones": [MOBILE]}
    assert (await tenant.register(seller, client=described))["client"]["id"] == into
    assert (await events_of(tenant, person))[-2][2]["client_id"] == into
    moved = {**person, "client_id": into}
    changed = await change(tenant, seller, moved, position="Главбух")
    assert (changed.status, changed.body["version"]) == (200, 3)
    assert (await add(tenant, seller, old, name="Третий")).status == 404


async def test_a_room_sees_no_persons_that_another_entered(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    tenant, client, theirs = rooms.tenant, rooms.client_id, str(rooms.outsider.rooms[0])
    person = await added(tenant, rooms.seller, client)
    path = f"/clients/{client}/persons"
    mine = await new_client(tenant, rooms.outsider, "Своя")
    own = await added(tenant, rooms.outsider, mine, name="Иван", phones=["+74951112233"], emails=[])
    # Each foreign id alone: the client's, then the person's beside a client that one sees.
    for method, where, body in (
        ("GET", path, None),
        ("POST", path, PERSON),
        ("GET", f"{path}/{person['id']}", None),
        ("PATCH", f"{path}/{person['id']}", {"note": "Я"}),
        ("GET", f"{path}/{own['id']}", None),
        ("PATCH", f"{path}/{own['id']}", {"note": "Я"}),
        ("GET", f"/clients/{mine}/persons/{person['id']}", None),
        ("PATCH", f"/clients/{mine}/persons/{person['id']}", {"note": "Я"}),
    ):
        assert (await tenant.call(rooms.outsider, method, where, body)).status == 404, where
    await tenant.register(tenant.admin, client_id=client, room_id=theirs)
    assert await names_of(tenant, rooms.outsider, client) == []
    for method in ("GET", "PATCH"):
        body = {"note": "Я"} if method == "PATCH" else None
        refused = await tenant.call(rooms.outsider, method, f"{path}/{person['id']}", body)
        assert (refused.status, refused.body["code"]) == (404, "not_found")
    for words in ("9161234567", EMAIL, "Петров"):
        assert await found(tenant, rooms.outsider, "/clients", words) == [], words
        assert await found(tenant, rooms.outsider, "/activities", words) == [], words
        assert await found(tenant, rooms.seller, "/clients", words) == [client], words
    described = {"name": "Проба", "kind": "person", "phones": [MOBILE]}
    refused = await tenant.call(rooms.outsider, "POST", "/clients", described)
    assert (refused.status, refused.body["client_ids"]) == (409, [])
    # Theirs of the same name is another person, and each room has its own.
    await added(tenant, rooms.outsider, client)
    assert await names_of(tenant, rooms.outsider, client) == ["Пётр Петров"]
    assert await names_of(tenant, rooms.seller, client) == ["Пётр Петров"]
    assert len(await names_of(tenant, tenant.admin, client)) == 2


async def test_an_activity_that_moves_brings_the_persons_of_its_room(
    new_tenant: NewTenant,
) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    tenant, client = rooms.tenant, rooms.client_id
    await added(tenant, rooms.seller, client)
    body = {"room_id": str(rooms.outsider.rooms[0]), "reason": "Регион"}
    path = f"/activities/{rooms.activity['id']}/move"
    assert (await tenant.call(tenant.admin, "POST", path, body)).status == 200
    assert await names_of(tenant, rooms.outsider, client) == ["Пётр Петров"]
    assert await found(tenant, rooms.outsider, "/clients", "Петров") == [client]
    # Later ones stay with who entered them.
    await added(tenant, rooms.seller, client, name="Анна", emails=[], phones=[])
    assert await names_of(tenant, rooms.outsider, client) == ["Пётр Петров"]


async def test_another_tenant_has_no_such_persons(new_tenant: NewTenant) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    client = await new_client(tenant, tenant.admin, "Ромашка")
    person = await added(tenant, tenant.admin, client)
    mine = await new_client(stranger, stranger.admin, "Своя")
    for of_client in (client, mine):
        path = f"/clients/{of_client}/persons/{person['id']}"
        assert (await stranger.call(stranger.admin, "GET", path)).status == 404
        assert (await stranger.call(stranger.admin, "PATCH", path, {"note": "Я"})).status == 404
    assert (await add(stranger, stranger.admin, client)).status == 404


async def test_a_vip_is_not_gone_round_by_a_persons_phone(new_tenant: NewTenant) -> None:
    rooms = await TwoRooms.of(await new_tenant())
    await added(rooms.tenant, rooms.seller, rooms.client_id)
    await hold(rooms, None, rooms.seller)
    described = {"name": "Кто-то", "kind": "person", "phones": [MOBILE]}
    colleague = await rooms.tenant.user()
    registered = await rooms.tenant.register(colleague, client=described, take=True)
    assert registered["how"] == "vip_routed"
    assert registered["responsible_id"] == str(rooms.seller.id)
