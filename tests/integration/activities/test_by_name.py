"""Search by a client's name: the same rows whether the index names the clients or a scan meets
them, and none of others.
"""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.environment import Installation
from services.activities.queries import activities, by_name, clients
from services.activities.queries.listing import Filters
from shared.db import Database
from shared.ids import RoomId
from shared.tenancy import Caller
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import Person, World

NAMES = ["Лесной двор", "ООО Лес", "Полесье", "Степь"]


def caller(world: World, who: Person) -> Caller:
    return Caller(
        world.tenant_id, who.id, frozenset(who.roles), frozenset(RoomId(room) for room in who.rooms)
    )


async def list_ids(database: Database, world: World, who: Person, filters: Filters) -> list[str]:
    """The activities of a list, two a page."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        async with database.begin_for(world.tenant_id) as tx:
            page = await activities.list_activities(tx, filters, caller(world, who), 2, cursor)
        ids += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return ids


@pytest.fixture(params=[by_name.MOST_NAMED, 0])
def each_way_of_search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the newest one first, then from the index, or among three and among all."""
    monkeypatch.setattr(by_name, "MOST_NAMED", request.param)
    monkeypatch.setattr(by_name, "WINDOWS", (1, 3, 2**62))


@pytest.mark.usefixtures("each_way_of_search")
async def test_a_list_by_name_is_the_whole_list_without_other_names(
    new_world: NewWorld, database: Database
) -> None:
    world = await new_world()
    rooms: list[UUID] = [world.room_id, await world.another_room(), await world.another_room()]
    registered = [
        await world.register(name=name, room_id=str(room))
        for name in NAMES
        for room in rooms
        for _ in range(2)
    ]
    seller = await world.person()
    for activity in registered[:3]:
        await world.do(seller, activity, "take")
    whole = await world.pages(world.admin, "/activities", 100)
    of_two = Person(seller.id, ("seller",), (rooms[0], rooms[2]))
    for who in (world.admin, of_two, seller):
        for filters in (
            {},
            {"room_id": rooms[0]},
            {"status": "in_work"},
            {"responsible_id": seller.id},
        ):
            fits = [
                item
                for item in whole
                if "лес" in item["client"]["name"].lower() and _fits(item, filters, who)
            ]
            ids = await list_ids(database, world, who, Filters(q="лес", **filters))
            assert ids == [item["id"] for item in fits], (who, filters)
    assert await list_ids(database, world, world.admin, Filters(q="нет такого")) == []


def _fits(item: Any, filters: dict[str, Any], who: Person) -> bool:
    visible = who.roles == ("admin",) or UUID(item["room_id"]) in who.rooms
    return visible and all(str(item[name]) == str(value) for name, value in filters.items())


@pytest.mark.usefixtures("each_way_of_search")
async def test_clients_are_found_by_part_of_a_name_or_by_a_whole_contact(
    new_world: NewWorld, database: Database
) -> None:
    world = await new_world()
    ids_by_name = {
        name: (await world.create("/clients", name=name, kind="organization"))["id"]
        for name in NAMES
    }
    body = {
        "name": "Иванов",
        "kind": "person",
        "phones": ["+79031234567"],
        "emails": ["ivanov@example.ru"],
        "inn": "500100732259",
    }
    ivanov = await world.create("/clients", **body)
    expected = {
        "лес": [ids_by_name[name] for name in reversed(NAMES[:3])],
        "ВАНО": [ivanov["id"]],
    }
    expected |= {
        contact: [ivanov["id"]] for contact in ("+79031234567", "Ivanov@example.ru", "500100732259")
    }
    for words, ids in expected.items():
        async with database.begin_for(world.tenant_id) as tx:
            page = await clients.list_clients(tx, words, caller(world, world.admin), 50, None)
        assert [str(item["id"]) for item in page["items"]] == ids, words


async def test_the_index_of_names_holds_no_other_tenants(
    new_world: NewWorld, provisioned: Installation
) -> None:
    mine, other = await new_world(), await new_world()
    for world in (mine, other):
        await world.create("/clients", name="Общее имя", kind="organization")
    app = await asyncpg.connect(provisioned.database_url("activities", "app"))
    try:
        named = (
            "SELECT n.id, c.tenant_id FROM client_named($1, '%имя%', 10) n"
            " LEFT JOIN client c ON c.id = n.id"
        )
        assert await app.fetch(named, mine.tenant_id) == [], "in no tenant's transaction"
        async with app.transaction():
            await app.execute(f"SET LOCAL app.tenant_id = '{mine.tenant_id}'")
            assert [row["tenant_id"] for row in await app.fetch(named, mine.tenant_id)] == [
                mine.tenant_id
            ]
            assert await app.fetch(named, other.tenant_id) == []
    finally:
        await app.close()
