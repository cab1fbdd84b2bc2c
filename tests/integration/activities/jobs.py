"""Jobs of a tenant, run by several workers at once."""

import asyncio
from typing import Any

from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.tenant import Tenant


async def open_jobs(tenant: Tenant) -> list[Any]:
    """The tenant's jobs that have not ended, the next one first."""
    rows: list[Any] = await tenant.reader.fetch(
        "SELECT id, next_run_at, created_at FROM job"
        " WHERE tenant_id = $1 AND finished_at IS NULL ORDER BY next_run_at",
        tenant.tenant_id,
    )
    return rows


async def let_jobs_run(tenant: Tenant, context: ServiceContext) -> None:
    """Two workers run the tenant's jobs to their end, as if their moment had come."""
    workers = [JobRunner(context) for _ in range(2)]
    while await open_jobs(tenant):
        await tenant.reader.execute(
            "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
            tenant.tenant_id,
        )
        await asyncio.gather(*(worker.advance(tenant.tenant_id) for worker in workers))
