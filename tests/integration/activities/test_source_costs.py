"""What sources cost: entered, changed and removed, with every version; and files of them."""

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response
from tests.support.money import rub

MAY = {"amount": rub(3100), "first_on": "2026-05-01", "last_on": "2026-05-31"}


@pytest.fixture
async def tenant(new_tenant: NewTenant) -> Tenant:
    return await new_tenant()


def path_of(tenant: Tenant, *more: str) -> str:
    return "/".join((f"/sources/{tenant.source_id}/costs", *more))


async def add(tenant: Tenant, user: User | None = None, **about: Any) -> Response:
    body = {**MAY, **about}
    return await tenant.call(user or tenant.admin, "POST", path_of(tenant), body)


async def listed(tenant: Tenant, query: str = "") -> list[str]:
    page = await tenant.call(tenant.admin, "GET", path_of(tenant) + query)
    return [cost["id"] for cost in page.body["items"]]


async def test_every_version_of_a_cost_is_kept(tenant: Tenant) -> None:
    marketer = await tenant.user("marketer")
    added = await add(tenant, marketer, note="Счёт за май")
    assert added.status == 201
    cost = added.body
    assert (cost["version"], cost["amount"], cost["removed"]) == (1, rub(3100), False)
    place = path_of(tenant, cost["id"])
    change = {"amount": rub(3000), "last_on": "2026-05-30"}
    changed = (await tenant.call(marketer, "PATCH", place, change)).body
    assert (changed["version"], changed["amount"]) == (2, rub(3000))
    same = (await tenant.call(marketer, "PATCH", place, change)).body
    assert same["version"] == 2
    for _ in range(2):
        removed = (await tenant.call(tenant.admin, "POST", f"{place}/remove")).body
        assert (removed["version"], removed["removed"]) == (3, True)
    seen = (await tenant.call(tenant.admin, "GET", place)).body
    assert [
        (one["version"], one["by"], one["amount"], one["last_on"], one["removed"])
        for one in seen["history"]
    ] == [
        (1, str(marketer.id), rub(3100), "2026-05-31", False),
        (2, str(marketer.id), rub(3000), "2026-05-30", False),
        (3, str(tenant.admin.id), rub(3000), "2026-05-30", True),
    ]
    late = await tenant.call(tenant.admin, "PATCH", place, {"note": "поздно"})
    assert (late.status, late.body["code"]) == (409, "cost_is_removed")
    assert await listed(tenant) == []


async def test_a_stale_change_says_what_is_there(tenant: Tenant) -> None:
    cost = (await add(tenant)).body
    place = path_of(tenant, cost["id"])
    await tenant.call(tenant.admin, "PATCH", place, {"amount": rub(1)})
    caller = tenant.caller_of(tenant.admin)
    body, headers = {"amount": rub(2)}, {"If-Match": '"1"'}
    stale = await tenant.api.call(caller, "PATCH", place, body, headers)
    assert (stale.status, stale.body["code"], stale.body["version"]) == (409, "stale", 2)
    assert stale.body["changed"] == {"amount": rub(1)}


