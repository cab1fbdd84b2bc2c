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
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User

NAMES = ["Лесной двор", "ООО Лес", "Полесье", "Степь"]


async def list_ids(database: Database, tenant: Tenant, user: User, filters: Filters) -> list[str]:
    """The activities of a list, two a page."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        async with database.begin_for(tenant.tenant_id) as tx:
            page = await activities.list_activities(tx, filters, tenant.caller_of(user), 2, cursor)
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
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    rooms: list[UUID] = [tenant.room_id, await tenant.another_room(), await tenant.another_room()]
    registered = [
        await tenant.register(name=name, room_id=str(room))
        for name in NAMES
        for room in rooms
        for _ in range(2)
    ]
    seller = await tenant.user()
    for activity in registered[:3]:
        await tenant.command(seller, activity, "take")
    whole = await tenant.pages(tenant.admin, "/activities", 100)
    of_two = User(seller.id, ("seller",), (rooms[0], rooms[2]))
    for user in (tenant.admin, of_two, seller):
        for filters in (
            {},
            {"room_id": rooms[0]},
            {"status": "in_work"},
            {"responsible_id": seller.id},
        ):
            fits = [
                item
                for item in whole
                if "лес" in item["client"]["name"].lower() and _fits(item, filters, user)
            ]
            ids = await list_ids(database, tenant, user, Filters(q="лес", **filters))
            assert ids == [item["id"] for item in fits], (user, filters)
    assert await list_ids(database, tenant, tenant.admin, Filters(q="нет такого")) == []


def _fits(item: Any, filters: dict[str, Any], user: User) -> bool:
    visible = user.roles == ("admin",) or UUID(item["room_id"]) in user.rooms
    return visible and all(str(item[name]) == str(value) for name, value in filters.items())


@pytest.mark.usefixtures("each_way_of_search")
async def test_clients_are_found_by_part_of_a_name_or_by_a_whole_contact(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    ids_by_name = {
        name: (await tenant.create("/clients", name=name, kind="organization"))["id"]
        for name in NAMES
    }
    body = {
        "name": "Иванов",
        "kind": "person",
        "phones": ["+79031234567"],
        "emails": ["ivanov@example.ru"],
        "inn": "500100732259",
    }
    ivanov = await tenant.create("/clients", **body)
    expected = {
        "лес": [ids_by_name[name] for name in reversed(NAMES[:3])],
        "ВАНО": [ivanov["id"]],
    }
    expected |= {
        contact: [ivanov["id"]] for contact in ("+79031234567", "Ivanov@example.ru", "500100732259")
    }
    for words, ids in expected.items():
        async with database.begin_for(tenant.tenant_id) as tx:
            page = await clients.list_clients(tx, words, tenant.caller_of(tenant.admin), 50, None)
        assert [str(item["id"]) for item in page["items"]] == ids, words


async def test_the_index_of_names_holds_no_other_tenants(
    new_tenant: NewTenant, provisioned: Installation
) -> None:
    mine, other = await new_tenant(), await new_tenant()
    for tenant in (mine, other):
        await tenant.create("/clients", name="Общее имя", kind="organization")
    app = await asyncpg.connect(provisioned.database_url("activities", "app"))
    try:
        named = (
            "SELECT n.id, c.tenant_id FROM client_found($1, '{%имя%}', 10) n"
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
