"""What a company keeps of a client in fields of its own: strict by kind."""

from typing import Any

import orjson
import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.custom_values import (
    keep,
    kept,
    new_client,
    path_of,
    two_companies,
)
from tests.integration.activities.test_custom_fields import (
    add_choices,
    add_field,
    change_field,
    rules_of,
)
from tests.support.money import rub


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("text", "  Лес  и поле ", "Лес  и поле"),
        ("number", "12.50", "12.5"),
        ("number", "-007", "-7"),
        ("number", "-0.0", "0"),
        ("number", "999999999999999.9999", "999999999999999.9999"),
        ("money", rub("1500.5"), rub("1500.50")),
        ("date", "2026-11-30", "2026-11-30"),
        ("boolean", False, False),
    ],
)
async def test_a_value_of_each_kind_is_kept_and_shown(
    new_tenant: NewTenant, kind: str, sent: Any, value: Any
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller)
    field = await add_field(tenant, kind=kind)
    changed = await keep(tenant, seller, client, {field["id"]: sent})
    assert (changed.status, changed.tag) == (200, '"1"'), changed.body
    (shown,) = changed.body["values"]
    assert (shown["value"], shown["kind"], shown["name"]) == (value, kind, "Сегмент")
    seen = (await tenant.call(seller, "GET", f"/clients/{client['id']}")).body
    (company,) = seen["custom_values"]
    assert (company["company_id"], company["version"]) == (str(tenant.company_id), 1)
    assert company["values"] == [shown]
    again = await keep(tenant, seller, client, {field["id"]: value})
    assert again.tag == '"1"'
    removed = await keep(tenant, seller, client, {field["id"]: None})
    assert (removed.tag, removed.body["values"][0]["value"]) == ('"2"', None)
    assert (await tenant.call(seller, "GET", f"/clients/{client['id']}")).body[
        "custom_values"
    ] == []


async def test_a_choice_is_kept_by_its_id_and_shown_by_name(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller)
    field = await add_choices(tenant, "Опт", "Розница")
    wholesale, retail = field["choices"]
    changed = await keep(tenant, seller, client, {field["id"]: wholesale["id"]})
    (shown,) = changed.body["values"]
    assert (shown["value"], shown["label"]) == (wholesale["id"], "Опт")
    await change_field(tenant, field, choices=[{"id": retail["id"], "name": "Розница"}])
    seen = (await tenant.call(seller, "GET", path_of(tenant, client))).body
    assert seen["values"][0]["label"] == "Опт"
    other = await new_client(tenant, seller)
    refused = await keep(tenant, seller, other, {field["id"]: wholesale["id"]})
    assert (refused.status, rules_of(refused)[0][1]) == (422, "in_use")
    refused = await keep(tenant, seller, other, {field["id"]: "Опт"})
    assert refused.body["errors"][0]["allowed"] == [retail["id"]]


@pytest.mark.parametrize(
    ("kind", "sent", "rule"),
    [
        ("text", True, "text"),
        ("text", rub("1.00"), "text"),
        ("text", "а" * 201, "too_long"),
        ("text", "две\nстроки", "one_line"),
        ("text", "\u200b\u200b", "visible"),
        ("text", "раз\u202eдва", "direction_marks"),
        ("text", "", "empty"),
        ("text", 5, "custom_value"),
        ("text", ["а"], "custom_value"),
        ("number", 5, "custom_value"),
        ("number", 1.5, "custom_value"),
        ("number", "1_000.00", "plain_number"),
        ("number", "1e3", "plain_number"),
        ("number", "+1", "plain_number"),
        ("number", "1.", "plain_number"),
        ("number", "1.00001", "plain_number"),
        ("number", "NaN", "plain_number"),
        ("number", "1000000000000000", "plain_number"),
        ("number", "１", "plain_number"),
        ("number", True, "text"),
        ("money", "1500.00", "money_with_currency"),
        ("money", {"amount": "1e3", "currency": "RUB"}, "money_with_currency"),
        ("money", {"amount": "1.00"}, "money_with_currency"),
        ("money", {"amount": "1.00", "currency": "USD"}, "company_currency"),
        ("date", "2026-02-30", "date"),
        ("date", "20261130", "date"),
        ("date", "2026-11-30T10:00:00Z", "date"),
        ("date", "1700006400", "date"),
        ("date", "1999-12-31", "years"),
        ("boolean", "true", "boolean"),
        ("boolean", 1, "custom_value"),
    ],
)
async def test_a_value_of_another_form_is_refused_by_field_and_rule(
    new_tenant: NewTenant, kind: str, sent: Any, rule: str
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller)
    field, other = await add_field(tenant, kind=kind), await add_field(tenant, "Другое")
    values = {other["id"]: "Хорошее", field["id"]: sent}
    refused = await keep(tenant, seller, client, values)
    assert (refused.status, rules_of(refused)) == (422, [(f"values.{field['id']}", rule)])
    assert set((await kept(tenant, seller, client)).values()) == {None}


