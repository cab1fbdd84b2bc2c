"""Contacts of a client, added and removed by several people at once."""

from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once, statuses

FIRST, SECOND, THIRD = "+74951234567", "+74951234568", "+74951234569"


async def a_client(tenant: Tenant, **fields: Any) -> str:
    body = {"name": "Лес", "kind": "organization", "phones": [FIRST], **fields}
    response = await tenant.call(tenant.admin, "POST", "/clients", body)
    assert response.status == 201, response.body
    return f"/clients/{response.body['id']}"


async def test_two_people_who_add_a_phone_each_both_find_it(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await a_client(tenant)
    responses = await all_at_once(
        tenant.call(tenant.admin, "PATCH", path, {"add_phones": [phone]})
        for phone in (SECOND, THIRD)
    )
    assert statuses(responses) == [200, 200]
    phones = (await tenant.call(tenant.admin, "GET", path)).body["phones"]
    assert (phones[0], sorted(phones[1:])) == (FIRST, [SECOND, THIRD])


async def test_a_removed_contact_is_free_for_others(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await a_client(tenant, emails=["a@example.com"])
    changed = await tenant.call(
        tenant.admin, "PATCH", path, {"remove_phones": ["8 495 123-45-67"], "add_phones": [SECOND]}
    )
    assert (changed.status, changed.body["phones"]) == (200, [SECOND])
    await a_client(tenant)


async def test_an_added_contact_of_another_client_is_refused(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    await a_client(tenant)
    path = await a_client(tenant, phones=[SECOND])
    refused = await tenant.call(tenant.admin, "PATCH", path, {"add_phones": [FIRST]})
    assert (refused.status, refused.code) == (409, "duplicate_client")
    assert (await tenant.call(tenant.admin, "GET", path)).body["phones"] == [SECOND]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"phones": [SECOND], "add_phones": [THIRD]}, {"phones": "not_together"}),
        ({"emails": [], "remove_emails": ["a@example.com"]}, {"emails": "not_together"}),
        ({"add_phones": [SECOND], "remove_phones": [SECOND]}, {"add_phones": "not_together"}),
        ({"add_phones": ["12"]}, {"add_phones.0": "phone"}),
    ],
)
async def test_contradictory_contacts_are_refused(
    new_tenant: NewTenant, body: Any, fields: dict[str, str]
) -> None:
    tenant = await new_tenant()
    path = await a_client(tenant)
    refused = await tenant.call(tenant.admin, "PATCH", path, body)
    assert (refused.status, refused.fields) == (422, fields)
    assert (await tenant.call(tenant.admin, "GET", path)).body["version"] == 1
