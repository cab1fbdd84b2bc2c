"""Offline conversions of the activities that advertising brought, as CSV."""

from typing import Any
from uuid import UUID

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_reports import around
from tests.support.client import Response
from tests.support.money import rub


async def attribute(tenant: Tenant, activity: Any, **ids: str) -> None:
    """As if the visitor's ids had come with the request."""
    await tenant.reader.execute(
        "INSERT INTO activity_attribution (tenant_id, activity_id, at, metrica_client_id, yclid)"
        " VALUES ($1, $2, now(), $3, $4)",
        tenant.tenant_id,
        UUID(activity["id"]),
        ids.get("client_id"),
        ids.get("yclid"),
    )


async def export(tenant: Tenant, query: str = "", user: User | None = None) -> Response:
    path = f"/reports/offline-conversions?{around()}&{query}".rstrip("&")
    return await tenant.call(user or tenant.admin, "GET", path)


async def goals(tenant: Tenant, query: str = "") -> list[tuple[str, str, str]]:
    """The visitor, the goal and the price of each row."""
    sent = await export(tenant, query)
    assert sent.status == 200
    _, *rows = sent.body.decode().splitlines()
    cells = [row.split(",") for row in rows]
    return sorted((visitor, goal, price) for visitor, goal, _, price, _ in cells)


async def test_each_goal_is_reached_at_its_own_moment(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    won = await tenant.register(seller, take=True)
    await attribute(tenant, won, client_id="111", yclid="y1")
    for amount in (700, 400):
        await tenant.do(seller, won, "payments", amount=rub(amount))
    refund = {"amount": rub(50), "reason": "Брак"}
    await tenant.do(tenant.admin, won, "refunds", **refund)
    await attribute(tenant, await tenant.register(), yclid="y2")
    await tenant.register()
    assert await goals(tenant) == [
        ("111", "paid", "400.00"),
        ("111", "paid", "700.00"),
        ("111", "registered", ""),
        ("111", "taken", ""),
        ("111", "won", "1050.00"),
    ]
    assert await goals(tenant, "id=yclid&targets=registered") == [
        ("y1", "registered", ""),
        ("y2", "registered", ""),
    ]
    purchases = await goals(tenant, "id=purchase_id&targets=won")
    assert purchases == [(won["id"], "won", "1050.00")]
    there = await tenant.another_room()
    assert await goals(tenant, f"room_id={there}") == []


async def test_conversions_are_for_marketers_and_name_bad_queries(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for role, status in (("marketer", 200), ("head", 403), ("accountant", 403), ("seller", 403)):
        assert (await export(tenant, user=await tenant.user(role))).status == status
    for query, field in (("targets=sold", "targets"), ("id=phone", "id")):
        refused = await export(tenant, query)
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, field)
    path = "/reports/offline-conversions?from=2026-01-01&to=2026-03-04"
    refused = await tenant.call(tenant.admin, "GET", path)
    assert (refused.status, refused.body["errors"][0]["rule"]) == (422, "not_after")
    other = await new_tenant()
    assert (await export(tenant, f"room_id={other.room_id}")).status == 404
