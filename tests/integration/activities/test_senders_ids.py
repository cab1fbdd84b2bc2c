"""A sender's id of money counts once in the tenant, whatever it is recorded on."""

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once, statuses
from tests.support.money import rub


@pytest.fixture
async def tenant(new_tenant: NewTenant) -> Tenant:
    return await new_tenant()


@pytest.mark.parametrize(
    "spelling", ["BANK-1", " BANK-1 ", "BANK-1\u200b", "\ufeffBANK\u00ad-1", "ＢＡＮＫ-1"]
)
async def test_one_bank_operation_pays_one_activity(tenant: Tenant, spelling: str) -> None:
    seller = await tenant.user()
    first = await tenant.register(seller, "Ромашка", take=True)
    second = await tenant.register(seller, "Лютик", take=True)
    await tenant.do(seller, first, "payments", amount=rub(1000), external_id="BANK-1")
    body = {"amount": rub(1000), "external_id": spelling}
    repeated = await tenant.do(seller, first, "payments", **body)
    assert repeated["paid"] == rub(1000), "the same once more changes nothing"
    refused = await tenant.command(seller, second, "payments", **body)
    assert (refused.status, refused.body["code"], refused.body["activity_id"]) == (
        409,
        "duplicate_payment",
        first["id"],
    )
    other = await tenant.do(seller, second, "payments", amount=rub(10), external_id="bank-1")
    assert other["paid"] == rub(10), "the case may be meant"


async def test_an_id_without_anything_to_see_is_refused(tenant: Tenant) -> None:
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    for external_id, rule in (("\u200b\ufeff", "empty"), ("", "empty"), ("a\u2028b", "storable")):
        refused = await tenant.command(
            seller, activity, "payments", amount=rub(1), external_id=external_id
        )
        (error,) = refused.body["errors"]
        assert (refused.status, error["field"], error["rule"]) == (422, "external_id", rule)


async def test_another_rooms_activity_is_not_named(tenant: Tenant) -> None:
    room_id = await tenant.another_room()
    seller, outsider = await tenant.user(), await tenant.user(room_id=room_id)
    ours = await tenant.register(seller, "Ромашка", take=True)
    theirs = await tenant.register(outsider, "Лютик", take=True, room_id=str(room_id))
    await tenant.do(seller, ours, "payments", amount=rub(5), external_id="bank-1")
    refused = await tenant.command(
        outsider, theirs, "payments", amount=rub(5), external_id="bank-1"
    )
    assert (refused.status, refused.body["code"]) == (409, "duplicate_payment")
    assert "activity_id" not in refused.body


async def test_eight_at_once_on_two_activities_have_one_winner(tenant: Tenant) -> None:
    seller = await tenant.user()
    activities = [await tenant.register(seller, name, take=True) for name in ("Ромашка", "Лютик")]
    responses = await all_at_once(
        tenant.command(
            seller, activities[number % 2], "payments", amount=rub(100), external_id="bank-1"
        )
        for number in range(8)
    )
    assert statuses(responses) == [200] * 4 + [409] * 4
    refused = [response.body for response in responses if response.status == 409]
    assert {body["code"] for body in refused} == {"duplicate_payment"}
    amounts = sorted([(await tenant.see(activity))["paid"]["amount"] for activity in activities])
    assert amounts == ["0.00", "100.00"]


async def test_a_refunds_id_counts_once_and_is_no_payments(tenant: Tenant) -> None:
    seller = await tenant.user()
    activities = [await tenant.register(seller, name, take=True) for name in ("Ромашка", "Лютик")]
    for number, activity in enumerate(activities):
        body = {"amount": rub(100), "external_id": f"bank-{number}"}
        await tenant.do(seller, activity, "payments", **body)
    refund = {"amount": rub(10), "external_id": "bank-0", "reason": "брак"}
    responses = await all_at_once(
        tenant.command(seller, activities[number % 2], "refunds", **refund) for number in range(8)
    )
    assert statuses(responses) == [200] * 4 + [409] * 4
    seen = [await tenant.see(activity) for activity in activities]
    assert sorted(activity["paid"]["amount"] for activity in seen) == ["100.00", "90.00"]


async def test_two_tenants_have_senders_ids_of_their_own(new_tenant: NewTenant) -> None:
    for tenant in (await new_tenant(), await new_tenant()):
        seller = await tenant.user()
        activity = await tenant.register(seller, take=True)
        body = {"amount": rub(1), "external_id": "bank-1"}
        assert (await tenant.do(seller, activity, "payments", **body))["paid"] == rub(1)