@pytest.mark.parametrize(
    ("about", "field", "rule"),
    [
        ({"amount": rub(0)}, "amount.amount", "more_than"),
        ({"amount": rub(-5)}, "amount.amount", "more_than"),
        ({"last_on": "2026-04-30"}, "last_on", "not_before"),
        ({"last_on": "2029-05-04"}, "last_on", "not_after"),
        ({"first_on": "1999-01-01"}, "first_on", "years"),
        ({"company_id": str(uuid4())}, "company_id", "exists"),
        ({"room_id": str(uuid4())}, "room_id", "exists"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
async def test_a_bad_cost_names_field_and_rule(
    tenant: Tenant, about: dict[str, Any], field: str, rule: str
) -> None:
    refused = await add(tenant, **about)
    assert refused.status in (404, 422)
    assert refused.body["errors"][0]["field"] == field
    assert refused.body["errors"][0].get("rule", rule) == rule
    assert await listed(tenant) == []


async def test_costs_are_listed_by_the_days_that_they_touch(tenant: Tenant) -> None:
    may = (await add(tenant)).body["id"]
    day = (await add(tenant, first_on="2026-06-01", last_on=None)).body
    assert day["last_on"] == "2026-06-01"
    for query, ids in (
        ("", [may, day["id"]]),
        ("?from=2026-05-31", [may, day["id"]]),
        ("?from=2026-06-01", [day["id"]]),
        ("?to=2026-05-31", [may]),
        ("?to=2026-04-30", []),
    ):
        assert await listed(tenant, query) == ids
    page = (await tenant.call(tenant.admin, "GET", path_of(tenant) + "?limit=1")).body
    assert [one["id"] for one in page["items"]] == [may]
    assert await listed(tenant, f"?cursor={page['next_cursor']}") == [day["id"]]


async def test_costs_are_for_marketers_and_admins(tenant: Tenant, new_tenant: NewTenant) -> None:
    cost = (await add(tenant)).body["id"]
    for role, seen, added in (
        ("marketer", 200, 201),
        ("accountant", 200, 403),
        ("head", 403, 403),
        ("seller", 403, 403),
    ):
        user = await tenant.user(role)
        assert (await tenant.call(user, "GET", path_of(tenant, cost))).status == seen
        assert (await tenant.call(user, "GET", path_of(tenant))).status == seen
        assert (await add(tenant, user)).status == added
    other = await new_tenant()
    for method, tail in (("GET", ""), ("PATCH", ""), ("POST", "/remove")):
        place = path_of(tenant, cost) + tail
        assert (await other.call(other.admin, method, place, {})).status == 404
        own = path_of(other, cost) + tail
        assert (await other.call(other.admin, method, own, {})).status == 404


async def send(
    tenant: Tenant, text: str, key: str | None = None, encoding: str = "utf-8"
) -> Response:
    headers = {"content-type": "text/csv", **({"Idempotency-Key": key} if key else {})}
    path = "/sources/costs/import"
    return await tenant.api.call(
        tenant.caller_of(tenant.admin), "POST", path, text.encode(encoding), headers
    )


async def test_a_file_of_costs_is_entered_once(tenant: Tenant) -> None:
    text = (
        "\ufeffИсточник;С;По;Сумма;Валюта;Комната;Примечание\r\n"
        "Сайт;01.05.2026;31.05.2026;1 000,50;RUB;Москва;Директ\r\n"
        "сайт;2026-06-01;;5;;;\r\n"
        "\r\n"
        f"{tenant.source_id};2026-06-01;;5;;;\r\n"
    )
    assert (await send(tenant, text)).body == {"added": 3, "unchanged": 0}
    assert (await send(tenant, text)).body == {"added": 0, "unchanged": 3}
    page = (await tenant.call(tenant.admin, "GET", path_of(tenant))).body["items"]
    assert sorted(one["amount"]["amount"] for one in page) == ["1000.50", "5.00", "5.00"]
    (first,) = (one for one in page if one["note"])
    assert (first["room_id"], first["last_on"]) == (str(tenant.room_id), "2026-05-31")
    seen = (await tenant.call(tenant.admin, "GET", path_of(tenant, first["id"]))).body
    assert [version["version"] for version in seen["history"]] == [1]


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16"])
async def test_a_file_of_costs_is_read_as_a_spreadsheet_saves_it(
    tenant: Tenant, encoding: str
) -> None:
    text = "Источник;С;Сумма;Примечание\r\nСайт;01.05.2026;5;Директ\r\n"
    assert (await send(tenant, text, encoding=encoding)).body == {"added": 1, "unchanged": 0}
    assert (await send(tenant, text)).body == {"added": 0, "unchanged": 1}
    (cost,) = (await tenant.call(tenant.admin, "GET", path_of(tenant))).body["items"]
    assert cost["note"] == "Директ"
    broken = await send(tenant, text.replace("Сайт", "Са\x01йт"), encoding=encoding)
    assert broken.status == 422, broken.body


async def test_a_file_with_bad_rows_names_them_and_enters_nothing(tenant: Tenant) -> None:
    await tenant.create("/sources", name="Карта", channel="a", kind="inbound")
    await tenant.create("/sources", name="Карта", channel="b", kind="inbound")
    text = (
        "source,from,to,amount,currency\n"
        "Сайт,2026-05-01,,5,RUB\n"
        "Радио,2026-05-01,,5,RUB\n"
        "Карта,2026-05-01,,5,RUB\n"
        "Сайт,31.02.2026,,5,RUB\n"
        "Сайт,2026-05-02,2026-05-01,5,RUB\n"
        "Сайт,2026-05-01,,=1+1,руб\n"
        "Сайт,2026-05-01,,0,RUB\n"
    )
    refused = await send(tenant, text)
    assert (refused.status, refused.body["code"]) == (422, "invalid")
    assert [(one["field"], one["rule"]) for one in refused.body["errors"]] == [
        ("rows.3.source", "exists"),
        ("rows.4.source", "several_of_the_name"),
        ("rows.5.first_on", "date"),
        ("rows.6.last_on", "not_before"),
        ("rows.7.currency", "currency"),
        ("rows.7.amount", "money"),
        ("rows.8.amount", "more_than"),
    ]
    assert await listed(tenant) == []


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("", "body", "missing"),
        ("source;amount\nСайт;5", "header", "columns_missing"),
        ("source;from;amount;цвет\n", "header", "column"),
        ("source;from;amount;sum;Сумма\n", "header", "column"),
        ("source;from;amount\n", "body", "missing"),
        ('source;from;amount\n"Сайт;2026-05-01;5', "body", "csv"),
        ("source;from;amount\n" + "Сайт;2026-05-01;5\n" * 2001, "body", "too_many_rows"),
    ],
)
async def test_what_is_no_table_of_costs_is_refused(
    tenant: Tenant, text: str, field: str, rule: str
) -> None:
    refused = await send(tenant, text)
    assert refused.status == 422
    assert [(one["field"], one["rule"]) for one in refused.body["errors"]] == [(field, rule)]
