"""Stores the response of a command before it goes out: who wrote sees it in their next read, and so
does everybody else.

The events of the same version outrank it when they come. Redis being away fails no command: the
events still come.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.base import CommandResponse
from services.gateway.projections.descriptions import Descriptions
from services.gateway.projections.registry import PROJECTIONS
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.kinds import ResponseKind
from services.gateway.read_models.store import Call
from shared.ids import TenantId
from shared.tenancy import Caller

log = structlog.get_logger()


class WriteThrough:
    """Stores responses into every generation that the pointer names."""

    def __init__(self, generations: Generations, metrics: GatewayMetrics) -> None:
        self._generations, self._metrics = generations, metrics

    async def store(
        self,
        caller: Caller,
        kind: ResponseKind,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        response: UpstreamResponse,
    ) -> None:
        """Stores the JSON response of a successful command, where a projection shows its kind.

        `path_params` are named as in the route's path. Raises nothing: the command has taken
        effect, whatever becomes of the read models.
        """
        if kind == "other":
            return
        try:
            view = response.json()
            await self._store(caller.tenant_id, CommandResponse(kind, view, path_params, query))
        except (RedisError, OSError) as error:
            self._generations.fall_behind()
            self._metrics.write_through.labels("away").inc()
            log.info("write_through_skipped", kind=kind, reason=type(error).__name__)
        except (KeyError, TypeError, ValueError) as error:
            self._metrics.write_through.labels("malformed").inc()
            log.error("write_through_skipped", kind=kind, exc_info=error)
        else:
            self._metrics.write_through.labels("stored").inc()

    async def _store(self, tenant_id: TenantId, response: CommandResponse) -> None:
        pointer = await self._generations.write_all(
            lambda generation: response_calls(response, generation.of(tenant_id))
        )
        if response.clients:
            client_ids = [UUID(client["id"]) for client in response.clients]
            await self._refresh_clients(tenant_id, client_ids, pointer)

    async def _refresh_clients(
        self, tenant_id: TenantId, client_ids: Sequence[UUID], pointer: GenerationPointer
    ) -> None:
        """Shows the clients as they are now in the fragments of their activities."""
        for generation in pointer.all:
            keys = self._generations.keys(generation).of(tenant_id)
            descriptions = Descriptions(self._generations.store, keys)
            outdated = await descriptions.activities_showing(client_ids, [])
            await descriptions.refresh_fragments(outdated)


def response_calls(response: CommandResponse, keys: TenantKeys) -> list[Call]:
    """The calls by which a response changes one generation."""
    return [call for projection in PROJECTIONS for call in projection.from_response(response, keys)]
