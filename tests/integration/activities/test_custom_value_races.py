"""Values of a client changed at one moment, and during a merge."""

import asyncio

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.custom_values import keep, kept, new_client, path_of
from tests.integration.activities.tenant import statuses
from tests.integration.activities.test_custom_fields import add_field


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
