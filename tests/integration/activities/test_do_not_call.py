"""Consent and "do not call": what was said, whom it concerns, what it refuses."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.test_merging import client_events, merge, new_client
from tests.integration.activities.words import (
    OTHER_PHONE,
    PHONE,
    WORD,
    cold_source,
    described,
    is_marked,
    say,
)


@pytest.mark.parametrize("known", [True, False])
async def test_a_cold_registration_on_a_phone_not_to_call_is_refused(
    new_tenant: NewTenant, known: bool
) -> None:
    tenant = await new_tenant()
    seller, cold = await tenant.user(), await cold_source(tenant)
    if known:
        await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    said = await say(tenant, seller, phone="8 (495) 123-45-67")
    assert (said.status, said.body["phone"], said.body["client_id"]) == (201, PHONE, None)
    assert len(said.body["clients"]) == known
    refused = await tenant.call(
        seller,
        "POST",
        "/activities",
        tenant.registration(client=described(PHONE), source_id=cold, take=True),
    )
    assert (refused.status, refused.body["code"]) == (409, "do_not_call")
    listed = (await tenant.call(seller, "GET", "/clients")).body["items"]
    assert len(listed) == known
    assert (await tenant.call(seller, "GET", "/activities")).body["items"] == []
    inbound = await tenant.register(seller, client=described(PHONE))
    assert inbound["client"]["do_not_call"]


async def test_the_mark_is_shown_wherever_the_client_is(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    activity = await tenant.register(seller, client_id=client_id)
    assert not activity["client"]["do_not_call"]
    said = await say(tenant, seller, client_id, phone=PHONE, person="Анна")
    assert said.status == 201, said.body
    (shown,) = said.body["clients"]
    assert (shown["id"], shown["version"], shown["do_not_call"]) == (client_id, 2, True)
    for path in ("/activities", f"/activities?client_id={client_id}", "/pool"):
        room = f"room_id={tenant.room_id}"
        listed = await tenant.call(seller, "GET", f"{path}{'&' if '?' in path else '?'}{room}")
        assert [item["client"]["do_not_call"] for item in listed.body["items"]] == [True], path
    assert (await tenant.see(activity))["client"]["do_not_call"]
    taken = await tenant.do(seller, activity, "take")
    assert taken["client"]["do_not_call"]
    (client,) = (await tenant.call(seller, "GET", "/clients")).body["items"]
    assert client["do_not_call"]
    _, kind, changed = (await client_events(tenant, client_id))[-1]
    assert (kind, changed["do_not_call"]) == ("client.changed", True)


async def test_what_was_said_is_kept_word_for_word(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE, OTHER_PHONE])
    path = f"/clients/{client_id}/consents"
    said = await say(tenant, seller, client_id, phone=PHONE, at="2026-01-12T09:00:00Z")
    assert (await say(tenant, seller, client_id, kind="given", person="Анна")).status == 201
    assert (await say(tenant, seller, phone=OTHER_PHONE, kind="withdrawn")).status == 201
    page = (await tenant.call(seller, "GET", path)).body
    assert [item["kind"] for item in page["items"]] == ["withdrawn", "given", "do_not_call"]
    assert (page["do_not_call"], page["do_not_call_phones"]) == (True, [PHONE, OTHER_PHONE])
    first = page["items"][-1]
    assert first == {name: said.body[name] for name in first}
    assert (first["at"], first["by"]) == ("2026-01-12T09:00:00Z", str(seller.id))
    assert (first["source"], first["text"]) == (WORD["source"], WORD["text"])
    assert await tenant.pages(seller, path, 1) == page["items"]
    asked = (await tenant.call(seller, "GET", f"/consents?phone={PHONE[1:]}")).body
    assert (asked["do_not_call"], asked["items"]) == (True, [first])
    event = await tenant.reader.fetchval(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2",
        tenant.tenant_id,
        UUID(said.body["id"]),
    )
    assert orjson.loads(event) == {
        "consent_id": said.body["id"],
        "kind": "do_not_call",
        "client_id": client_id,
        "holds_for": "phone",
        "said_at": "2026-01-12T09:00:00Z",
        "by": str(seller.id),
        "room_ids": [str(tenant.room_id)],
    }


async def test_the_word_that_was_said_last_holds(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    for kind, at, marked in (
        ("do_not_call", "2026-03-01T00:00:00Z", True),
        ("given", "2026-02-01T00:00:00Z", True),
        ("given", "2026-04-01T00:00:00Z", False),
        ("withdrawn", "2026-05-01T00:00:00Z", True),
    ):
        said = await say(tenant, seller, client_id, phone=PHONE, kind=kind, at=at)
        assert said.status == 201, said.body
        assert await is_marked(tenant, client_id) is marked, kind
    refused = await say(tenant, seller, client_id, phone=PHONE, kind="calls_allowed")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    head = await tenant.user("head")
    assert (await say(tenant, head, client_id, phone=PHONE, kind="calls_allowed")).status == 201
    assert not await is_marked(tenant, client_id)
    assert await tenant.register(seller, client_id=client_id, source_id=await cold_source(tenant))


async def test_a_clients_own_word_holds_without_a_phone(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, cold = await tenant.user(), await cold_source(tenant)
    client_id = await new_client(tenant, seller, "Ромашка", inn="7707083893", phones=[PHONE])
    await new_client(tenant, seller, "Соседи", inn="5006834918", phones=[PHONE])
    said = await say(tenant, seller, client_id)
    assert [client["id"] for client in said.body["clients"]] == [client_id]
    body = tenant.registration(client_id=client_id, source_id=cold)
    assert (await tenant.call(seller, "POST", "/activities", body)).body["code"] == "do_not_call"
    path = f"/clients/{client_id}"
    changed = await tenant.call(seller, "PATCH", path, {"phones": [OTHER_PHONE]})
    assert changed.body["do_not_call"]


async def test_the_mark_follows_a_clients_phones(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    assert (await say(tenant, seller, phone=PHONE)).status == 201
    created = await tenant.call(seller, "POST", "/clients", described(PHONE))
    assert created.body["do_not_call"]
    path = f"/clients/{created.body['id']}"
    for change, marked in (
        ({"remove_phones": [PHONE]}, False),
        ({"add_phones": [PHONE, OTHER_PHONE]}, True),
        ({"name": "ООО Ромашка"}, True),
        ({"phones": []}, False),
    ):
        changed = await tenant.call(seller, "PATCH", path, change)
        assert changed.body["do_not_call"] is marked, change
    inn = {"inn": "7707083893"}
    assert (await tenant.call(seller, "PATCH", path, inn)).status == 200
    added = await tenant.register(seller, client=described(PHONE, **inn))
    assert (added["client"]["id"], added["client"]["do_not_call"]) == (created.body["id"], True)


async def test_the_word_of_a_number_holds_for_its_extensions(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    first, second, other = f"{PHONE};ext=101", f"{PHONE};ext=102", f"{OTHER_PHONE};ext=101"
    clients = [
        await new_client(tenant, seller, f"Ромашка {phone}", phones=[phone])
        for phone in (first, second, other, PHONE)
    ]
    assert (await say(tenant, seller, phone=first)).status == 201
    assert [await is_marked(tenant, each) for each in clients] == [True, False, False, False]
    said = await say(tenant, seller, phone=PHONE)
    assert len(said.body["clients"]) == 3
    assert [await is_marked(tenant, each) for each in clients] == [True, True, False, True]
    later = await new_client(tenant, seller, "Позже", phones=[f"{PHONE};ext=103"])
    assert await is_marked(tenant, later)


async def test_a_merged_client_brings_its_word_along(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for own_word in (True, False):
        phone = PHONE if own_word else OTHER_PHONE
        old = await new_client(tenant, tenant.admin, "Ромашка", phones=[phone])
        into = await new_client(tenant, tenant.admin, "ООО Ромашка")
        said = await say(tenant, tenant.admin, old, **({} if own_word else {"phone": phone}))
        assert said.status == 201, said.body
        merged = await merge(tenant, tenant.admin, old, into)
        assert (merged.status, merged.body["do_not_call"]) == (200, True), merged.body
        page = await tenant.call(tenant.admin, "GET", f"/clients/{into}/consents")
        assert [item["id"] for item in page.body["items"]] == [said.body["id"]]
        assert (await say(tenant, tenant.admin, old)).status == 404


async def test_words_are_told_to_the_rooms_that_heard_them(new_tenant: NewTenant) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller, there = await tenant.user(), await tenant.another_room()
    outsider = await tenant.user(room_id=there)
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    foreign = await say(tenant, outsider, client_id, phone=PHONE)
    assert (foreign.status, foreign.body["code"]) == (404, "not_found")
    path = f"/clients/{client_id}/consents"
    assert (await tenant.call(outsider, "GET", path)).status == 404
    assert (await stranger.call(stranger.admin, "GET", path)).status == 404
    said = await say(tenant, outsider, phone=PHONE)
    assert (said.status, said.body["clients"]) == (201, [])
    assert await is_marked(tenant, client_id)
    asked = (await tenant.call(seller, "GET", path)).body
    assert (asked["do_not_call"], asked["items"]) == (True, [])
    assert len((await tenant.call(tenant.admin, "GET", path)).body["items"]) == 1
    elsewhere = (await stranger.call(stranger.admin, "GET", f"/consents?phone={PHONE[1:]}")).body
    assert not elsewhere["do_not_call"]
    cold = await cold_source(tenant)
    body = tenant.registration(client=described(PHONE), source_id=cold, room_id=str(there))
    refused = await tenant.call(outsider, "POST", "/activities", body)
    assert refused.body["code"] == "duplicate_client"


async def test_nobody_is_told_whose_a_phone_is_that_other_rooms_typed(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, there = await tenant.user(), await tenant.another_room()
    other = await tenant.user(room_id=there)
    inn = {"inn": "7707083893"}
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE], **inn)
    # An admin, who sees the client, registers for it in the other room.
    await tenant.register(client_id=client_id, room_id=str(there))
    said = await say(tenant, other, phone=PHONE)
    assert (said.status, said.body["clients"]) == (201, [])
    refused = await say(tenant, other, client_id, phone=PHONE)
    assert refused.body["errors"][0]["rule"] == "phone_of_client"
    page = (await tenant.call(other, "GET", f"/clients/{client_id}/consents")).body
    assert (page["do_not_call"], page["do_not_call_phones"], page["items"]) == (True, [], [])
    ours = (await tenant.call(seller, "GET", f"/clients/{client_id}/consents")).body
    assert (ours["do_not_call"], ours["do_not_call_phones"]) == (True, [PHONE])


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"kind": "maybe"}, "kind", "one_of"),
        ({"source": " "}, "source", "empty"),
        ({"kind": "given", "text": None}, "text", "required_with"),
        ({"phone": "123"}, "phone", "phone"),
        ({"phone": OTHER_PHONE}, "phone", "phone_of_client"),
        ({"at": "2098-01-01T00:00:00Z"}, "at", "not_in_future"),
        ({"at": "1998-01-01T00:00:00Z"}, "at", "years"),
        ({"extra": 1}, "extra", "unknown_field"),
    ],
)
async def test_bad_words_are_refused_by_field_and_rule(
    new_tenant: NewTenant, change: dict[str, Any], field: str, rule: str
) -> None:
    tenant = await new_tenant()
    client_id = await new_client(tenant, tenant.admin, "Ромашка", phones=[PHONE])
    refused = await say(tenant, tenant.admin, client_id, **change)
    assert refused.status == 422, refused.body
    assert [(each["field"], each["rule"]) for each in refused.body["errors"]] == [(field, rule)]
    assert not await is_marked(tenant, client_id)
    page = await tenant.call(tenant.admin, "GET", f"/clients/{client_id}/consents")
    assert page.body["items"] == []


async def test_a_word_is_recorded_once_by_its_idempotency_key(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    client_id = await new_client(tenant, tenant.admin, "Ромашка", phones=[PHONE])
    path = f"/clients/{client_id}/consents"
    first, again = [
        await tenant.call(tenant.admin, "POST", path, {**WORD, "phone": PHONE}, key="word-1")
        for _ in range(2)
    ]
    assert (first.status, first.body) == (again.status, again.body)
    assert len((await tenant.call(tenant.admin, "GET", path)).body["items"]) == 1
