"""Registering an activity."""

from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import all_at_once, statuses


async def test_eight_simultaneous_registrations_share_one_new_client(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    seller = await world.person()
    client = {
        "name": "Иванов",
        "kind": "person",
        "phones": ["+79031234567"],
        "emails": ["ivanov@example.ru"],
    }
    wish = {key: value for key, value in world.registration().items() if key != "client"} | {
        "client": client
    }
    responses = await all_at_once(world.call(seller, "POST", "/activities", wish) for _ in range(8))
    assert statuses(responses) == [201] * 8
    assert len({response.body["client"]["id"] for response in responses}) == 1
    assert len(await world.pages(seller, "/clients", 50)) == 1


async def test_a_line_above_the_largest_amount_is_refused(new_world: NewWorld) -> None:
    world = await new_world()
    price = {"amount": "999999999999.99", "currency": "RUB"}
    dear = world.registration(
        products=[{"product_id": world.product_id, "quantity": 2, "price": price}]
    )
    response = await world.call(world.admin, "POST", "/activities", dear)
    assert (response.status, response.body["errors"][0]["rule"]) == (422, "largest_amount")


async def test_an_accountant_of_the_room_cannot_take_at_once(new_world: NewWorld) -> None:
    world = await new_world()
    accountant = await world.person("accountant")
    assert (
        await world.call(accountant, "POST", "/activities", world.registration(take=True))
    ).status == 403
