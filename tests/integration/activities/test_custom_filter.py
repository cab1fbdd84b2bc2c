"""Lists of clients and activities narrowed by what a company keeps of the clients."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from services.activities.queries import clients_by_values
from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.custom_values import keep, two_companies
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_custom_fields import (
    add_choices,
    add_field,
    change_field,
    rules_of,
)
from tests.support.client import Response
from tests.support.money import rub
from tests.support.plans import plan_of


def query_of(*asked: str) -> str:
    return "&".join(f"custom={quote(each)}" for each in asked)


async def find(tenant: Tenant, user: User, *asked: str, path: str = "/clients?") -> Response:
    return await tenant.call(user, "GET", f"{path}{query_of(*asked)}")


async def names(tenant: Tenant, user: User, *asked: str, path: str = "/clients?") -> list[str]:
    items = await tenant.pages(user, f"{path}{query_of(*asked)}", 2)
    return [item["client"]["name"] if "client" in item else item["name"] for item in items]


async def clients_with(tenant: Tenant, user: User, field: Any, *values: Any) -> list[Any]:
    """A client for each value, which is its name as well."""
    clients = []
    for value in values:
        shown = value["amount"] if isinstance(value, dict) else str(value)
        client = (await tenant.register(user, name=f"Клиент {shown}"))["client"]
        answer = await keep(tenant, user, client, {field["id"]: value})
        assert answer.status == 200, answer.body
        clients.append(client)
    return clients


@pytest.mark.parametrize("path", ["/clients?", "/activities?", "/activities?sort=created&"])
@pytest.mark.parametrize(
    ("kind", "values", "asked", "found"),
    [
        ("text", ["Лес", "ЛЕСА"], "лес", ["Лес"]),
        ("text", ["Ёлки «Зелёные»", "Сосны"], "елки  зеленые", ["Ёлки «Зелёные»"]),
        ("text", ["100%", "100 рублей"], "100%", ["100%"]),
        ("text", ["Лес", "Поле"], "%", []),
        ("text", ["Лес", "Поле"], "_ес", []),
        ("text", ["1..2", "3"], "1..2", ["1..2"]),
        ("number", ["9", "10", "-5", "10.5"], "9..10.4", ["10", "9"]),
        ("number", ["9", "10", "-5"], "..0", ["-5"]),
        ("number", ["9", "10", "-5"], "9.5..", ["10"]),
        ("number", ["9", "10"], "010.00", ["10"]),
        ("number", ["-1", "-2", "-10"], "-10..-2", ["-10", "-2"]),
        ("money", [rub("99.99"), rub("100.00")], "100", ["100.00"]),
        ("money", [rub("99.99"), rub("100.00"), rub("7.00")], "50..100", ["100.00", "99.99"]),
        ("date", ["2026-01-31", "2026-02-01"], "2026-02-01..2026-12-31", ["2026-02-01"]),
        ("date", ["2026-01-31", "2026-02-01"], "..2026-01-31", ["2026-01-31"]),
        ("boolean", [True, False], "false", ["False"]),
    ],
)
async def test_a_value_or_a_range_finds_its_clients_newest_first(
    new_tenant: NewTenant, path: str, kind: str, values: Any, asked: str, found: list[str]
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    field = await add_field(tenant, kind=kind)
    await clients_with(tenant, seller, field, *values)
    await tenant.register(seller, name="Без значения")
    assert await names(tenant, seller, f"{field['id']}:{asked}", path=path) == [
        f"Клиент {name}" for name in found
    ]


async def test_several_fields_and_words_hold_together_page_by_page(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    segment, turnover = (
        await add_choices(tenant, "Опт", "Розница"),
        await add_field(tenant, "Оборот", kind="number"),
    )
    wholesale, retail = (choice["id"] for choice in segment["choices"])
    clients = await clients_with(tenant, seller, turnover, *map(str, range(9)))
    for place, client in enumerate(clients):
        choice = wholesale if place % 2 else retail
        await keep(tenant, seller, client, {segment["id"]: choice})
    in_segment, in_range = f"{segment['id']}:{wholesale}", f"{turnover['id']}:2..6"
    expected = ["Клиент 5", "Клиент 3"]
    for path in ("/clients?", "/activities?"):
        assert await names(tenant, seller, in_segment, in_range, path=path) == expected
        assert await names(tenant, seller, in_range, in_segment, path=path) == expected
        assert await names(tenant, seller, in_range, path=f"{path}q=клиент 3&") == ["Клиент 3"]
        assert await names(tenant, seller, in_segment, path=f"{path}q=клиент 4&") == []
    # A choice that is archived is found where it is kept.
    await change_field(tenant, segment, choices=[{"id": retail, "name": "Розница"}])
    assert len(await names(tenant, seller, in_segment)) == 4


@pytest.mark.parametrize("path", ["/clients?", "/activities?"])
async def test_what_cannot_be_asked_is_refused_by_its_place(
    new_tenant: NewTenant, path: str
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller = await tenant.user()
    company, _, _ = await two_companies(tenant)
    text, number = await add_field(tenant), await add_field(tenant, "Число", kind="number")
    day, choice = (
        await add_field(tenant, "День", kind="date"),
        await add_choices(tenant, "Опт", name="Выбор"),
    )
    flag = await add_field(tenant, "Флаг", kind="boolean")
    archived = await add_field(tenant, "Архивное")
    await change_field(tenant, archived, archived=True)
    foreign = await add_field(stranger)
    theirs = await tenant.create(
        f"/companies/{company['id']}/custom-fields", name="Их", kind="text"
    )
    for asked, status, rule in (
        (f"{new_id()}:а", 404, "exists"),
        (f"{foreign['id']}:а", 404, "exists"),
        (f"{theirs['id']}:а", 404, "exists"),
        (f"{archived['id']}:а", 422, "in_use"),
        ("Сегмент:а", 422, "custom_filter"),
        (text["id"], 422, "custom_filter"),
        (f"{text['id']}:", 422, "custom_filter"),
        (f"{number['id']}:1e3", 422, "plain_number"),
        (f"{number['id']}:1..x", 422, "plain_number"),
        (f"{number['id']}:..", 422, "value"),
        (f"{day['id']}:30.11.2026", 422, "date"),
        (f"{choice['id']}:Опт", 422, "one_of"),
        (f"{flag['id']}:yes", 422, "boolean"),
    ):
        refused = await find(tenant, seller, f"{text['id']}:а", asked, path=path)
        assert (refused.status, rules_of(refused)) == (status, [("custom.1", rule)]), asked
    refused = await find(tenant, tenant.admin, f"{text['id']}:а", f"{theirs['id']}:а", path=path)
    assert rules_of(refused) == [("custom.1", "one_company")]
    refused = await find(tenant, seller, *([f"{text['id']}:а"] * 6), path=path)
    assert (refused.status, rules_of(refused)) == (422, [("custom", "too_many")])


async def test_a_filter_finds_nothing_that_its_asker_does_not_see(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    other_room = await tenant.another_room()
    neighbour = await tenant.user(room_id=other_room)
    _, _, of_other_company = await two_companies(tenant)
    field = await add_field(tenant)
    await clients_with(tenant, seller, field, "Лес")
    asked = f"{field['id']}:лес"
    for path in ("/clients?", "/activities?"):
        assert await names(tenant, seller, asked, path=path) == ["Клиент Лес"]
        assert await names(tenant, tenant.admin, asked, path=path) == ["Клиент Лес"]
        # A room of the same company that has not entered the client.
        assert await names(tenant, neighbour, asked, path=path) == []
        assert (await find(tenant, of_other_company, asked, path=path)).status == 404


async def test_a_long_text_that_folds_to_more_is_kept_and_found(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    field = await add_field(tenant)
    longest = "\ufdfa" * 200
    client = (await tenant.register(seller, name="Длинный"))["client"]
    assert (await keep(tenant, seller, client, {field["id"]: longest})).status == 200
    assert await names(tenant, seller, f"{field['id']}:{longest}") == ["Длинный"]


_MANY_CLIENTS = """
    INSERT INTO client
    SELECT (jsonb_populate_record(client, jsonb_build_object('id', gen_random_uuid()))).*
    FROM client, generate_series(1, 5000)
    WHERE tenant_id = $1 AND id = $2
