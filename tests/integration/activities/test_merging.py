"""Merging two clients that are one: everything moves, whatever races with it."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.activities.handlers import merging
from services.activities.handlers.commands import MergeClients
from shared.db import Database
from shared.ids import ClientId
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.jobs import let_jobs_run
from tests.integration.activities.tenant import Tenant, User, statuses
from tests.support.client import Response

PHONE, EMAIL = "+74951234567", "zakupki@romashka.example"


async def new_client(tenant: Tenant, user: User, name: str, **more: Any) -> str:
    body = {"name": name, "kind": "organization", **more}
    response = await tenant.call(user, "POST", "/clients", body)
    assert response.status == 201, response.body
    return str(response.body["id"])


async def merge(tenant: Tenant, user: User, client_id: str, into_id: str) -> Response:
    body = {"into_client_id": into_id}
    return await tenant.call(user, "POST", f"/clients/{client_id}/merge", body)


async def client_events(tenant: Tenant, client_id: str) -> list[tuple[int, str, Any]]:
    rows = await tenant.reader.fetch(
        "SELECT aggregate_version AS version, type, value FROM outbox WHERE tenant_id = $1"
        " AND aggregate_id = $2 AND topic LIKE '%activities%' ORDER BY aggregate_version",
        tenant.tenant_id,
        UUID(client_id),
    )
    return [(row["version"], row["type"], orjson.loads(row["value"])) for row in rows]


async def test_everything_of_a_merged_client_becomes_the_others(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    old = await new_client(tenant, seller, "Ромашка", phones=[PHONE], inn="7707083893")
    into = await new_client(tenant, seller, "ООО Ромашка", emails=[EMAIL])
    activity = await tenant.register(seller, client_id=old, take=True)
    done = await merge(tenant, head, old, into)
    assert done.status == 200, done.body
    assert (done.body["id"], done.body["name"]) == (into, "ООО Ромашка")
    assert (done.body["phones"], done.body["emails"]) == ([PHONE], [EMAIL])
    assert done.body["inn"] == "7707083893"
    moved = await tenant.see(activity)
    assert (moved["client"]["id"], moved["responsible_id"]) == (into, str(seller.id))
    assert await tenant.event_types(activity) == [
        "activity.registered",
        "activity.taken",
        "activity.client_merged",
    ]
    version, kind, event = (await client_events(tenant, old))[-1]
    assert (version, kind, event["into_client_id"]) == (2, "client.merged", into)
    assert [name for _, name, _ in await client_events(tenant, into)] == ["client.changed"] * 2


async def test_the_old_id_leads_to_the_client_that_stays(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    first, second, third = [
        await new_client(tenant, seller, f"Ромашка {number}") for number in range(3)
    ]
    assert (await merge(tenant, head, first, second)).status == 200
    assert (await merge(tenant, head, second, third)).status == 200
    for old in (first, second):
        seen = await tenant.call(seller, "GET", f"/clients/{old}")
        assert (seen.status, seen.body["id"], seen.body["merged_into"]) == (200, third, third)
        registered = await tenant.register(seller, client_id=old)
        assert registered["client"]["id"] == third
        listed = await tenant.call(seller, "GET", f"/activities?client_id={old}")
        assert {item["client"]["id"] for item in listed.body["items"]} == {third}
        assert (await tenant.call(seller, "PATCH", f"/clients/{old}", {"name": "Я"})).status == 404
    names = [item["name"] for item in (await tenant.call(seller, "GET", "/clients")).body["items"]]
    assert names == ["Ромашка 2"]
    found = await tenant.call(seller, "GET", "/clients?q=Ромашка")
    assert [item["id"] for item in found.body["items"]] == [third]


async def test_a_request_with_the_old_contacts_finds_the_client_that_stays(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    old = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    into = await new_client(tenant, seller, "ООО Ромашка")
    assert (await merge(tenant, tenant.admin, old, into)).status == 200
    known = {"name": "Кто-то", "kind": "organization", "phones": [PHONE]}
    assert (await tenant.register(seller, client=known))["client"]["id"] == into


async def test_merging_is_refused_for_what_is_not_one_client_or_not_theirs(
    new_tenant: NewTenant,
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    there = await tenant.another_room()
    other_head = await tenant.user("head", room_id=there)
    old = await new_client(tenant, seller, "Ромашка", inn="7707083893")
    into = await new_client(tenant, seller, "Тюльпан", inn="5006834918")
    foreign = await new_client(tenant, other_head, "Чужая")
    assert (await merge(tenant, seller, old, into)).status == 403
    differ = await merge(tenant, head, old, into)
    assert (differ.status, differ.body["code"]) == (409, "different_organizations")
    itself = await merge(tenant, head, old, old)
    assert (itself.status, itself.body["errors"][0]["field"]) == (422, "into_client_id")
    unseen = await merge(tenant, head, old, foreign)
    assert (unseen.status, unseen.body["errors"][0]["field"]) == (404, "into_client_id")
    assert (await merge(tenant, other_head, old, foreign)).status == 404
    assert (await merge(stranger, stranger.admin, old, into)).status == 404
    here_only = await tenant.head_here_seller_there(there, tenant.room_id)
    assert (await merge(tenant, here_only, old, into)).status == 403


async def test_a_client_is_merged_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    first, second, third = [
        await new_client(tenant, tenant.admin, f"Ромашка {number}") for number in range(3)
    ]
    assert (await merge(tenant, tenant.admin, first, second)).status == 200
    again = await merge(tenant, tenant.admin, first, second)
    assert (again.status, again.body["id"]) == (200, second)
    assert len(await client_events(tenant, first)) == 2
    elsewhere = await merge(tenant, tenant.admin, first, third)
    assert (elsewhere.status, elsewhere.body["merged_into"]) == (409, second)
    assert (await merge(tenant, tenant.admin, third, first)).status == 409


async def test_two_clients_merged_into_each_other_leave_one(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for _ in range(5):
        one, other = [await new_client(tenant, tenant.admin, "Ромашка") for _ in range(2)]
        done = await asyncio.gather(
            merge(tenant, tenant.admin, one, other), merge(tenant, tenant.admin, other, one)
        )
        assert statuses(done) == [200, 409]


@pytest.mark.parametrize("by_contact", [False, True])
async def test_no_registration_is_left_with_a_client_that_was_merged(
    new_tenant: NewTenant, by_contact: bool
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(4)
    for number in range(8):
        phone = f"+7495123450{number}"
        old = await new_client(tenant, tenant.admin, "Ромашка", phones=[phone])
        into = await new_client(tenant, tenant.admin, "ООО Ромашка")
        client = {"name": "Ромашка", "kind": "organization", "phones": [phone]}
        whose: dict[str, Any] = {"client": client} if by_contact else {"client_id": old}
        calls = [
            tenant.call(seller, "POST", "/activities", tenant.registration(**whose))
            for seller in sellers
        ]
        done, *registered = await asyncio.gather(merge(tenant, tenant.admin, old, into), *calls)
        assert done.status == 200, done.body
        assert statuses(registered) == [201] * 4, [response.body for response in registered]
        listed = await tenant.call(tenant.admin, "GET", f"/activities?client_id={into}")
        assert len(listed.body["items"]) == 4
        left = await tenant.reader.fetchval(
            "SELECT count(*) FROM activity WHERE tenant_id = $1 AND client_id = $2",
            tenant.tenant_id,
            UUID(old),
        )
        assert left == 0


async def test_a_take_and_a_merge_at_once_both_happen(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    seller = await tenant.user()
    for _ in range(5):
        activity = await tenant.register()
        into = await new_client(tenant, tenant.admin, "ООО Ромашка")
        done, taken = await asyncio.gather(
            merge(tenant, tenant.admin, activity["client"]["id"], into),
            tenant.command(seller, activity, "take"),
        )
        assert (done.status, taken.status) == (200, 200), (done.body, taken.body)
        seen = await tenant.see(activity)
        assert (seen["client"]["id"], seen["responsible_id"]) == (into, str(seller.id))


async def test_many_activities_follow_by_a_job(
    new_tenant: NewTenant,
    context: ServiceContext,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tenant = await new_tenant()
    old = await new_client(tenant, tenant.admin, "Ромашка")
    into = await new_client(tenant, tenant.admin, "ООО Ромашка")
    activities = [await tenant.register(client_id=old) for _ in range(5)]
    monkeypatch.setattr(merging, "AT_ONCE", 2)
    monkeypatch.setattr(merging, "BATCH", 2)
    caller = tenant.caller_of(tenant.admin)
    command = MergeClients(ClientId(UUID(old)), ClientId(UUID(into)))
    async with database.begin(caller) as tx:
        await merging.merge_clients(tx, command, caller)
    assert (await tenant.see(activities[0]))["client"]["id"] == old
    await let_jobs_run(tenant, context)
    for activity in activities:
        assert (await tenant.see(activity))["client"]["id"] == into
        assert len(await tenant.event_types(activity)) == 2
