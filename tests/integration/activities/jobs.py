"""Jobs of a tenant, run by several workers at once."""

import asyncio

from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.tenant import Tenant
from tests.integration.activities.test_realigning import open_jobs


async def let_jobs_run(tenant: Tenant, context: ServiceContext) -> None:
    """Two workers run the tenant's jobs to their end, as if their moment had come."""
    workers = [JobRunner(context) for _ in range(2)]
    while await open_jobs(tenant):
        await tenant.reader.execute(
            "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
            tenant.tenant_id,
        )
        await asyncio.gather(*(worker.advance(tenant.tenant_id) for worker in workers))
