"""A company's own fields of its clients: entered by admins, kept within limits, archived."""

import asyncio
from typing import Any

import orjson
import pytest

from services.activities.domain.custom_fields import MOST_IN_USE
from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, statuses
from tests.support.client import Response


def path_of(tenant: Tenant, field: Any = None) -> str:
    return f"/companies/{tenant.company_id}/custom-fields" + (f"/{field['id']}" if field else "")


async def add_field(tenant: Tenant, name: str = "Сегмент", kind: str = "text", **more: Any) -> Any:
    return await tenant.create(path_of(tenant), name=name, kind=kind, **more)


async def add_choices(tenant: Tenant, *names: str, **more: Any) -> Any:
    choices = [{"name": name} for name in names]
    return await add_field(tenant, kind="choice", choices=choices, **more)


async def change_field(tenant: Tenant, field: Any, tag: str = "", **changes: Any) -> Response:
    headers = {"If-Match": tag} if tag else {}
    caller = tenant.caller_of(tenant.admin)
    return await tenant.api.call(caller, "PATCH", path_of(tenant, field), changes, headers)


def rules_of(response: Response) -> list[tuple[str, str]]:
    return [(error["field"], error["rule"]) for error in response.body["errors"]]


async def test_fields_are_listed_in_their_order_without_the_archived(
    new_tenant: NewTenant,
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller = await tenant.user()
    names = ["Третье", "Первое", "Второе", "Архивное"]
    fields = [
        await add_field(tenant, name, position=position)
        for name, position in zip(names, (3, 1, 2, 1), strict=True)
    ]
    archived = await change_field(tenant, fields[3], archived=True)
    assert (archived.status, archived.body["archived"]) == (200, True)
    listed = await tenant.pages(seller, path_of(tenant), 2)
    assert [field["name"] for field in listed] == ["Первое", "Второе", "Третье"]
    everything = await tenant.pages(seller, f"{path_of(tenant)}?archived=true", 3)
    assert len(everything) == 4
    assert (await stranger.call(stranger.admin, "GET", path_of(tenant))).status == 404
    read = await tenant.call(seller, "GET", path_of(tenant, fields[0]))
    assert (read.body, read.tag) == (fields[0], '"1"')


async def test_only_admins_change_fields_and_only_of_their_company(new_tenant: NewTenant) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    field = await add_field(tenant)
    body = {"name": "Моё", "kind": "text"}
    for user in (seller, head):
        assert (await tenant.call(user, "POST", path_of(tenant), body)).status == 403
        assert (await tenant.call(user, "PATCH", path_of(tenant, field), {})).status == 403
    other = await tenant.create("/companies", name="Вторая")
    for method, place in (
        ("GET", f"/companies/{other['id']}/custom-fields/{field['id']}"),
        ("PATCH", f"/companies/{other['id']}/custom-fields/{field['id']}"),
        ("PATCH", f"{path_of(tenant)}/{new_id()}"),
        ("GET", f"/companies/{new_id()}/custom-fields"),
    ):
        sent = {"name": "Чужое"} if method == "PATCH" else None
        assert (await tenant.call(tenant.admin, method, place, sent)).status == 404, place
    foreign = await stranger.call(stranger.admin, "PATCH", path_of(tenant, field), {"name": "Ч"})
    assert foreign.status == 404
    assert (await tenant.call(seller, "GET", path_of(tenant, field))).body == field


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({"name": "Поле"}, ("kind", "missing")),
        ({"name": "Поле", "kind": "json"}, ("kind", "one_of")),
        ({"name": "\u200b", "kind": "text"}, ("name", "visible")),
        ({"name": "а" * 201, "kind": "text"}, ("name", "too_long")),
        ({"name": "Поле", "kind": "choice"}, ("choices", "missing")),
        ({"name": "Поле", "kind": "text", "choices": [{"name": "А"}]}, ("choices", "not_a_choice")),
        (
            {"name": "Поле", "kind": "choice", "choices": [{"name": "А"}, {"name": "а"}]},
            ("choices.1.name", "distinct"),
        ),
        (
            {"name": "Поле", "kind": "choice", "choices": [{"name": str(n)} for n in range(101)]},
            ("choices", "too_many"),
        ),
        ({"name": "Поле", "kind": "text", "position": -1}, ("position", "at_least")),
        ({"name": "Поле", "kind": "text", "position": "1"}, ("position", "whole_number")),
        ({"name": "Поле", "kind": "text", "required": "yes"}, ("required", "boolean")),
        ({"name": "Поле", "kind": "text", "unit": "шт"}, ("unit", "unknown_field")),
    ],
)
async def test_a_field_that_cannot_be_is_refused(
    new_tenant: NewTenant, body: Any, broken: tuple[str, str]
) -> None:
    tenant = await new_tenant()
    refused = await tenant.call(tenant.admin, "POST", path_of(tenant), body)
    assert (refused.status, rules_of(refused)) == (422, [broken])
    assert await tenant.pages(tenant.admin, path_of(tenant), 2) == []


