"""Filtered lists of any rooms: the whole list without what does not fit."""

from itertools import product
from typing import Any
from uuid import UUID

from services.activities.domain.activity import STAGES
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.tenant import ROOM_SETTINGS

CHAIN = [
    (),
    ("take",),
    ("take", "invoices"),
    ("take", "invoices", "release"),
    ("take", "invoices", "payments"),
    ("take", "lose"),
]
BODIES: dict[str, dict[str, Any]] = {
    "invoices": {"amount": {"amount": "1000.00", "currency": "RUB"}},
    "payments": {"amount": {"amount": "400.00", "currency": "RUB"}},
    "lose": {"reason": "Купили у других"},
    "release": {"reason": "Ухожу в отпуск"},
}


async def _stocked(tenant: Tenant, rooms: list[UUID]) -> tuple[User, User]:
    """Makes two activities at each point of `CHAIN` in each room; returns a seller of the first and
    the last room, and an admin.
    """
    for room_id in rooms[1:]:
        response = await tenant.call(
            tenant.admin,
            "PUT",
            f"/rooms/{room_id}/settings?company_id={tenant.company_id}",
            ROOM_SETTINGS,
        )
        assert response.status == 200, response.body
    workers = {room_id: await tenant.user(room_id=room_id) for room_id in rooms}
    for _, steps, room_id in product(range(2), CHAIN, rooms):
        activity = await tenant.register(room_id=str(room_id))
        for step in steps:
            await tenant.do(workers[room_id], activity, step, **BODIES.get(step, {}))
    return User(workers[rooms[0]].id, ("seller",), (rooms[0], rooms[-1])), tenant.admin


async def test_a_filtered_list_is_the_whole_list_without_what_does_not_fit(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    rooms: list[UUID] = [tenant.room_id, await tenant.another_room(), await tenant.another_room()]
    seller, admin = await _stocked(tenant, rooms)
    whole = await tenant.pages(admin, "/activities", 100)
    assert len(whole) == 2 * len(CHAIN) * len(rooms)
    assert [item["id"] for item in whole] == [
        item["id"] for item in await tenant.pages(admin, "/activities", 7)
    ]
    stages = sorted({str(stage) for stages in STAGES.values() for stage in stages})
    filters: list[dict[str, str]] = [{"status": status} for status in STAGES]
    filters += [{"stage": stage} for stage in stages]
    filters += [{"status": "in_work", "stage": "invoiced"}, {}]
    filters += [{**narrowed, "room_id": str(rooms[0])} for narrowed in filters]
    cases: list[tuple[User, dict[str, str]]] = [
        (user, narrowed) for user in (seller, admin) for narrowed in filters
    ]
    for user, narrowed in cases:
        fits = [
            item["id"]
            for item in whole
            if all(item[name] == value for name, value in narrowed.items())
            and (user is admin or UUID(item["room_id"]) in user.rooms)
        ]
        path = "/activities?" + "&".join(f"{name}={value}" for name, value in narrowed.items())
        assert [item["id"] for item in await tenant.pages(user, path, 5)] == fits, (
            user.roles,
            narrowed,
        )


async def test_the_pool_of_several_rooms_is_in_the_order_of_registration(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    rooms: list[UUID] = [tenant.room_id, await tenant.another_room(), await tenant.another_room()]
    seller, admin = await _stocked(tenant, rooms)
    free = sorted(
        (item for item in await tenant.pages(admin, "/activities?status=free", 100)),
        key=lambda item: item["id"],
    )
    assert [item["id"] for item in await tenant.pages(admin, "/pool", 5)] == [
        item["id"] for item in free
    ]
    visible = [item["id"] for item in free if UUID(item["room_id"]) in seller.rooms]
    assert [item["id"] for item in await tenant.pages(seller, "/pool", 5)] == visible


async def test_a_page_names_what_its_items_mention(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    await tenant.do(seller, await tenant.register(), "take")
    for query in ("", "?sort=created", "?q=Ромашка"):
        page = (await tenant.call(tenant.admin, "GET", f"/activities{query}")).body
        (item,) = page["items"]
        assert page["names"] == {
            "companies": {item["company_id"]: "Лес"},
            "rooms": {item["room_id"]: "Москва"},
            "employees": {str(seller.id): "Продавец", str(tenant.admin.id): "Админ"},
            "sources": {item["source_id"]: "Сайт"},
            "products": {item["products"][0]["product_id"]: "Лицензия"},
        }, query
    empty = (await tenant.call(tenant.admin, "GET", "/activities?status=won")).body
    assert set(empty["names"]) == set(page["names"]) and not any(empty["names"].values())


async def test_the_pool_has_names_where_they_are_asked_for(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    await tenant.register()
    assert "names" not in (await tenant.call(seller, "GET", "/pool")).body
    names = (await tenant.call(seller, "GET", "/pool?names=true")).body["names"]
    assert names["sources"] == {tenant.source_id: "Сайт"}
    assert names["products"] == {tenant.product_id: "Лицензия"}
    assert names["companies"] == {str(tenant.company_id): "Лес"}
