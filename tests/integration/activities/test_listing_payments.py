"""The list of payments that wait for confirmation, count, or were struck out."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.queries.payments import PaymentFilters, page_statement
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.money import rub
from tests.support.plans import plan_of


async def claimed(tenant: Tenant, seller: User, name: str, **place: Any) -> Any:
    activity = await tenant.register(seller, name, take=True, **place)
    await tenant.do(seller, activity, "payments", amount=rub(100), external_id=f"bank {name}")
    return activity


async def listed(tenant: Tenant, user: User, query: str = "", limit: int = 2) -> list[str]:
    """The clients' names of the listed payments, page by page."""
    items = await tenant.pages(user, f"/payments{query}", limit)
    return [item["client"]["name"] for item in items]


@pytest.fixture
async def tenant(new_tenant: NewTenant) -> Tenant:
    tenant = await new_tenant()
    path, body = f"/companies/{tenant.company_id}", {"payment_confirmation": "required"}
    assert (await tenant.call(tenant.admin, "PATCH", path, body)).status == 200
    return tenant


async def test_an_accountant_sees_the_tenants_claims_and_a_head_those_of_their_rooms(
    tenant: Tenant,
) -> None:
    there = await tenant.another_room()
    seller, other = await tenant.user(), await tenant.user(room_id=there)
    head, accountant = await tenant.user("head"), await tenant.user("accountant")
    both = await tenant.head_here_seller_there(tenant.room_id, there)
    for name in ("А", "Б", "В"):
        await claimed(tenant, seller, name)
    await claimed(tenant, other, "Г", room_id=str(there))
    assert await listed(tenant, accountant) == ["А", "Б", "В", "Г"], "the oldest first"
    assert await listed(tenant, accountant, f"?room_id={there}") == ["Г"]
    assert await listed(tenant, accountant, f"?company_id={tenant.company_id}") == [*"АБВГ"]
    assert await listed(tenant, head) == await listed(tenant, both) == ["А", "Б", "В"]
    assert await listed(tenant, head, f"?company_id={tenant.company_id}") == ["А", "Б", "В"]
    assert (await tenant.call(head, "GET", f"/payments?room_id={there}")).status == 404
    assert (await tenant.call(both, "GET", f"/payments?room_id={there}")).status == 403
    assert (await tenant.call(seller, "GET", "/payments")).status == 403
    refused = await tenant.call(accountant, "GET", "/payments?state=unknown")
    assert refused.status == 422


async def test_a_payment_moves_from_list_to_list_with_its_state(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity, mistake = [await claimed(tenant, seller, name) for name in ("А", "Б")]
    for it, command, body in (
        (activity, "confirm", {}),
        (mistake, "strike", {"reason": "ошибка"}),
    ):
        payment_id = (await tenant.see(it))["payments"][0]["id"]
        await tenant.do(accountant, it, f"payments/{payment_id}/{command}", **body)
    assert await listed(tenant, accountant) == []
    assert await listed(tenant, accountant, "?state=confirmed") == ["А"]
    assert await listed(tenant, accountant, "?state=struck") == ["Б"]


async def test_a_listed_payment_shows_names_beside_ids(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await claimed(tenant, seller, "Ромашка")
    (item,) = (await tenant.call(accountant, "GET", "/payments")).body["items"]
    assert item["activity_id"] == activity["id"]
    assert (item["amount"], item["state"], item["external_id"]) == (
        rub(100),
        "claimed",
        "bank Ромашка",
    )
    assert item["client"] == {"id": activity["client"]["id"], "name": "Ромашка"}
    assert (item["company"]["name"], item["room"]["name"]) == ("Лес", "Москва")
    person = {"id": str(seller.id), "name": "Продавец"}
    assert item["responsible"] == item["recorded_by"] == person


_MANY_ELSEWHERE = """
    INSERT INTO payment
    SELECT (jsonb_populate_record(payment, jsonb_build_object(
        'id', gen_random_uuid(), 'room_id', gen_random_uuid(), 'company_id', gen_random_uuid(),
        'external_id', NULL
    ))).*
    FROM payment, generate_series(1, 5000)
    WHERE tenant_id = $1 AND id = $2
"""


@pytest.mark.parametrize("narrowed", ["", "room", "company"])
async def test_a_page_reads_a_run_of_an_index(tenant: Tenant, narrowed: str) -> None:
    activity = await claimed(tenant, await tenant.user(), "А")
    payment_id = UUID((await tenant.see(activity))["payments"][0]["id"])
    # So many that reading them all, or sorting, would show.
    await tenant.reader.execute(_MANY_ELSEWHERE, tenant.tenant_id, payment_id)
    await tenant.reader.execute("ANALYZE payment")
    filters = PaymentFilters(
        "claimed", company_id=tenant.company_id if narrowed == "company" else None
    )
    rooms = [tenant.room_id] if narrowed == "room" else None
    statement, values = page_statement(filters, rooms, UUID(int=0), 50)
    plan = await plan_of(
        tenant.reader, tenant.tenant_id, statement, values, ("seqscan", "bitmapscan")
    )
    index = "ix_payment_company" if narrowed == "company" else "ix_payment_room"
    assert f"using {index} on payment" in plan
    assert "Seq Scan" not in plan


async def test_payments_follow_their_activity_to_another_room(tenant: Tenant) -> None:
    there = await tenant.another_room()
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await claimed(tenant, seller, "А")
    await claimed(tenant, seller, "Б")
    await tenant.do(tenant.admin, activity, "move", room_id=str(there), reason="другой город")
    assert await listed(tenant, accountant, f"?room_id={there}") == ["А"]
    assert await listed(tenant, accountant, f"?room_id={tenant.room_id}") == ["Б"]
