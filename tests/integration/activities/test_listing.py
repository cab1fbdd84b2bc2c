"""Filtered lists of any rooms: the whole list without what does not fit."""

from itertools import product
from typing import Any
from uuid import UUID

from services.activities.domain.activity import STAGES
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import SETTINGS, Person, World

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


async def _stocked(world: World, rooms: list[UUID]) -> tuple[Person, Person]:
    """Makes two activities at each point of `CHAIN` in each room; returns a seller of the first and
    the last room, and an admin.
    """
    for room_id in rooms[1:]:
        response = await world.call(
            world.admin, "PUT", f"/rooms/{room_id}/settings?company_id={world.company_id}", SETTINGS
        )
        assert response.status == 200, response.body
    workers = {room_id: await world.person(room_id=room_id) for room_id in rooms}
    for _, steps, room_id in product(range(2), CHAIN, rooms):
        activity = await world.register(room_id=str(room_id))
        for step in steps:
            await world.done(workers[room_id], activity, step, **BODIES.get(step, {}))
    return Person(workers[rooms[0]].id, ("seller",), (rooms[0], rooms[-1])), world.admin


async def test_a_filtered_list_is_the_whole_list_without_what_does_not_fit(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    rooms: list[UUID] = [world.room_id, await world.another_room(), await world.another_room()]
    seller, admin = await _stocked(world, rooms)
    whole = await world.pages(admin, "/activities", 100)
    assert len(whole) == 2 * len(CHAIN) * len(rooms)
    assert [item["id"] for item in whole] == [
        item["id"] for item in await world.pages(admin, "/activities", 7)
    ]
    stages = sorted({str(stage) for stages in STAGES.values() for stage in stages})
    filters: list[dict[str, str]] = [{"status": status} for status in STAGES]
    filters += [{"stage": stage} for stage in stages]
    filters += [{"status": "in_work", "stage": "invoiced"}, {}]
    filters += [{**narrowed, "room_id": str(rooms[0])} for narrowed in filters]
    cases: list[tuple[Person, dict[str, str]]] = [
        (who, narrowed) for who in (seller, admin) for narrowed in filters
    ]
    for who, narrowed in cases:
        fits = [
            item["id"]
            for item in whole
            if all(item[name] == value for name, value in narrowed.items())
            and (who is admin or UUID(item["room_id"]) in who.rooms)
        ]
        path = "/activities?" + "&".join(f"{name}={value}" for name, value in narrowed.items())
        assert [item["id"] for item in await world.pages(who, path, 5)] == fits, (
            who.roles,
            narrowed,
        )


async def test_the_pool_of_several_rooms_is_in_the_order_of_registration(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    rooms: list[UUID] = [world.room_id, await world.another_room(), await world.another_room()]
    seller, admin = await _stocked(world, rooms)
    free = sorted(
        (item for item in await world.pages(admin, "/activities?status=free", 100)),
        key=lambda item: item["id"],
    )
    assert [item["id"] for item in await world.pages(admin, "/pool", 5)] == [
        item["id"] for item in free
    ]
    visible = [item["id"] for item in free if UUID(item["room_id"]) in seller.rooms]
    assert [item["id"] for item in await world.pages(seller, "/pool", 5)] == visible
