"""Clients are unique, and found as they are written."""

import random

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses


async def test_eight_simultaneous_creations_make_one_client(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for number in range(5):
        phones = [f"+790312345{number}{digit}" for digit in range(10)] + [
            f"+790312346{number}{digit}" for digit in range(10)
        ]
        bodies = [
            {"name": f"Клиент {number}", "kind": "person", "phones": random.sample(phones, 20)}
            for number in range(8)
        ]
        responses = await all_at_once(
            tenant.call(seller, "POST", "/clients", body) for body in bodies
        )
        assert statuses(responses) == [201] + [409] * 7
        assert {response.body["code"] for response in responses if response.status == 409} == {
            "duplicate_client"
        }
    assert len(await tenant.pages(seller, "/clients", 50)) == 5


async def test_a_duplicate_of_another_rooms_client_stays_nameless(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, stranger = await tenant.user(), await tenant.user(room_id=await tenant.another_room())
    body = {"name": "Иванов", "kind": "person", "phones": ["+79031234567"]}
    client = (await tenant.call(seller, "POST", "/clients", body)).body
    await tenant.register(seller, client_id=client["id"])
    refused = await tenant.call(stranger, "POST", "/clients", {**body, "name": "Другой"})
    assert (refused.status, refused.body["matched"], refused.body["client_ids"]) == (
        409,
        ["phone"],
        [],
    )
    existing = await tenant.call(seller, "POST", "/clients", {**body, "name": "Другой"})
    assert existing.body["client_ids"] == [client["id"]]
