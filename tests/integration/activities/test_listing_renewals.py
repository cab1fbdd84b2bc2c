"""Renewals as they are listed: within the horizon, the soonest first, by index."""

from typing import Any
from uuid import UUID

from services.activities.queries.renewals import _visible, renewals_between
from shared.db import Database
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.shop import Shop, today
from tests.integration.activities.tenant import Tenant
from tests.support.plans import plan_of
from tests.support.tenant import ROOM_SETTINGS


async def test_changed_settings_change_what_is_seen_at_once(shop: Shop) -> None:
    contract = await shop.contract()
    days = (shop.due_on - today()).days
    for horizon, seen in ((days - 1, 0), (days, 1), (0, 0), (3650, 1)):
        await shop.tenant.set_room_settings(renewal_horizon_days=horizon)
        assert len(await shop.listed()) == seen
    renewal = await shop.one_of(contract)
    await shop.tenant.set_room_settings(renewal_horizon_days=0)
    refused = await shop.command(shop.seller, renewal, "take")
    assert (refused.status, refused.body["code"]) == (409, "beyond_horizon")
    assert refused.body["due_on"] == str(shop.due_on)


async def test_the_list_is_paged_soonest_first(shop: Shop) -> None:
    other = await shop.tenant.user()
    products = [await shop.product(term_months=1) for _ in range(2)]
    for number in range(5):
        await shop.contract(products[number % 2], seller=(shop.seller, other)[number % 2])
    await _put_due(shop.tenant, days_apart=3)
    whole = await shop.listed()
    assert [item["due_on"] for item in whole] == sorted(item["due_on"] for item in whole)
    assert len(whole) == 5
    assert await shop.tenant.pages(shop.seller, "/renewals", 2) == whole
    mine = await shop.tenant.pages(shop.seller, f"/renewals?responsible_id={shop.seller.id}", 1)
    assert mine == [item for item in whole if item["responsible"]["id"] == str(shop.seller.id)]
    company = f"?company_id={shop.tenant.company_id}&room_id={shop.tenant.room_id}"
    assert await shop.listed(query=company) == whole


async def _put_due(tenant: Tenant, days_apart: int) -> None:
    """As if terms had begun at other days: the first ends today."""
    await tenant.reader.execute(
        "UPDATE renewal SET due_on = $2::date + $3 * placed.number::integer FROM (SELECT id,"
        " row_number() OVER (ORDER BY id) - 1 AS number FROM renewal WHERE tenant_id = $1) placed"
        " WHERE renewal.tenant_id = $1 AND renewal.id = placed.id",
        tenant.tenant_id,
        today(),
        days_apart,
    )


async def test_nobody_outside_the_room_meets_its_renewals(
    shop: Shop, new_tenant: NewTenant
) -> None:
    renewal = await shop.one_of(await shop.contract())
    outsider = await shop.tenant.user(room_id=await shop.tenant.another_room())
    foreign = await new_tenant()
    stranger = await foreign.user()
    for tenant, user in ((shop.tenant, outsider), (foreign, stranger)):
        assert (await tenant.call(user, "GET", "/renewals")).body["items"] == []
        path = f"/renewals?contract_id={renewal['contract_id']}"
        assert (await tenant.call(user, "GET", path)).body["items"] == []
        path = f"/renewals/{renewal['id']}"
        assert (await tenant.call(user, "GET", path)).status == 404
        bodies: dict[str, Any] = {
            "take": None,
            "prepare": {"note": "чужая"},
            "withdraw": {"reason": "чужая"},
            "restore": None,
        }
        for command, body in bodies.items():
            assert (await tenant.call(user, "POST", f"{path}/{command}", body)).status == 404
    path = f"/renewals?room_id={shop.tenant.room_id}"
    assert (await shop.tenant.call(outsider, "GET", path)).status == 404


async def test_a_longer_horizon_is_told_what_it_would_show(shop: Shop, database: Database) -> None:
    yearly = await shop.product(term_months=12)
    contract = await shop.contract(shop.product_id, yearly)
    soon, later = await shop.of(contract)
    room_id, company_id = shop.tenant.room_id, shop.tenant.company_id
    async with database.begin_for(shop.tenant.tenant_id) as tx:
        both = await renewals_between(tx, room_id, company_id, 400)
        added = await renewals_between(tx, room_id, company_id, 400, beyond_days=40)
        none = await renewals_between(tx, room_id, company_id, 3)
    assert (both["count"], [str(item["id"]) for item in both["items"]]) == (
        2,
        [soon["id"], later["id"]],
    )
    assert (added["count"], [str(item["id"]) for item in added["items"]]) == (1, [later["id"]])
    assert none == {"count": 0, "items": []}
    path = f"/rooms/{room_id}/settings/preview?company_id={company_id}"
    seen = (await shop.tenant.call(shop.tenant.admin, "GET", "/renewals")).body["items"]
    for days, shown in ((400, [soon, later]), (1, [])):
        body = {**ROOM_SETTINGS, "renewal_horizon_days": days}
        preview = (await shop.tenant.call(shop.tenant.admin, "POST", path, body)).body
        ids = [renewal["id"] for renewal in shown if renewal not in seen]
        renewals = preview["renewals"]
        assert (renewals["count"], [item["id"] for item in renewals["items"]]) == (len(ids), ids)


async def test_lists_and_timers_read_indexes(shop: Shop) -> None:
    statement = _visible(frozenset(), True, True)
    values = {
        "tenant_id": shop.tenant.tenant_id,
        "rooms": [shop.tenant.room_id],
        "last_due_on": today(),
        "last_id": UUID(int=0),
        "limit": 51,
    }
    tenant = shop.tenant
    text = await plan_of(tenant.reader, tenant.tenant_id, statement, values, ("seqscan",))
    assert "ix_renewal_room" in text and "Seq Scan on renewal" not in text, text
