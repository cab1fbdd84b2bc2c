"""What waits for a person: who sees it, and what becomes of it."""

from typing import Any

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, all_at_once, statuses
from tests.integration.activities.test_inbound import key_of, send

LIST = "/inbound/unprocessed"


async def waiting(tenant: Tenant, user: User) -> list[Any]:
    return await tenant.pages(user, LIST, 1)


async def test_what_waits_is_seen_by_admins_and_heads_of_the_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    head, stranger = await tenant.user("head"), await tenant.user("head", room_id=other)
    sent = await send(tenant, key_of(tenant), phone="нет", note="Тайна", external_id="9")
    path = f"{LIST}/{sent.body['id']}"
    for user in (tenant.admin, head):
        (item,) = await waiting(tenant, user)
        assert (item["id"], item["reason"]) == (sent.body["id"], "unusable_contact")
        assert (item["channel"], item["external_id"]) == ("request", "9")
        assert "body" not in item
        shown = await tenant.call(user, "GET", path)
        assert "Тайна" in shown.body["body"] or "\\u0422" in shown.body["body"]
        assert shown.body["content_type"] == "application/json"
    assert await waiting(tenant, stranger) == []
    for method, about in (("GET", ""), ("POST", "/dismiss"), ("POST", "/resolve")):
        body = {"reason": "Спам"} if about == "/dismiss" else {"activity_id": sent.body["id"]}
        refused = await tenant.call(stranger, method, path + about, body if about else None)
        assert refused.status == 404
    seller = await tenant.user()
    assert (await tenant.call(seller, "GET", LIST)).status == 403


async def test_a_message_is_resolved_to_an_activity(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    head, seller, key = await tenant.user("head"), await tenant.user(), key_of(tenant)
    sent = await send(tenant, key, phone="нет", external_id="9")
    work = await tenant.register(seller, take=True)
    path, body = f"{LIST}/{sent.body['id']}", {"activity_id": work["id"], "note": "Это они"}
    done = await tenant.call(head, "POST", f"{path}/resolve", body)
    assert (done.status, done.body["state"], done.body["body"]) == (200, "resolved", None)
    assert done.body["closed_by"] == str(head.id)
    newest = (await tenant.see(work))["timeline"][0]
    assert (newest["note"], newest["who"]) == ("Это они", str(head.id))
    again = await tenant.call(head, "POST", f"{path}/resolve", body)
    assert (again.status, again.body) == (200, done.body)
    refused = await tenant.call(head, "POST", f"{path}/dismiss", {"reason": "Спам"})
    assert (refused.status, refused.body["code"]) == (409, "message_closed")
    assert await waiting(tenant, head) == []
    repeated = await send(tenant, key, phone="нет", external_id="9")
    assert (repeated.status, repeated.body["state"]) == (200, "resolved")
    assert repeated.body["activity_id"] == work["id"]


async def test_a_message_is_resolved_to_no_activity_of_another_room(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    theirs = await tenant.register(
        await tenant.user(room_id=other), room_id=str(other), name="Чужие"
    )
    head = await tenant.user("head")
    sent = await send(tenant, key_of(tenant), phone="нет")
    path = f"{LIST}/{sent.body['id']}/resolve"
    refused = await tenant.call(head, "POST", path, {"activity_id": theirs["id"]})
    assert refused.status == 404
    assert len(await waiting(tenant, head)) == 1


async def test_of_two_who_dismiss_at_once_one_is_told(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    heads = [await tenant.user("head") for _ in range(4)]
    sent = await send(tenant, key_of(tenant), phone="нет")
    path = f"{LIST}/{sent.body['id']}/dismiss"
    answers = await all_at_once(
        tenant.call(head, "POST", path, {"reason": "Спам"}) for head in heads
    )
    assert statuses(answers) == [200, 409, 409, 409]
    (row,) = await tenant.reader.fetch(
        "SELECT * FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
    )
    assert (row["state"], row["body"], row["closing_reason"]) == ("dismissed", None, "Спам")


async def test_pages_show_each_message_once_the_oldest_first(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    sent = [await send(tenant, key_of(tenant), phone=None) for _ in range(3)]
    assert [item["id"] for item in await waiting(tenant, tenant.admin)] == [
        each.body["id"] for each in sent
    ]
