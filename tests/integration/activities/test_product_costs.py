"""What products cost: who says so, who sees it, and who is told."""

import asyncio
from typing import Any

import pytest

from services.activities.queries.directory import FIRST_ID
from services.activities.queries.snapshot_pages import find_page
from services.activities.queries.snapshots import find_snapshots
from shared.db import Database
from shared.ids import derived_id, new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response
from tests.support.money import rub

FIRST, SECOND = "2026-01-01", "2026-11-01"


@pytest.fixture
async def tenant(new_tenant: NewTenant) -> Tenant:
    return await new_tenant()


def path_of(tenant: Tenant, *more: str) -> str:
    return "/".join((f"/products/{tenant.product_id}/costs", *more))


async def set_cost(
    tenant: Tenant, day: str, cost: Any, user: User | None = None, tag: str = ""
) -> Response:
    headers = {"If-Match": tag} if tag else {}
    caller = tenant.caller_of(user or tenant.admin)
    body = {"effective_from": day, "cost": cost}
    return await tenant.api.call(caller, "PUT", path_of(tenant), body, headers)


async def published(tenant: Tenant) -> list[tuple[int, Any]]:
    rows = await tenant.reader.fetch(
        "SELECT aggregate_version, convert_from(value, 'UTF8')::json->'costs' AS costs FROM outbox"
        " WHERE tenant_id = $1 AND type = 'product.changed' ORDER BY aggregate_version",
        tenant.tenant_id,
    )
    return [(row["aggregate_version"], row["costs"]) for row in rows]


async def test_costs_hold_from_their_days_on_and_keep_their_history(tenant: Tenant) -> None:
    accountant = await tenant.user("accountant")
    late = await set_cost(tenant, SECOND, rub(700), accountant)
    assert (late.status, late.body["version"], late.tag) == (200, 2, '"2"'), late.body
    early = await set_cost(tenant, FIRST, rub(600), accountant)
    assert early.body["costs"] == [
        {"effective_from": FIRST, "cost": rub(600)},
        {"effective_from": SECOND, "cost": rub(700)},
    ]
    assert (await set_cost(tenant, FIRST, rub(600))).body["version"] == 3
    assert (await set_cost(tenant, FIRST, rub(650))).body["version"] == 4
    gone = await set_cost(tenant, SECOND, None)
    assert gone.body["costs"] == [{"effective_from": FIRST, "cost": rub(650)}]
    assert (await tenant.call(accountant, "GET", path_of(tenant))).body == gone.body
    history = await tenant.call(accountant, "GET", path_of(tenant, "history?limit=3"))
    assert [
        (change["version"], change["effective_from"], change["before"], change["after"])
        for change in history.body["items"]
    ] == [
        (5, SECOND, rub(700), None),
        (4, FIRST, rub(600), rub(650)),
        (3, FIRST, None, rub(600)),
    ]
    older = path_of(tenant, f"history?cursor={history.body['next_cursor']}")
    (first,) = (await tenant.call(accountant, "GET", older)).body["items"]
    assert (first["version"], first["changed_by"]) == (2, str(accountant.id))
    assert [version for version, _ in await published(tenant)] == [1, 2, 3, 4, 5]


async def test_who_sees_and_who_says_what_products_cost(tenant: Tenant) -> None:
    seller, head = await tenant.user(), await tenant.user("head")
    assert (await set_cost(tenant, FIRST, rub(1), head)).status == 403
    assert (await set_cost(tenant, FIRST, rub(1), seller)).status == 403
    assert (await tenant.call(seller, "GET", path_of(tenant))).status == 403
    assert (await tenant.call(head, "GET", path_of(tenant))).body["costs"] == []
    await set_cost(tenant, FIRST, rub(1))
    product = await tenant.call(seller, "GET", f"/products/{tenant.product_id}")
    assert "costs" not in product.body
    changed = await tenant.call(
        tenant.admin, "PATCH", f"/products/{tenant.product_id}", {"name": "Другое"}
    )
    assert "costs" not in changed.body
    assert len((await tenant.call(head, "GET", path_of(tenant))).body["costs"]) == 1