async def test_unknown_archived_and_required_fields_are_refused(new_tenant: NewTenant) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller = await tenant.user()
    client = await new_client(tenant, seller)
    archived = await add_field(tenant, "Архивное")
    await keep(tenant, seller, client, {archived["id"]: "было"})
    await change_field(tenant, archived, archived=True)
    foreign = await add_field(stranger)
    second = await tenant.create("/companies", name="Вторая")
    theirs = await tenant.create(f"/companies/{second['id']}/custom-fields", name="Их", kind="text")
    required = await add_field(tenant, "Нужное", required=True)
    for field_id, status, rule in (
        (str(new_id()), 404, "exists"),
        (foreign["id"], 404, "exists"),
        (theirs["id"], 404, "exists"),
        (archived["id"], 422, "in_use"),
    ):
        refused = await keep(tenant, seller, client, {field_id: "а"})
        assert (refused.status, rules_of(refused)) == (status, [(f"values.{field_id}", rule)])
    assert (await keep(tenant, seller, client, {required["id"]: "есть"})).status == 200
    refused = await keep(tenant, seller, client, {required["id"]: None})
    assert rules_of(refused) == [(f"values.{required['id']}", "not_null")]
    refused = await keep(tenant, seller, client, {"сегмент": "а"})
    assert refused.status == 422
    assert await kept(tenant, seller, client) == {required["id"]: "есть"}
    await change_field(tenant, archived, archived=False)
    assert (await kept(tenant, seller, client))[archived["id"]] == "было"


async def test_a_company_does_not_see_what_another_keeps(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    company, room, neighbour = await two_companies(tenant)
    client = await new_client(tenant, seller)
    field = await add_field(tenant)
    await keep(tenant, seller, client, {field["id"]: "тайна"})
    # The neighbour's room has not entered the client yet: it does not exist there.
    hidden = await tenant.call(neighbour, "GET", path_of(tenant, client))
    assert (hidden.status, hidden.body["noun"]) == (404, "client")
    place = {"company_id": company["id"], "room_id": room["id"]}
    product = await tenant.create(
        "/products", company_id=company["id"], name="Б", category="б", price=rub(1)
    )
    entered = await tenant.call(
        tenant.admin,
        "POST",
        "/activities",
        tenant.registration(
            client_id=client["id"], products=[{"product_id": product["id"]}], **place
        ),
    )
    assert entered.status == 201, entered.body
    for method, body in (("GET", None), ("PATCH", {"values": {field["id"]: "чужое"}})):
        refused = await tenant.call(neighbour, method, path_of(tenant, client), body)
        assert (refused.status, rules_of(refused)) == (404, [("company_id", "exists")])
    assert (await tenant.call(neighbour, "GET", f"/clients/{client['id']}")).body[
        "custom_values"
    ] == []
    own = await tenant.create(f"/companies/{company['id']}/custom-fields", name="Б", kind="text")
    own_path = {"company_id": company["id"]}
    assert (await keep(tenant, neighbour, client, {own["id"]: "наше"}, **own_path)).status == 200
    assert (await keep(tenant, seller, client, {own["id"]: "не ваше"}, **own_path)).status == 404
    seen = (await tenant.call(tenant.admin, "GET", f"/clients/{client['id']}")).body
    assert {each["company_id"] for each in seen["custom_values"]} == {
        company["id"],
        str(tenant.company_id),
    }
    marketer = await tenant.user("marketer")
    assert (await tenant.call(marketer, "GET", path_of(tenant, client))).status == 403


async def test_the_event_names_fields_and_rooms_and_never_a_value(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    await two_companies(tenant)
    client = await new_client(tenant, seller)
    field = await add_field(tenant)
    first = await keep(tenant, seller, client, {field["id"]: "Паспорт 4500"}, key="once")
    again = await keep(tenant, seller, client, {field["id"]: "Паспорт 4500"}, key="once")
    assert first.body == again.body
    (row,) = await tenant.reader.fetch(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'custom_values.changed'",
        tenant.tenant_id,
    )
    event = orjson.loads(row["value"])
    assert (event["client_id"], event["field_ids"]) == (client["id"], [field["id"]])
    assert (event["room_ids"], event["by"]) == ([str(tenant.room_id)], str(seller.id))
    assert "4500" not in row["value"].decode()


async def test_the_history_tells_who_changed_what(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    _, _, neighbour = await two_companies(tenant)
    client = await new_client(tenant, anna)
    field = await add_field(tenant, kind="number")
    await keep(tenant, anna, client, {field["id"]: "1"})
    await keep(tenant, boris, client, {field["id"]: "2"})
    path = path_of(tenant, client).replace("?", "/history?")
    changes = await tenant.pages(anna, path, 1)
    assert [(each["who"], each["version"]) for each in changes] == [
        (str(boris.id), 2),
        (str(anna.id), 1),
    ]
    (change,) = changes[0]["changes"]
    assert (change["field_id"], change["before"], change["after"]) == (field["id"], "1", "2")
    assert (await tenant.call(neighbour, "GET", path)).status == 404
