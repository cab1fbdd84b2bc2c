"""Search by the number of an invoice: in lists of activities and of clients, in the rooms that one
sees.
"""

from typing import Any
from urllib.parse import quote

import pytest

from services.activities.queries.by_invoice import numbered
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.money import rub
from tests.support.plans import plan_of


async def invoiced(tenant: Tenant, seller: User, number: str | None, name: str, **how: Any) -> Any:
    activity = await tenant.register(seller, take=True, name=name, **how)
    typed = {"number": number} if number else {}
    return await tenant.do(seller, activity, "invoices", amount=rub(10), **typed)


async def found(tenant: Tenant, user: User, path: str, words: str, **more: str) -> list[str]:
    """The ids of the whole list, a page of two at a time."""
    filters = "".join(f"&{name}={value}" for name, value in more.items())
    items = await tenant.pages(user, f"{path}?q={quote(words)}{filters}", 2)
    return [item["id"] for item in items]


async def test_an_activity_and_its_client_are_found_by_invoice_number(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    wanted = await invoiced(tenant, seller, "СЧ-000118", "Лесной двор")
    await invoiced(tenant, seller, "СЧ-119", "Степь")
    for words in ("СЧ-000118", "сч 118", "№ CЧ-118", "Счёт № СЧ-118 от 12.03.2026"):
        assert await found(tenant, seller, "/activities", words) == [wanted["id"]], words
        assert await found(tenant, seller, "/activities", words, sort="created") == [wanted["id"]]
        assert await found(tenant, seller, "/clients", words) == [wanted["client"]["id"]], words
    assert await found(tenant, seller, "/activities", "118") == []


async def test_our_own_number_is_found_also_once_it_is_cancelled(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await invoiced(tenant, seller, None, "Лесной двор")
    (invoice,) = (await tenant.see(activity))["invoices"]
    year, _, number = invoice["number"].partition("-")
    await tenant.do(seller, activity, f"invoices/{invoice['id']}/cancel", reason="Ошибка")
    assert await found(tenant, seller, "/activities", f"№ {year}/00{number}") == [activity["id"]]


async def test_numbers_and_names_are_found_together_page_by_page(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    named = [await tenant.register(seller, take=True, name=f"Дом 77 к{n}") for n in range(3)]
    numbered = await invoiced(tenant, seller, "Дом 77", "Степь")
    last = await tenant.register(seller, take=True, name="Дом 77 к9")
    expected = [last, numbered, *reversed(named)]
    ids = [activity["id"] for activity in expected]
    assert await found(tenant, seller, "/activities", "дом 77") == ids
    assert await found(tenant, seller, "/activities", "дом 77", status="in_work") == ids
    assert await found(tenant, seller, "/activities", "дом 77", stage="invoiced") == [ids[1]]
    clients = [activity["client"]["id"] for activity in expected]
    assert await found(tenant, seller, "/clients", "дом 77") == sorted(clients, reverse=True)


async def test_numbers_of_other_rooms_and_tenants_are_not_found(new_tenant: NewTenant) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    seller, stranger = await tenant.user(), await other.user()
    outsider = await tenant.user(room_id=await tenant.another_room())
    activity = await invoiced(tenant, seller, "А-1", "Лесной двор")
    for user, of in ((outsider, tenant), (stranger, other)):
        assert await found(of, user, "/activities", "А-1") == []
        assert await found(of, user, "/activities", "А-1", sort="created") == []
        assert await found(of, user, "/clients", "А-1") == []
    assert await found(tenant, tenant.admin, "/activities", "a1") == [activity["id"]]


async def test_a_number_that_a_release_before_wrote_is_found_as_typed(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await invoiced(tenant, seller, "Б-7", "Лесной двор")
    await tenant.reader.execute(
        "UPDATE invoice_number SET search_number = NULL WHERE tenant_id = $1", tenant.tenant_id
    )
    assert await found(tenant, seller, "/activities", "Б-7") == [activity["id"]]


_MANY_OTHERS = """
    INSERT INTO invoice_number
    SELECT (jsonb_populate_record(invoice_number, jsonb_build_object(
        'invoice_id', gen_random_uuid(), 'number', 'Э-' || n, 'search_number', 'e' || n
    ))).*
    FROM invoice_number, generate_series(1, 5000) AS n
    WHERE tenant_id = $1
"""


@pytest.mark.parametrize("in_rooms", [True, False])
async def test_a_number_is_looked_up_in_its_indexes(new_tenant: NewTenant, in_rooms: bool) -> None:
    tenant = await new_tenant()
    await invoiced(tenant, await tenant.user(), "118", "Лесной двор")
    # So many that reading them all would show.
    await tenant.reader.execute(_MANY_OTHERS, tenant.tenant_id)
    await tenant.reader.execute("ANALYZE invoice_number")
    values = {"search_number": "118", "typed": "118", "rooms": [tenant.room_id]}
    plan = await plan_of(tenant.reader, tenant.tenant_id, numbered(in_rooms), values, ("seqscan",))
    for index in ("ix_invoice_number_search", "ix_invoice_number_number"):
        assert f"{index} on invoice_number" in plan or f"Scan on {index}" in plan
    assert "Seq Scan" not in plan
