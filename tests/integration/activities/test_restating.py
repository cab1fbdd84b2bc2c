"""What activities owns can be published again: the last events of everything, as they were."""

from typing import Any

import orjson

from services.activities.restate import restate_tenant
from shared.db import Database
from shared.events import ACTIVITIES
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant

LAST = """
    SELECT DISTINCT ON (aggregate_id) aggregate_id, aggregate_version, type, noun, shard, value,
        created_at, published_at
    FROM outbox WHERE tenant_id = $1 AND topic = $2 AND type <> 'room_settings.changed'
    ORDER BY aggregate_id, aggregate_version DESC
"""


async def _last_events(tenant: Tenant) -> dict[Any, tuple[Any, ...]]:
    rows = await tenant.reader.fetch(LAST, tenant.tenant_id, ACTIVITIES)
    return {
        row["aggregate_id"]: (
            row["aggregate_version"],
            row["type"],
            row["noun"],
            row["shard"],
            _without_who(row["type"], orjson.loads(row["value"])),
        )
        for row in rows
    }


def _without_who(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """Who changed a thing of the directory is not kept with it."""
    return {
        name: value
        for name, value in data.items()
        if name != "by" or not event_type.endswith(".changed")
    }


async def _a_busy_tenant(new_tenant: NewTenant) -> Tenant:
    """A won activity, a lost one, a shared one, one in the pool."""
    tenant = await new_tenant()
    seller, colleague = await tenant.user(), await tenant.user()
    money = {"amount": "1000.00", "currency": "RUB"}
    won, lost, shared = [await tenant.register(seller, take=True) for _ in range(3)]
    await tenant.register(seller)
    await tenant.do(seller, won, "invoices", amount=money)
    await tenant.do(seller, won, "payments", amount=money)
    await tenant.do(seller, lost, "lose", reason="дорого")
    await tenant.do(seller, shared, "interactions", kind="call", note="перезвонить")
    assert colleague
    place = f"/companies/{tenant.company_id}/requisites"
    vat = {"vat": [{"effective_from": "2026-01-01", "mode": "general"}]}
    assert (await tenant.call(tenant.admin, "PATCH", place, vat)).status == 200
    place = f"/products/{tenant.product_id}/costs"
    assert (
        await tenant.call(
            tenant.admin, "PUT", place, {"effective_from": "2026-01-01", "cost": money}
        )
    ).status == 200
    return tenant


async def test_the_last_events_are_stated_again_as_they_were(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await _a_busy_tenant(new_tenant)
    before = await _last_events(tenant)
    assert len(before) > 8
    # Published long ago: no outbox holds them.
    await tenant.reader.execute("DELETE FROM outbox WHERE tenant_id = $1", tenant.tenant_id)
    count = await restate_tenant(database, tenant.tenant_id)
    assert await _last_events(tenant) == before
    assert count >= len(before)


async def test_what_the_outbox_still_holds_is_sent_again_itself(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await _a_busy_tenant(new_tenant)
    await tenant.reader.execute(
        "UPDATE outbox SET published_at = now() WHERE tenant_id = $1", tenant.tenant_id
    )
    every = "SELECT event_id FROM outbox WHERE tenant_id = $1 ORDER BY event_id"
    before = await tenant.reader.fetch(every, tenant.tenant_id)
    await restate_tenant(database, tenant.tenant_id)
    assert await tenant.reader.fetch(every, tenant.tenant_id) == before
    rows = await tenant.reader.fetch(LAST, tenant.tenant_id, ACTIVITIES)
    assert rows and all(row["published_at"] is None for row in rows)
