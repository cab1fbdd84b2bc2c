"""Clients are locked before their activities, so that nobody waits in a circle."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest

from services.activities.storage import merging
from shared.db import Database
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.jobs import let_jobs_run
from tests.integration.activities.tenant import Tenant, all_at_once
from tests.integration.activities.test_moving import head_of
from tests.support.wait import eventually

_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%FOR NO KEY%'
"""


async def _holds_no_activity(
    tenant: Tenant, database: Database, activity: Any, moving: Awaitable[Any]
) -> Any:
    """What `moving` gives, which must leave the activity to who has locked its client."""
    client_id, activity_id = UUID(activity["client"]["id"]), UUID(activity["id"])

    async def is_waiting() -> bool:
        return bool(await tenant.reader.fetchval(_WAITING))

    async with database.begin_for(tenant.tenant_id) as tx:
        await merging.lock_clients(tx, [client_id])
        task = asyncio.ensure_future(moving)
        await eventually(is_waiting)
        await tx.connection.execute(
            "SELECT FROM activity WHERE id = $1 FOR UPDATE NOWAIT", activity_id
        )
    return await task


async def test_a_move_waits_for_a_merge_without_the_activity(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    head = await head_of(tenant, tenant.room_id, there)
    activity = await tenant.register()
    body = {"room_id": str(there), "reason": "не наш регион"}
    moving = tenant.command(head, activity, "move", **body)
    moved = await _holds_no_activity(tenant, database, activity, moving)
    assert (moved.status, moved.body["room_id"]) == (200, str(there))


async def test_a_job_of_moves_waits_without_the_activities(
    new_tenant: NewTenant, database: Database, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    head = await head_of(tenant, tenant.room_id, there)
    activity = await tenant.register()
    body = {
        "action": "move",
        "filter": {"room_id": str(tenant.room_id)},
        "room_id": str(there),
        "reason": "не наш регион",
    }

    async def move() -> None:
        accepted = await tenant.call(head, "POST", "/activities/bulk", body)
        assert accepted.status == 202, accepted.body
        await let_jobs_run(tenant, context)

    await _holds_no_activity(tenant, database, activity, move())
    assert (await tenant.see(activity))["room_id"] == str(there)


@pytest.mark.parametrize("attempt", range(3))
async def test_moves_and_merges_at_once_all_end(new_tenant: NewTenant, attempt: int) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    head = await head_of(tenant, tenant.room_id, there)
    activities = [await tenant.register(name=f"Клиент {n}") for n in range(6)]
    clients = [activity["client"]["id"] for activity in activities]
    body = {"room_id": str(there), "reason": "не наш регион"}
    merges = [
        tenant.call(
            tenant.admin, "POST", f"/clients/{clients[n]}/merge", {"into_client_id": clients[n + 1]}
        )
        for n in range(0, 6, 2)
    ]
    moves = [tenant.command(head, activity, "move", **body) for activity in activities]
    responses = await all_at_once([*merges, *moves])
    assert {response.status for response in responses} == {200}
    for activity in activities:
        assert (await tenant.see(activity))["room_id"] == str(there)