@pytest.mark.parametrize(
    ("day", "cost", "field", "rule"),
    [
        (FIRST, rub(-1), "cost.amount", "at_least"),
        (FIRST, {"amount": "1.00", "currency": "USD"}, "cost.currency", "company_currency"),
        ("1999-12-31", rub(1), "effective_from", "years"),
        ("сегодня", rub(1), "effective_from", "date"),
    ],
)
async def test_what_is_refused(tenant: Tenant, day: str, cost: Any, field: str, rule: str) -> None:
    refused = await set_cost(tenant, day, cost)
    assert refused.status == 422
    assert [(error["field"], error["rule"]) for error in refused.body["errors"]] == [(field, rule)]


async def test_another_tenants_product_is_not_there(tenant: Tenant, new_tenant: NewTenant) -> None:
    stranger = (await new_tenant()).admin
    other = Tenant(tenant.api, tenant.reader)
    caller = other.caller_of(stranger)
    for method, path in (
        ("GET", path_of(tenant)),
        ("GET", path_of(tenant, "history")),
        ("PUT", path_of(tenant)),
    ):
        body = {"effective_from": FIRST, "cost": rub(1)} if method == "PUT" else None
        assert (await tenant.api.call(caller, method, path, body)).status == 404


async def test_one_of_two_who_have_read_the_same_is_refused(tenant: Tenant) -> None:
    results = await asyncio.gather(
        *(set_cost(tenant, FIRST, rub(number), tag='"1"') for number in range(1, 5))
    )
    assert sorted(response.status for response in results) == [200, 409, 409, 409]


async def test_a_product_has_so_many_costs_at_most(tenant: Tenant) -> None:
    costs = [
        {"effective_from": f"{2000 + year}-01-{day:02}", "cost": rub(1)}
        for year in range(10)
        for day in range(1, 21)
    ]
    await tenant.reader.execute(
        "UPDATE product SET costs = $2::text::jsonb WHERE id = $1::text::uuid",
        tenant.product_id,
        str(costs).replace("'", '"'),
    )
    refused = await set_cost(tenant, SECOND, rub(1))
    assert (refused.status, refused.body["errors"][0]["rule"]) == (422, "too_many")
    assert (await set_cost(tenant, "2000-01-01", rub(2))).status == 200


async def test_peers_and_readers_are_told(tenant: Tenant, database: Database) -> None:
    await set_cost(tenant, FIRST, rub(600))
    requisites = {"vat": [{"effective_from": FIRST, "mode": "general"}]}
    path = f"/companies/{tenant.company_id}/requisites"
    assert (await tenant.call(tenant.admin, "PATCH", path, requisites)).status == 200
    vat_id = derived_id(tenant.company_id, "vat")
    async with database.begin_for(tenant.tenant_id) as tx:
        (product,) = await find_snapshots(tx, "products_of_company", tenant.company_id)
        (vat,) = await find_snapshots(tx, "company_vat", tenant.company_id)
        assert await find_snapshots(tx, "company_vat", new_id()) == []
        assert await find_page(tx, "company_vat", new_id()) == []
        assert await find_page(tx, "company_vat", FIRST_ID) == [vat]
    assert product.data["costs"] == [{"effective_from": FIRST, "cost": rub(600)}]
    assert product.data["vat"] == "standard"
    assert (vat.subject, vat.version) == (vat_id, 1)
    assert vat.data["periods"] == [{"effective_from": FIRST, "mode": "general"}]
    told = (
        "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND type = 'company_vat.changed'"
        " AND aggregate_id = $2"
    )
    assert await tenant.reader.fetchval(told, tenant.tenant_id, vat_id) == 1
