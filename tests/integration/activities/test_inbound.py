"""What comes from outside: whose it becomes, once, and what waits for a person."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.timers import prune_messages
from shared.ids import new_id
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.shop import hold_as_vip
from tests.integration.activities.tenant import Tenant, User, all_at_once, statuses
from tests.support.client import Response

PHONE, EMAIL = "+79161234567", "anna@example.com"


def key_of(tenant: Tenant, *rooms: UUID) -> User:
    """An API key of scope `inbound`, as the gateway presents it."""
    return User(new_id(), ("seller",), rooms or (tenant.room_id,))  # type: ignore[arg-type]


async def send(tenant: Tenant, key: User, **body: Any) -> Response:
    request = {"name": "Анна", "phone": PHONE, "source_id": tenant.source_id, **body}
    return await tenant.call(key, "POST", "/inbound/requests", request)


async def activities(tenant: Tenant) -> list[Any]:
    return await tenant.pages(tenant.admin, "/activities", 100)


async def test_three_messages_of_one_person_make_one_activity(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    first = await send(tenant, key, note="Хочу купить", email=EMAIL)
    assert (first.status, first.body["state"]) == (201, "registered"), first.body
    by_phone = await send(tenant, key, phone="8 (916) 123-45-67", note="Перезвоните")
    by_email = await send(tenant, key, phone=None, email="ANNA@example.com")
    assert [(each.status, each.body["state"]) for each in (by_phone, by_email)] == [
        (200, "added"),
        (200, "added"),
    ]
    (activity,) = await activities(tenant)
    assert {each.body["activity_id"] for each in (first, by_phone, by_email)} == {activity["id"]}
    assert (activity["status"], activity["note"]) == ("free", "Хочу купить")
    seen = await tenant.see(activity)
    notes = [entry["note"] for entry in seen["timeline"]]
    assert notes == ["Повторное обращение", "Перезвоните", "Хочу купить"]
    assert await tenant.event_types(activity) == [
        "activity.registered",
        "interaction.recorded",
        "interaction.recorded",
    ]


async def test_a_client_in_work_goes_to_its_responsible(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    client = {"name": "Ромашка", "kind": "organization", "phones": [PHONE]}
    work = await tenant.register(seller, client=client, take=True)
    added = await send(tenant, key, name="Ромашка", note="Где счёт?")
    assert (added.status, added.body["activity_id"]) == (200, work["id"]), added.body
    seen = await tenant.see(work)
    assert seen["responsible_id"] == str(seller.id)
    assert seen["next_step"]["what"] == "Ответить на повторное обращение"
    assert seen["reset_due_at"] == work["reset_due_at"], "what a client does is no progress"
    newest = seen["timeline"][0]
    assert (newest["what"], newest["note"]) == ("interaction.recorded", "Где счёт?")
    await send(tenant, key, name="Ромашка", note="И ещё")
    again = await tenant.see(work)
    assert again["next_step"] == seen["next_step"], "what is promised stays"
    assert len(await activities(tenant)) == 1


async def test_a_client_in_work_in_another_room_goes_there(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    seller = await tenant.user(room_id=other)
    client = {"name": "Ромашка", "kind": "organization", "phones": [PHONE, "+79160000001"]}
    work = await tenant.register(seller, client=client, take=True, room_id=str(other))
    added = await send(tenant, key_of(tenant), email="new@example.com", note="Здравствуйте")
    assert added.body["activity_id"] == work["id"]
    local = await tenant.user()
    assert await tenant.pages(local, "/clients", 50) == [], "the key's room learns nothing"
    (seen,) = await tenant.pages(seller, "/clients", 50)
    assert "new@example.com" in seen["emails"]


async def test_a_vips_message_goes_to_its_holder(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    first = await send(tenant, key)
    activity = await tenant.see({"id": first.body["activity_id"]})
    await tenant.do(seller, activity, "take")
    await tenant.do(seller, activity, "lose", reason="Потом")
    await hold_as_vip(tenant, activity, seller)
    second = await send(tenant, key)
    assert second.body["state"] == "registered"
    routed = await tenant.see({"id": second.body["activity_id"]})
    assert (routed["responsible_id"], routed["how"]) == (str(seller.id), "vip_routed")


async def test_a_foreign_client_is_entered_with_the_senders_contacts_alone(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    stranger, local = await tenant.user(room_id=other), await tenant.user()
    client = {"name": "Анна", "kind": "person", "phones": [PHONE, "+79160000001"]}
    await tenant.register(stranger, client=client, room_id=str(other))
    came = await send(tenant, key_of(tenant))
    assert came.body["state"] == "registered", came.body
    (seen,) = await tenant.pages(local, "/clients", 50)
    assert seen["phones"] == [PHONE]
    (theirs,) = await tenant.pages(stranger, "/clients", 50)
    assert theirs["id"] == seen["id"]


async def test_a_senders_repetition_has_no_second_effect(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key, other_key = key_of(tenant), key_of(tenant)
    first = await send(tenant, key, external_id="7")
    again = await send(tenant, key, external_id="7", note="Другое")
    assert (again.status, again.body) == (first.status, first.body)
    assert len((await tenant.see({"id": first.body["activity_id"]}))["timeline"]) == 1
    of_another = await send(tenant, other_key, external_id="7")
    assert of_another.body["state"] == "added", "another sender's id is another message"


@pytest.mark.parametrize("attempt", range(3))
async def test_eight_equal_messages_at_once_make_one_activity(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    sent = await all_at_once(send(tenant, key, external_id="once") for _ in range(8))
    assert statuses(sent) == [201] * 8
    assert len({each.body["id"] for each in sent}) == 1
    (activity,) = await activities(tenant)
    assert len((await tenant.see(activity))["timeline"]) == 1


@pytest.mark.parametrize("attempt", range(3))
async def test_one_person_by_two_ids_at_once_makes_one_activity(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    known = {"name": "Анна", "kind": "person", "phones": [PHONE], "emails": [EMAIL]}
    await tenant.call(await tenant.user(), "POST", "/clients", known)
    contacts: list[dict[str, Any]] = [{"phone": PHONE}, {"phone": None, "email": EMAIL}] * 3
    sent = await all_at_once(
        send(tenant, key, external_id=str(number), **contact)
        for number, contact in enumerate(contacts)
    )
    assert statuses(sent) == [200] * 5 + [201], [each.body for each in sent]
    (activity,) = await activities(tenant)
    assert len((await tenant.see(activity))["timeline"]) == 6


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"phone": None}, "no_contact"),
        ({"phone": "позвоните мне"}, "unusable_contact"),
        ({"phone": None, "email": "anna@@x"}, "unusable_contact"),
        ({"source_id": None}, "no_source"),
    ],
)
async def test_what_cannot_be_followed_waits_and_is_not_lost(
    new_tenant: NewTenant, body: dict[str, Any], reason: str
) -> None:
    tenant = await new_tenant()
    sent = await send(tenant, key_of(tenant), note="Тайна", **body)
    assert sent.status == 202
    assert (sent.body["state"], sent.body["reason"]) == ("unprocessed", reason)
    assert sent.body["activity_id"] is None
    (row,) = await tenant.reader.fetch(
        "SELECT * FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
    )
    assert "Тайна" in row["body"].decode() or rb"\u0422" in row["body"]
    assert await activities(tenant) == []


async def test_contacts_of_two_clients_wait_for_a_person(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await send(tenant, key)
    await send(tenant, key, phone=None, email=EMAIL)
    sent = await send(tenant, key, email=EMAIL)
    assert (sent.status, sent.body["reason"]) == (202, "several_clients")


async def test_what_the_sender_names_wrongly_is_refused(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key, nobodys = key_of(tenant), str(new_id())
    for field in ("room_id", "company_id", "source_id"):
        refused = await send(tenant, key, external_id="1", **{field: nobodys})
        assert refused.status in (404, 422), (field, refused.body)
        assert refused.body["errors"][0]["field"] == field
    foreign = await send(tenant, key, room_id=str(await tenant.another_room()))
    assert foreign.status == 404
    assert (
        await tenant.reader.fetch(
            "SELECT 1 FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
        )
        == []
    )


async def test_a_consent_of_the_request_lets_a_phone_be_called_again(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    word = {"kind": "do_not_call", "source": "Звонок", "phone": PHONE}
    assert (await tenant.call(seller, "POST", "/consents", word)).status == 201
    came = await send(tenant, key)
    assert came.body["state"] == "registered", "who comes by themselves is taken"
    activity = await tenant.see({"id": came.body["activity_id"]})
    assert activity["client"]["do_not_call"]
    await send(tenant, key, consent={"text": "Согласна на звонки", "at": "2099-01-01T00:00:00Z"})
    assert not (await tenant.see(activity))["client"]["do_not_call"]
    shown = await tenant.call(seller, "GET", f"/clients/{activity['client']['id']}/consents")
    newest = shown.body["items"][0]
    assert (newest["kind"], newest["text"]) == ("given", "Согласна на звонки")
    assert newest["at"] < "2099"


async def test_the_first_touch_stays(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    came = await send(tenant, key)
    await send(tenant, key, advertising={"yclid": "1", "utm_source": "yandex"})
    await send(tenant, key, advertising={"yclid": "2", "metrica_client_id": "9"})
    (row,) = await tenant.reader.fetch(
        "SELECT * FROM activity_attribution WHERE tenant_id = $1", tenant.tenant_id
    )
    assert str(row["activity_id"]) == came.body["activity_id"]
    assert (row["yclid"], row["utm_source"], row["metrica_client_id"]) == ("1", "yandex", None)


async def test_a_lost_clients_message_is_a_new_activity(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    first = await send(tenant, key)
    activity = await tenant.see({"id": first.body["activity_id"]})
    await tenant.do(seller, activity, "take")
    await tenant.do(seller, activity, "lose", reason="Дорого")
    second = await send(tenant, key, products=[{"product_id": tenant.product_id}])
    assert second.body["state"] == "registered"
    assert second.body["activity_id"] != activity["id"]


async def test_what_has_expired_is_deleted(new_tenant: NewTenant, context: ServiceContext) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    for number in ("1", "2"):
        await send(tenant, key, external_id=number)
    await tenant.reader.execute(
        "UPDATE inbound_message SET expires_at = now() WHERE tenant_id = $1 AND external_id = '1'",
        tenant.tenant_id,
    )
    assert await prune_messages(context) >= 1
    rows = await tenant.reader.fetch(
        "SELECT external_id FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
    )
    assert [row["external_id"] for row in rows] == ["2"]
