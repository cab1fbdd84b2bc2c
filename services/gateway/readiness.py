"""The gateway's readiness: its database is required, everything else serves some requests only."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from services.gateway.edge.upstream import Upstreams
from services.gateway.read_models.generations import Generations

Check = Callable[[], Awaitable[dict[str, Any]]]


def readiness(process_ready: Check, upstreams: Upstreams, generations: Generations) -> Check:
    """`process_ready` with the services and the read models among what is `degraded`."""

    async def ready() -> dict[str, Any]:
        state, services, read_models = await asyncio.gather(
            process_ready(), _services(upstreams), _read_models(generations)
        )
        return {**state, "degraded": {**state["degraded"], **services, **read_models}}

    return ready


async def _services(upstreams: Upstreams) -> dict[str, str]:
    """Why services are not ready, by name."""
    names = list(upstreams.urls)
    failures = await asyncio.gather(*(upstreams.failure(name) for name in names))
    return {name: failure for name, failure in zip(names, failures, strict=True) if failure}


async def _read_models(generations: Generations) -> dict[str, str]:
    try:
        named = await generations.read()
    except Exception as error:
        return {"redis": type(error).__name__}
    problem = (
        generations.server_problem
        or generations.rebuild_problem
        or ("" if named.live else "being rebuilt")
    )
    return {"read_models": problem} if problem else {}
