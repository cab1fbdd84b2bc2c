"""Clients are unique, and found as they are written."""

import random

from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import all_at_once, statuses


async def test_eight_simultaneous_creations_make_one_client(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    seller = await world.person()
    for number in range(5):
        phones = [f"+790312345{number}{digit}" for digit in range(10)] + [
            f"+790312346{number}{digit}" for digit in range(10)
        ]
        bodies = [
            {"name": f"Клиент {each}", "kind": "person", "phones": random.sample(phones, 20)}
            for each in range(8)
        ]
        responses = await all_at_once(
            world.call(seller, "POST", "/clients", body) for body in bodies
        )
        assert statuses(responses) == [201] + [409] * 7
        assert {response.body["code"] for response in responses if response.status == 409} == {
            "duplicate_client"
        }
    assert len(await world.pages(seller, "/clients", 50)) == 5


async def test_a_duplicate_of_another_rooms_client_stays_nameless(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    seller, stranger = await world.person(), await world.person(room_id=await world.another_room())
    body = {"name": "Иванов", "kind": "person", "phones": ["+79031234567"]}
    client = (await world.call(seller, "POST", "/clients", body)).body
    await world.register(seller, client_id=client["id"])
    refused = await world.call(stranger, "POST", "/clients", {**body, "name": "Другой"})
    assert (refused.status, refused.body["matched"], refused.body["client_ids"]) == (
        409,
        ["phone"],
        [],
    )
    known = await world.call(seller, "POST", "/clients", {**body, "name": "Другой"})
    assert known.body["client_ids"] == [client["id"]]
