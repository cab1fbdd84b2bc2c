"""Calls that telephony reports: whose they become, once each."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.activities.domain.call_effects import CALL_BACK
from services.activities.timers import prune_calls
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.shop import hold_as_vip
from tests.integration.activities.telephony import (
    CLIENT,
    LINE,
    answered,
    calls_of,
    has_line,
    key_of,
    missed,
    report,
    set_extensions,
)
from tests.integration.activities.tenant import Tenant, User

CUSTOMER = {"name": "Ромашка", "kind": "organization", "phones": [CLIENT]}
PROMISE = {"what": "Отправить договор", "due_at": "2030-01-01T10:00:00Z"}


async def in_work(tenant: Tenant, seller: User) -> Any:
    return await tenant.register(seller, client=CUSTOMER, take=True)


async def all_of(tenant: Tenant) -> list[Any]:
    return await tenant.pages(tenant.admin, "/activities", 100)


async def test_missed_call_asks_the_responsible_to_call_back(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    told = await missed(tenant, key)
    assert (told["recorded"], told["activity_id"]) == ("missed", work["id"])
    seen = await tenant.see(work)
    assert seen["next_step"]["what"] == CALL_BACK
    due_in = datetime.fromisoformat(seen["next_step"]["due_at"]) - datetime.fromisoformat(
        seen["timeline"][0]["at"]
    )
    assert due_in == timedelta(minutes=15)
    assert seen["reset_due_at"] == work["reset_due_at"], "nobody has worked the client"
    newest = seen["timeline"][0]
    assert (newest["kind"], newest["direction"], newest["outcome"]) == (
        "note",
        "incoming",
        "missed",
    )
    assert newest["call_id"] == told["id"]


async def test_five_missed_calls_in_a_minute_make_one_step(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    for number in range(5):
        await missed(tenant, key, str(number))
    seen = await tenant.see(work)
    types = await tenant.event_types(work)
    assert types.count("interaction.recorded") == 1
    assert seen["next_step"]["what"] == CALL_BACK
    assert len(await calls_of(tenant, work)) == 5


async def test_talk_is_an_interaction_of_who_answered(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague, key = await tenant.user(), await tenant.user(), key_of(tenant)
    await set_extensions(tenant, colleague, "101")
    work = await in_work(tenant, seller)
    told = await answered(tenant, key, extension="sip:101@pbx.example")
    assert told["activity_id"] == work["id"]
    seen = await tenant.see(work)
    newest = seen["timeline"][0]
    assert (newest["kind"], newest["outcome"]) == ("call", "answered")
    assert (newest["duration_seconds"], newest["employee_id"]) == (35, str(colleague.id))
    assert seen["reset_due_at"] > work["reset_due_at"], "a talk is progress"
    assert seen["responsible_id"] == str(seller.id)


async def test_later_talk_closes_the_missed_call_and_the_promise_is_back(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    await tenant.do(seller, work, "interactions", kind="call", next_step=PROMISE)
    await missed(tenant, key)
    waiting = await tenant.see(work)
    assert waiting["next_step"]["what"] == f"{CALL_BACK}. Затем: Отправить договор"
    await answered(tenant, key, "2")
    seen = await tenant.see(work)
    assert (seen["timeline"][0]["step"], seen["next_step"]["what"]) == ("kept", PROMISE["what"])
    assert seen["next_step"]["due_at"] == PROMISE["due_at"]


async def test_talk_leaves_what_the_seller_promised(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    await tenant.do(seller, work, "interactions", kind="call", next_step=PROMISE)
    await answered(tenant, key)
    assert (await tenant.see(work))["next_step"]["what"] == PROMISE["what"]


async def test_call_missed_first_and_answered_after_all_is_recorded_again(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    first = await missed(tenant, key)
    second = await answered(tenant, key)
    assert first["id"] == second["id"]
    assert (second["recorded"], second["activity_id"]) == ("answered", work["id"])
    seen = await tenant.see(work)
    assert (seen["next_step"], seen["timeline"][0]["step"]) == (None, "kept")
    late = await missed(tenant, key)
    assert late["recorded"] == "answered"
    (call,) = await calls_of(tenant, work)
    assert call["outcome"] == "answered"


async def test_unknown_clients_missed_call_waits_in_the_pool_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    for number in range(5):
        await missed(tenant, key, str(number))
    (activity,) = await all_of(tenant)
    assert (activity["status"], activity["source_id"]) == ("free", tenant.source_id)
    seen = await tenant.see(activity)
    assert (seen["note"], len(seen["timeline"])) == ("Пропущенный звонок", 2)
    assert len(await calls_of(tenant, activity)) == 5


async def test_unknown_client_who_was_answered_is_who_answered_s(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    await set_extensions(tenant, seller, "101")
    told = await answered(tenant, key, extension="101")
    seen = await tenant.see({"id": told["activity_id"]})
    assert (seen["status"], seen["responsible_id"]) == ("in_work", str(seller.id))
    assert seen["timeline"][0]["duration_seconds"] == 35
    nobody = await answered(tenant, key, "2", client_number="+79160000001", extension="102")
    assert (await tenant.see({"id": nobody["activity_id"]}))["status"] == "free"


async def test_free_activity_becomes_who_answered_s(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    await set_extensions(tenant, seller, "101")
    first = await missed(tenant, key)
    second = await answered(tenant, key, "2", extension="101")
    assert second["activity_id"] == first["activity_id"]
    seen = await tenant.see({"id": first["activity_id"]})
    assert seen["responsible_id"] == str(seller.id)


async def test_work_limit_leaves_an_answered_client_in_the_pool(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    await tenant.set_options(work_limit=1)
    await set_extensions(tenant, seller, "101")
    await answered(tenant, key, extension="101")
    second = await answered(tenant, key, "2", client_number="+79160000001", extension="101")
    seen = await tenant.see({"id": second["activity_id"]})
    assert (seen["status"], seen["timeline"][0]["kind"]) == ("free", "call")


async def test_vips_missed_call_goes_to_its_holder(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    work = await in_work(tenant, seller)
    await tenant.do(seller, work, "lose", reason="Потом")
    await hold_as_vip(tenant, work, seller)
    told = await missed(tenant, key)
    seen = await tenant.see({"id": told["activity_id"]})
    assert (seen["responsible_id"], seen["how"]) == (str(seller.id), "vip_routed")
    assert seen["next_step"]["what"] == CALL_BACK


async def test_outgoing_calls_go_to_the_activity_in_work_or_nowhere(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    nowhere = await answered(tenant, key, direction="outgoing")
    assert (nowhere["recorded"], nowhere["activity_id"]) == ("answered", None)
    assert await all_of(tenant) == []
    work = await in_work(tenant, seller)
    await missed(tenant, key, "2", direction="outgoing")
    attempt = await tenant.see(work)
    assert (attempt["next_step"], attempt["reset_due_at"]) == (None, work["reset_due_at"])
    assert attempt["timeline"][0]["kind"] == "note"
    await answered(tenant, key, "3", direction="outgoing")
    talked = await tenant.see(work)
    assert (talked["timeline"][0]["kind"], talked["timeline"][0]["direction"]) == (
        "call",
        "outgoing",
    )
    assert talked["reset_due_at"] > work["reset_due_at"]


async def test_calls_among_ourselves_are_left_alone(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    await set_extensions(tenant, seller, "8 916 000-00-09")
    for number, about in enumerate(
        [{"client_number": "102"}, {"client_number": LINE}, {"client_number": "79160000009"}]
    ):
        told = await missed(tenant, key, str(number), **about)
        assert told["activity_id"] is None and told["message_id"] is None
    assert await all_of(tenant) == []


async def test_our_number_decides_source_room_and_company(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    source = await tenant.create("/sources", name="Радио", channel="radio", kind="inbound")
    key = key_of(tenant, tenant.room_id, other)
    company_id = str(tenant.company_id)
    await has_line(tenant, source_id=source["id"], room_id=str(other), company_id=company_id)
    told = await missed(tenant, key)
    seen = await tenant.see({"id": told["activity_id"]})
    assert (seen["room_id"], seen["source_id"]) == (str(other), source["id"])
    unknown = await missed(tenant, key, "2", client_number="+79160000001", our_number="74950000000")
    assert unknown["activity_id"] is None and unknown["message_id"]


@pytest.mark.parametrize("number", ["anonymous", "2223344", ""])
async def test_hidden_number_waits_for_a_person(new_tenant: NewTenant, number: str) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    told = await missed(tenant, key, client_number=number)
    assert told["message_id"] and told["recorded"] is None
    again = await missed(tenant, key, client_number=number, duration=0)
    assert again["message_id"] == told["message_id"]
    assert await all_of(tenant) == []


async def test_recording_that_comes_later_is_shown_with_the_activity(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    other = await tenant.user(room_id=await tenant.another_room())
    work = await in_work(tenant, seller)
    await answered(tenant, key)
    link = "https://pbx.example.com/1.mp3"
    await report(tenant, key, recording_url=link)
    await report(tenant, key, recording_url="http://pbx.example.com/2.mp3")
    (call,) = await calls_of(tenant, work, seller)
    assert call["recordings"] == [link]
    assert (call["client_number"], call["our_number"]) == (CLIENT, LINE)
    assert (call["duration_seconds"], call["direction"]) == (35, "incoming")
    hidden = await tenant.call(other, "GET", f"/activities/{work['id']}/calls")
    assert hidden.status == 404


async def test_another_keys_call_of_the_same_id_is_another_call(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    work = await in_work(tenant, seller)
    first = await answered(tenant, key_of(tenant))
    second = await answered(tenant, key_of(tenant))
    assert first["id"] != second["id"]
    assert len(await calls_of(tenant, work)) == 2


async def test_calls_are_listed_page_by_page(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    told = [await answered(tenant, key, str(number)) for number in range(5)]
    path = f"/activities/{work['id']}/calls"
    pages = await tenant.pages(tenant.admin, path, 2)
    assert [call["id"] for call in pages] == [each["id"] for each in reversed(told)]
    refused = await tenant.call(tenant.admin, "GET", f"{path}?cursor=x")
    assert refused.status == 422


async def test_calls_of_no_activity_are_removed_after_a_month(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await in_work(tenant, seller)
    await answered(tenant, key)
    gone = await answered(tenant, key, "2", direction="outgoing", client_number="+79160000001")
    await tenant.reader.execute(
        "UPDATE call SET expires_at = expires_at - interval '31 days' WHERE tenant_id = $1",
        tenant.tenant_id,
    )
    assert await prune_calls(context) >= 1
    left = await tenant.reader.fetch("SELECT id FROM call WHERE tenant_id = $1", tenant.tenant_id)
    assert gone["id"] not in {str(row["id"]) for row in left}
    assert len(await calls_of(tenant, work)) == 1
