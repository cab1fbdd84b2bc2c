"""Lists are complete, page by page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.activities.conftest import NewTenant


@pytest.mark.parametrize("limit", [1, 3, 7, 23, 24])
async def test_pages_have_no_duplicates_and_no_gaps(new_tenant: NewTenant, limit: int) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    ids = [(await tenant.register())["id"] for _ in range(23)]
    pool = [item["id"] for item in await tenant.pages(seller, "/pool", limit)]
    assert pool == ids, "oldest first"
    listed = [item["id"] for item in await tenant.pages(seller, "/activities", limit)]
    assert listed == ids[::-1], "newest progress first"


async def test_takes_between_two_pages_move_nothing_else(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activities = [await tenant.register() for _ in range(10)]
    first = (await tenant.call(seller, "GET", "/pool?limit=4")).body
    for activity in activities[2:6]:
        await tenant.do(seller, activity, "take")
    rest = (await tenant.call(seller, "GET", f"/pool?limit=50&cursor={first['next_cursor']}")).body
    assert [item["id"] for item in rest["items"]] == [activity["id"] for activity in activities[6:]]


NAMES: dict[str, Callable[[Any], str]] = {
    "/activities": lambda item: item["client"]["name"],
    "/clients": lambda item: item["name"],
}


async def test_a_search_finds_names_as_they_are_written(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
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
        await tenant.register(seller, name=name)
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
            page = (await tenant.call(seller, "GET", f"{path}?q={quote(q, safe='')}")).body
            assert [name_of(item) for item in page["items"]] == expected, (path, q)
