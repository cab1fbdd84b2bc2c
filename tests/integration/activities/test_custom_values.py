"""What a company keeps of a client in fields of its own: strict by kind, value by value."""

import asyncio
from typing import Any

import orjson
import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, statuses
from tests.integration.activities.test_custom_fields import (
    add_choices,
    add_field,
    change_field,
    rules_of,
)
from tests.support.client import Response
from tests.support.money import rub


def path_of(tenant: Tenant, client: Any, company_id: Any = None) -> str:
    return f"/clients/{client['id']}/custom-values?company_id={company_id or tenant.company_id}"


async def keep(
    tenant: Tenant,
    user: User,
    client: Any,
    values: Any,
    tag: str = "",
    company_id: Any = None,
    key: str = "",
) -> Response:
    headers = {**({"If-Match": tag} if tag else {}), **({"Idempotency-Key": key} if key else {})}
    path = path_of(tenant, client, company_id)
    body = {"values": values}
    return await tenant.api.call(tenant.caller_of(user), "PATCH", path, body, headers)


async def kept(tenant: Tenant, user: User, client: Any) -> dict[str, Any]:
    response = await tenant.call(user, "GET", path_of(tenant, client))
    assert response.status == 200, response.body
    return {each["field_id"]: each["value"] for each in response.body["values"]}


async def new_client(tenant: Tenant, user: User | None = None) -> Any:
    return (await tenant.register(user))["client"]


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


async def two_companies(tenant: Tenant) -> tuple[Any, Any, User]:
    """A second company, a room that sells for it alone, and a seller there."""
    company = await tenant.create("/companies", name="Вторая", payment_confirmation="none")
    room = await tenant.create("/rooms", name="Вторая комната", company_ids=[company["id"]])
    return company, room, await tenant.user(room_id=room["id"])


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


async def test_two_who_change_different_values_do_not_disturb_each_other(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    client = await new_client(tenant, anna)
    fields = [(await add_field(tenant, f"Поле {number}"))["id"] for number in range(3)]
    assert (await tenant.call(anna, "GET", path_of(tenant, client))).tag == '"0"'
    assert (await keep(tenant, anna, client, {fields[0]: "А"}, '"0"')).tag == '"1"'
    assert (await keep(tenant, boris, client, {fields[1]: "Б"}, '"0"')).tag == '"2"'
    stale = await keep(tenant, boris, client, {fields[0]: "не то", fields[2]: "В"}, '"0"')
    assert (stale.status, stale.code, stale.body["version"]) == (409, "stale", 2)
    assert stale.body["changed"] == {fields[0]: "А"}
    # The same as is there is no difference, and a removal counts as a change.
    assert (await keep(tenant, boris, client, {fields[0]: "А"}, '"0"')).tag == '"2"'
    assert (await keep(tenant, anna, client, {fields[1]: None}, '"2"')).tag == '"3"'
    stale = await keep(tenant, boris, client, {fields[1]: "снова"}, '"2"')
    assert (stale.status, stale.body["changed"]) == (409, {fields[1]: None})
    assert (await keep(tenant, boris, client, {fields[1]: "снова"}, '"99"')).status == 409
    assert (await keep(tenant, boris, client, {}, '"99"')).status == 409
    assert (await keep(tenant, boris, client, {fields[1]: "снова"}, "*")).status == 200


async def test_eight_at_once_lose_nothing_and_one_value_has_one_winner(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(8)
    client = await new_client(tenant, sellers[0])
    fields = [(await add_field(tenant, f"Поле {number}"))["id"] for number in range(8)]
    apart = await asyncio.gather(
        *(
            keep(tenant, seller, client, {field: f"от {field}"}, '"0"')
            for seller, field in zip(sellers, fields, strict=True)
        )
    )
    assert statuses(apart) == [200] * 8
    assert await kept(tenant, sellers[0], client) == {field: f"от {field}" for field in fields}
    together = await asyncio.gather(
        *(
            keep(tenant, seller, client, {fields[0]: f"новое {number}"}, '"8"')
            for number, seller in enumerate(sellers)
        )
    )
    assert statuses(together) == [200] + [409] * 7
    (winner,) = [response for response in together if response.status == 200]
    assert winner.tag == '"9"'
    rows = await tenant.reader.fetch(
        "SELECT aggregate_version AS version FROM outbox WHERE tenant_id = $1"
        " AND type = 'custom_values.changed' ORDER BY aggregate_version",
        tenant.tenant_id,
    )
    assert [row["version"] for row in rows] == list(range(1, 10))


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


async def test_a_merge_moves_values_and_tells_those_that_were_not_taken(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    old, into = await new_client(tenant, seller), await new_client(tenant, seller)
    fields = [
        (await add_field(tenant, name))["id"] for name in ("Оба", "Старый", "Новый", "Убрано")
    ]
    both, only_old, only_new, removed = fields
    await keep(tenant, seller, old, {both: "старое", only_old: "есть", removed: "осталось"})
    await keep(tenant, seller, into, {both: "новое", only_new: "своё", removed: "было"})
    await keep(tenant, seller, into, {removed: None})
    body = {"into_client_id": into["id"]}
    merged = await tenant.call(head, "POST", f"/clients/{old['id']}/merge", body)
    assert merged.status == 200, merged.body
    (not_taken,) = merged.body["values_not_taken"]
    assert (not_taken["field_id"], not_taken["name"]) == (both, "Оба")
    assert not_taken["value"] == "старое"
    assert await kept(tenant, seller, into) == {
        both: "новое",
        only_old: "есть",
        only_new: "своё",
        removed: "осталось",
    }
    assert (await tenant.call(seller, "GET", path_of(tenant, old))).status == 404
    history = await tenant.pages(seller, path_of(tenant, into).replace("?", "/history?"), 5)
    assert history[0]["merged_client_id"] == old["id"]
    told = {each["field_id"]: each["not_taken"] for each in history[0]["changes"]}
    assert told == {both: "старое", only_old: None, removed: None}
    # By the id that was, whoever asks is led to what there is now.
    seen = (await tenant.call(seller, "GET", f"/clients/{old['id']}")).body
    assert len(seen["custom_values"][0]["values"]) == 4
    (version,) = {each["version"] for each in seen["custom_values"]}
    assert version == history[0]["version"] == 3


async def test_a_merge_and_changes_at_one_moment_lose_no_value(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    fields = [(await add_field(tenant, f"Поле {number}"))["id"] for number in range(4)]
    for _ in range(4):
        old, into = await new_client(tenant, seller), await new_client(tenant, seller)
        await keep(tenant, seller, old, {fields[0]: "давно"})
        body = {"into_client_id": into["id"]}
        merged, *changes = await asyncio.gather(
            tenant.call(head, "POST", f"/clients/{old['id']}/merge", body),
            *(keep(tenant, seller, old, {field: "старому"}) for field in fields[1:3]),
            keep(tenant, seller, into, {fields[3]: "новому"}),
        )
        assert merged.status == 200, merged.body
        values = await kept(tenant, seller, into)
        assert (values[fields[0]], values[fields[3]]) == ("давно", "новому")
        for field, change in zip(fields[1:3], changes, strict=False):
            assert change.status in (200, 404)
            assert values[field] == ("старому" if change.status == 200 else None)
