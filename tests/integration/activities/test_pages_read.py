"""What lists of activities read: no more than what they show."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.activities.queries.listing import Filters, statement_of
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant
from tests.support.plans import rows_and_blocks

MANY = 5_000
MOST_BLOCKS = 200
"""Of those that a page of one row may touch; to read `MANY` takes thousands."""


async def _multiply(tenant: Tenant, table: str, row_id: str) -> None:
    """`MANY` like the row, so that reading them all would show."""
    await tenant.reader.execute(
        f"""INSERT INTO {table}
            SELECT (jsonb_populate_record({table}, jsonb_build_object('id', gen_random_uuid()))).*
            FROM {table}, generate_series(1, $3)
            WHERE tenant_id = $1 AND id = $2""",
        tenant.tenant_id,
        UUID(row_id),
        MANY,
    )
    await tenant.reader.execute("ANALYZE activity, client")


async def _blocks(tenant: Tenant, filters: Filters, rooms: list[UUID] | None) -> tuple[int, int]:
    """How many rows a first page has, and how many blocks it touches."""
    statement, values = statement_of(filters, rooms, 10, None)
    return await rows_and_blocks(tenant.reader, tenant.tenant_id, statement, values)


@pytest.mark.parametrize("in_rooms", [False, True])
async def test_a_list_of_stale_activities_passes_over_those_of_today(
    new_tenant: NewTenant, in_rooms: bool
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    stale, current = [await tenant.register(seller, take=True) for _ in range(2)]
    long_ago = datetime.now(UTC) - timedelta(days=90)
    await tenant.reader.execute(
        "UPDATE activity SET progress_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        UUID(stale["id"]),
        long_ago,
    )
    await _multiply(tenant, "activity", current["id"])
    filters = Filters(status="in_work", progress_before=long_ago + timedelta(days=1))
    rows, blocks = await _blocks(tenant, filters, [tenant.room_id] if in_rooms else None)
    assert rows == 1
    assert blocks < MOST_BLOCKS


@pytest.mark.parametrize("in_rooms", [False, True])
async def test_a_clients_list_passes_over_those_of_other_clients(
    new_tenant: NewTenant, in_rooms: bool
) -> None:
    tenant = await new_tenant()
    own, other = [await tenant.register(name=name) for name in ("Ромашка", "Василёк")]
    await _multiply(tenant, "client", other["client"]["id"])
    await _multiply(tenant, "activity", other["id"])
    filters = Filters(client_id=UUID(own["client"]["id"]))
    rows, blocks = await _blocks(tenant, filters, [tenant.room_id] if in_rooms else None)
    assert rows == 1
    assert blocks < MOST_BLOCKS