"""
_THEIR_VALUES = """
    INSERT INTO custom_value (tenant_id, client_id, field_id, version, value, key)
    SELECT tenant_id, id, $2, 1, to_jsonb(text), convert_to(text, 'UTF8')
    FROM client, LATERAL (SELECT (abs(hashtext(id::text)) % 1000)::text) AS said (text)
    WHERE tenant_id = $1
"""


@pytest.mark.parametrize("one_value", [True, False])
async def test_a_value_is_looked_up_in_its_index(new_tenant: NewTenant, one_value: bool) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    field = await add_field(tenant, "Номер")
    client = (await tenant.register(seller))["client"]
    # So many that walking the clients instead would show.
    await tenant.reader.execute(_MANY_CLIENTS, tenant.tenant_id, UUID(client["id"]))
    await tenant.reader.execute(_THEIR_VALUES, tenant.tenant_id, UUID(field["id"]))
    await tenant.reader.execute("ANALYZE client, custom_value")
    values = {
        "tenant_id": tenant.tenant_id,
        "field_id": UUID(field["id"]),
        "low": b"1",
        "high": b"1" if one_value else b"2",
        "before": new_id(),
        "rooms": [tenant.room_id],
        "limit": 51,
        "asked_field_id": [new_id()],
        "asked_low": [b"1"],
        "asked_high": [b"2"],
    }
    statement = clients_by_values.by_index(one_value, False)
    plan = await plan_of(
        tenant.reader, tenant.tenant_id, statement, values, ("seqscan", "bitmapscan")
    )
    assert "using ix_custom_value_key on custom_value" in plan, plan
    assert "Seq Scan on" not in plan, plan
