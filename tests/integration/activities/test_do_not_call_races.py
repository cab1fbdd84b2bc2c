"""A word at the moment of a registration or of a change of phones."""

import asyncio

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import statuses
from tests.integration.activities.test_merging import merge, new_client
from tests.integration.activities.words import cold_source, described, is_marked, say


@pytest.mark.parametrize("known", [True, False])
async def test_no_cold_registration_begins_after_the_word(
    new_tenant: NewTenant, known: bool
) -> None:
    tenant = await new_tenant()
    cold, sellers = await cold_source(tenant), await tenant.users(4)
    for number in range(8):
        phone = f"+7495123450{number}"
        if known:
            await new_client(tenant, tenant.admin, "Ромашка", phones=[phone])
        body = tenant.registration(client=described(phone), source_id=cold)
        said, *registered = await asyncio.gather(
            say(tenant, tenant.admin, phone=phone),
            *(tenant.call(seller, "POST", "/activities", body) for seller in sellers),
        )
        assert said.status == 201, said.body
        assert set(statuses(registered)) <= {201, 409}
        for response in registered:
            # Through before the word, and marked by it; or refused.
            assert response.status == 201 or response.body["code"] == "do_not_call"
        after = await tenant.call(sellers[0], "POST", "/activities", body)
        assert (after.status, after.body["code"]) == (409, "do_not_call")
        pool = await tenant.call(
            tenant.admin, "GET", f"/activities?room_id={tenant.room_id}&limit=200"
        )
        shown = [item for item in pool.body["items"] if not item["client"]["do_not_call"]]
        assert shown == []


async def test_a_word_and_a_change_of_phones_at_once_agree(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for number in range(8):
        phone = f"+7495123450{number}"
        gaining = await new_client(tenant, tenant.admin, "Ромашка")
        losing = await new_client(tenant, tenant.admin, "Тюльпан", phones=[phone])
        into = await new_client(tenant, tenant.admin, "ООО Тюльпан")
        inn = {"inn": "7707083893"} if number == 0 else {}
        responses = await asyncio.gather(
            say(tenant, tenant.admin, phone=phone),
            merge(tenant, tenant.admin, losing, into),
            tenant.call(tenant.admin, "PATCH", f"/clients/{gaining}", {"name": "Роза", **inn}),
        )
        assert statuses(responses) == [200, 200, 201], [each.body for each in responses]
        assert await is_marked(tenant, into)
        assert not await is_marked(tenant, gaining)
        gain = {"remove_phones": [phone]}
        moved = await tenant.call(tenant.admin, "PATCH", f"/clients/{into}", gain)
        assert not moved.body["do_not_call"]
        allowed, added = await asyncio.gather(
            say(tenant, tenant.admin, phone=phone, kind="calls_allowed"),
            tenant.call(tenant.admin, "PATCH", f"/clients/{gaining}", {"add_phones": [phone]}),
        )
        assert (allowed.status, added.status) == (201, 200)
        assert not await is_marked(tenant, gaining)
