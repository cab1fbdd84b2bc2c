"""Clients are unique, lists complete, and no input is our mistake."""

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from shared.paging import cursor_of
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import all_at_once, statuses


async def test_of_eight_simultaneous_registrations_of_a_client_one_is_made(
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
        answers = await all_at_once(world.call(seller, "POST", "/clients", body) for body in bodies)
        assert statuses(answers) == [201] + [409] * 7
        assert {answer.body["code"] for answer in answers if answer.status == 409} == {
            "duplicate_client"
        }
    assert len(await world.pages(seller, "/clients", 50)) == 5


async def test_of_eight_simultaneous_activities_with_one_new_client_all_are_of_that_client(
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
    wish = {key: value for key, value in world.wish().items() if key != "client"} | {
        "client": client
    }
    answers = await all_at_once(world.call(seller, "POST", "/activities", wish) for _ in range(8))
    assert statuses(answers) == [201] * 8
    assert len({answer.body["client"]["id"] for answer in answers}) == 1
    assert len(await world.pages(seller, "/clients", 50)) == 1


async def test_a_duplicate_of_another_rooms_client_is_refused_without_saying_whose(
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


@pytest.mark.parametrize("limit", [1, 3, 7, 23, 24])
async def test_pages_have_no_duplicates_and_no_gaps(new_world: NewWorld, limit: int) -> None:
    world = await new_world()
    seller = await world.person()
    made = [(await world.register())["id"] for _ in range(23)]
    pool = [item["id"] for item in await world.pages(seller, "/pool", limit)]
    assert pool == made, "oldest first"
    listed = [item["id"] for item in await world.pages(seller, "/activities", limit)]
    assert listed == made[::-1], "newest progress first"


async def test_what_is_taken_while_a_list_is_read_moves_nothing_else(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    made = [await world.register() for _ in range(10)]
    first = (await world.call(seller, "GET", "/pool?limit=4")).body
    for activity in made[2:6]:
        await world.done(seller, activity, "take")
    rest = (await world.call(seller, "GET", f"/pool?limit=50&cursor={first['next_cursor']}")).body
    assert [item["id"] for item in rest["items"]] == [activity["id"] for activity in made[6:]]


NAMES: dict[str, Callable[[Any], str]] = {
    "/activities": lambda item: item["client"]["name"],
    "/clients": lambda item: item["name"],
}


async def test_what_is_searched_for_is_found_as_it_is_written(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    names = [
        "100% Лес",
        "100 Лес",
        "Лес_Опт",
        "Лес Опт",
        "O'Нил",
        'ООО "Кавычки"',
        r"Обратная\косая",
        "ёлка",
    ]
    for name in names:
        await world.register(seller, name=name)
    for q, expected in [
        ("100%", ["100% Лес"]),
        ("%", ["100% Лес"]),
        ("_", ["Лес_Опт"]),
        ("'", ["O'Нил"]),
        ('"', ['ООО "Кавычки"']),
        ("\\", [r"Обратная\косая"]),
        ("ЁЛК", ["ёлка"]),
        ("лес опт", ["Лес Опт"]),
        ("нет такого", []),
    ]:
        for path, name_of in NAMES.items():
            found = (await world.call(seller, "GET", f"{path}?q={quote(q, safe='')}")).body
            assert [name_of(item) for item in found["items"]] == expected, (path, q)


HUGE = "9" * 400
BAD: list[tuple[str, str, Any]] = [
    ("GET", "/activities?q=%00", None),
    ("GET", "/clients?q=a%00b", None),
    ("GET", "/activities?limit=0", None),
    ("GET", f"/activities?limit={HUGE}", None),
    ("GET", "/activities?room_id=x", None),
    ("GET", "/activities?cursor=x", None),
    ("GET", f"/activities?cursor={cursor_of('0001-01-01T00:00:00', 'x')}", None),
    ("GET", f"/activities?cursor={cursor_of('0001-01-01T00:00:00+14:00', '0' * 32)}", None),
    ("GET", f"/pool?cursor={cursor_of(5)}", None),
    (
        "GET",
        f"/rooms/{{room}}/settings/history?company_id={{company}}&cursor={cursor_of(2**63)}",
        None,
    ),
    ("POST", "/clients", {"name": "a\x00b", "kind": "person"}),
    ("POST", "/clients", {"name": "a\ud800b", "kind": "person"}),
    ("POST", "/clients", {"name": "a", "kind": "person", "\ud800": 1}),
    ("POST", "/clients", {"name": "a", "kind": "person", "phones": ["\ud800"]}),
    ("POST", "/clients", {"name": "a" * 201, "kind": "person"}),
    ("POST", "/clients", {"name": "a", "kind": "\ud800"}),
    ("POST", "/clients", []),
    ("POST", "/clients", None),
    ("POST", "/activities", {"products": [{"product_id": "x", "quantity": 10**30}]}),
]


@pytest.mark.parametrize(("method", "path", "body"), BAD)
async def test_malformed_input_is_422_with_field_and_rule(
    new_world: NewWorld, method: str, path: str, body: Any
) -> None:
    world = await new_world()
    answer = await world.call(
        world.admin, method, path.format(room=world.room_id, company=world.company_id), body
    )
    assert (answer.status, answer.body["code"]) == (422, "invalid"), answer.body
    assert {"field", "rule", "message"} <= answer.body["errors"][0].keys()


async def test_a_line_too_dear_to_be_told_is_refused(new_world: NewWorld) -> None:
    world = await new_world()
    price = {"amount": "999999999999.99", "currency": "RUB"}
    dear = world.wish(products=[{"product_id": world.product_id, "quantity": 2, "price": price}])
    answer = await world.call(world.admin, "POST", "/activities", dear)
    assert (answer.status, answer.body["errors"][0]["rule"]) == (422, "largest_amount")