async def test_a_kind_never_changes_and_choices_belong_to_choices(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    field = await add_field(tenant)
    refused = await change_field(tenant, field, kind="number")
    assert (refused.status, rules_of(refused)) == (422, [("kind", "unknown_field")])
    refused = await change_field(tenant, field, choices=[{"name": "А"}])
    assert rules_of(refused) == [("choices", "not_a_choice")]


async def test_choices_that_are_left_out_are_archived_and_come_back_by_name(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    field = await add_choices(tenant, "Опт", "Розница")
    wholesale, retail = field["choices"]
    renamed = [{"id": wholesale["id"], "name": "Оптовый"}, {"name": "Маркетплейс"}]
    changed = (await change_field(tenant, field, choices=renamed)).body["choices"]
    assert [(each["name"], each["archived"]) for each in changed] == [
        ("Оптовый", False),
        ("Маркетплейс", False),
        ("Розница", True),
    ]
    assert (changed[0]["id"], changed[2]["id"]) == (wholesale["id"], retail["id"])
    back = (await change_field(tenant, field, choices=[{"name": "розница"}])).body["choices"]
    assert (back[0]["id"], back[0]["name"], back[0]["archived"]) == (retail["id"], "розница", False)
    for choices, broken in (
        ([{"id": str(new_id()), "name": "Нет"}], ("choices.0.id", "exists")),
        ([{"id": retail["id"], "name": "А"}] * 2, ("choices.1.name", "distinct")),
        ([], ("choices", "too_few")),
    ):
        refused = await change_field(tenant, field, choices=choices)
        assert (refused.status, rules_of(refused)) == (422, [broken])


async def test_a_name_stands_once_among_a_companys_fields(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    body = {"name": "Сегмент", "kind": "text"}
    created = await asyncio.gather(
        *(tenant.call(tenant.admin, "POST", path_of(tenant), body) for _ in range(6))
    )
    assert statuses(created) == [201, 409, 409, 409, 409, 409]
    (refused, *_) = [response for response in created if response.status == 409]
    assert refused.code == "duplicate_custom_field"
    other = await add_field(tenant, "Отрасль")
    assert (await change_field(tenant, other, name="СЕГМЕНТ")).code == "duplicate_custom_field"
    assert (await change_field(tenant, other, name="ОТРАСЛЬ")).status == 200


async def test_fifty_fields_are_in_use_at_most_whoever_comes_at_once(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    first = [await add_field(tenant, f"Поле {number}") for number in range(MOST_IN_USE - 2)]
    created = await asyncio.gather(
        *(
            tenant.call(tenant.admin, "POST", path_of(tenant), {"name": f"№{n}", "kind": "text"})
            for n in range(5)
        )
    )
    assert statuses(created) == [201, 201, 422, 422, 422]
    (refused, *_) = [response for response in created if response.status == 422]
    assert rules_of(refused) == [("name", "too_many")]
    assert (await change_field(tenant, first[0], archived=True)).status == 200
    await add_field(tenant, "Ещё одно")
    refused = await change_field(tenant, first[0], archived=False)
    assert rules_of(refused) == [("archived", "too_many")]


async def test_the_second_of_two_who_change_a_field_is_told(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    field = await add_field(tenant)
    assert (await change_field(tenant, field, '"1"', position=5)).tag == '"2"'
    refused = await change_field(tenant, field, '"1"', position=7)
    assert (refused.status, refused.code) == (409, "stale")
    assert (refused.body["version"], refused.body["changed"]) == (2, {"position": 5})


async def test_a_field_is_told_to_readers(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    field = await add_choices(tenant, "Опт")
    await change_field(tenant, field, archived=True)
    rows = await tenant.reader.fetch(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'custom_field.changed'"
        " ORDER BY aggregate_version",
        tenant.tenant_id,
    )
    first, second = (orjson.loads(row["value"]) for row in rows)
    assert (first["kind"], first["choices"]) == ("choice", field["choices"])
    assert (first["archived"], second["archived"]) == (False, True)
    assert second["by"] == str(tenant.admin.id)
