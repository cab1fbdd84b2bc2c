"""Events that come again after the inbox forgot them change nothing, whatever their age; a schema
that changes under the service costs neither an event nor a command.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest_asyncio

from deploy.environment import Installation
from shared.events import Event
from shared.events.people import PersonDescribed
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


@pytest_asyncio.fixture
async def alter(provisioned: Installation) -> AsyncIterator[Callable[[str, str, str], Any]]:
    """Changes a column's type, and back after the test."""
    owner, undo = await asyncpg.connect(provisioned.admin_url("vip")), []

    async def to(table: str, column: str, column_type: str) -> None:
        before = await owner.fetchval(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = $1::text::regclass AND attname = $2",
            table,
            column,
        )
        undo.append(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {before}")
        await owner.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {column_type}")

    yield to
    for statement in reversed(undo):
        await owner.execute(statement)
    await owner.close()


async def _state(tenant: Tenant) -> tuple[Any, ...]:
    """Everything that a repetition may not change."""
    vips = await tenant.reader.fetch(
        "SELECT * FROM vip WHERE tenant_id = $1 ORDER BY id", tenant.tenant_id
    )
    receipts = await tenant.reader.fetch(
        "SELECT * FROM receipt WHERE tenant_id = $1 ORDER BY id", tenant.tenant_id
    )
    return [*vips], [*receipts], await tenant.events_of()


async def test_a_replay_without_an_inbox_frees_and_moves_nobody(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=5, receipts=1)
    seller = await tenant.seller()
    small, large, lost = await tenant.clients(3)
    sold_small = tenant.payment(small, seller, 500)
    await tenant.apply_activity_event(sold_small)
    assert (await tenant.claim(seller, small)).body["kind"] == "by_receipts"
    sold_large, back = tenant.payment(large, seller, 900), tenant.payment(lost, seller, 100)
    refund = tenant.refund(back, 100)
    talk = tenant.interaction(large, seller)
    await tenant.apply_activity_event(sold_large)
    assert (await tenant.claim(seller, large)).body["kind"] == "by_receipts"
    await tenant.claim(seller, small)
    await tenant.claim(seller, lost)
    history = [back, refund, tenant.interaction(small, seller)]
    for event in history:
        await tenant.apply_activity_event(event)
    before = await _state(tenant)

    # Each with an id of its own: as good as an inbox that forgot them.
    await tenant.consume(tenant.published_all([sold_small, sold_large, talk, *history]))
    assert await _state(tenant) == before
    for event in (sold_small, sold_large, talk, *history):
        await tenant.apply_activity_event(event)
    assert await _state(tenant) == before


async def test_a_person_who_was_erased_is_not_described_again(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    client = await tenant.client("Иванов")
    vip = (await tenant.claim(await tenant.seller(), client)).body
    await tenant.erase(client)
    await tenant.apply(PersonDescribed(kind="client", name="Иванов"), client, version=9)
    assert (await tenant.get_vip(vip["id"]))["client"]["name"] == ""


async def test_a_changed_column_type_costs_neither_an_event_nor_a_command(
    new_tenant: NewTenant, alter: Callable[[str, str, str], Awaitable[None]]
) -> None:
    tenant = await new_tenant()
    seller = await tenant.seller()
    clients = await tenant.clients(16)
    for client in clients[:8]:
        assert (await tenant.claim(seller, client)).status == 201
        await tenant.apply_activity_event(tenant.payment(client, seller, 100))
    await alter("receipt", "amount", "numeric(16,2)")
    await alter("vip", "currency", "varchar(3)")
    for client in clients[8:]:
        assert (await tenant.claim(seller, client)).status == 201
        payment: Event = tenant.payment(client, seller, 100)
        await tenant.apply(payment, payment.activity_id)  # type: ignore[attr-defined]
    assert [row["receipts"]["amount"] for row in await _held(tenant)] == ["100.00"] * 16


async def _held(tenant: Tenant) -> list[Any]:
    response = await tenant.request(tenant.head, "GET", "?limit=50", roles=("head",))
    items: list[Any] = response.body["items"]
    return items
