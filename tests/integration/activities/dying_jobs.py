"""A worker of jobs that dies again and again."""

from collections.abc import Callable
from typing import Any

from services.activities.jobs import JOBS
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.tenant import Tenant


class Killed(BaseException):
    """The worker is gone: nothing after it runs."""


def dying_runner(context: ServiceContext) -> JobRunner:
    """A runner whose every other step dies before its commit."""
    deaths = iter([True, False] * 20)

    def mortal(run_step: Callable[..., Any]) -> Callable[..., Any]:
        async def step(*arguments: Any) -> Any:
            result = await run_step(*arguments)
            if next(deaths):
                raise Killed
            return result

        return step

    kinds = [
        kind.__class__(kind.name, mortal(kind.run_step), cancellable=kind.cancellable)
        for kind in JOBS
    ]
    return JobRunner(
        ServiceContext(None, context.metrics, context.database, context.worker, jobs=kinds)
    )


async def release_lease(tenant: Tenant) -> None:
    """As time does, once the lease of a dead worker has run out and what waits has become due."""
    await tenant.reader.execute(
        "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
        tenant.tenant_id,
    )
