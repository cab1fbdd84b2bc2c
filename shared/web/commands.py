"""How routes run commands and queries: one transaction each, the same in every service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from prometheus_client import Counter

from shared.db import Tx
from shared.db.transaction import VersionConflict
from shared.errors import Refusal
from shared.service_context import ServiceContext
from shared.tenancy import Caller
from shared.web.responses import JsonBytes, as_json

UseCase = Callable[[Tx], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Responded:
    """A use case's view with a status of its own, where the route's usual one does not fit."""

    view: Any
    status: int


@dataclass(frozen=True, slots=True)
class CommandRunner:
    """Runs the use cases and queries of a service's routes."""

    service: ServiceContext

    @property
    def metrics(self) -> Any:
        return self.service.metrics

    async def run(
        self,
        caller: Caller,
        use_case: UseCase,
        status: int = 200,
        refusals: Counter | None = None,
        again_on_clash: bool = False,
    ) -> JsonBytes:
        """Runs a use case in one transaction and stores its response with the Idempotency-Key.

        With `again_on_clash` it runs once more where somebody created the same at that moment, to
        be judged by what is there then.

        Missing replicas are fetched from their owner and the use case runs again. After the commit
        the events that peers decide by are pushed to them. `refusals` counts refusals by code.
        """
        events: list[Any] = []

        async def work(tx: Tx) -> JsonBytes:
            view = await use_case(tx)
            if caller.expected_versions is not None and not tx.version_checked:
                raise RuntimeError("the use case ignores If-Match")
            response = (
                as_json(view.view, view.status)
                if isinstance(view, Responded)
                else as_json(view, status)
            )
            tx.respond(bytes(response.body), response.status_code)
            events[:] = tx.published
            return response

        try:
            try:
                response = await self.service.run(caller, work)
            except VersionConflict as conflict:
                if not again_on_clash or conflict.reason != "created":
                    raise
                response = await self.service.run(caller, work)
        except Refusal as refusal:
            if refusals:
                refusals.labels(refusal.code).inc()
            raise
        await self.service.push(caller.tenant_id, events)
        return response

    async def read(self, caller: Caller, query: UseCase, one_plan: bool = False) -> JsonBytes:
        """Runs a query; an Idempotency-Key means nothing here. `one_plan` as in `begin_for`."""

        async def work(tx: Tx) -> JsonBytes:
            return as_json(await query(tx))

        return await self.service.read(caller, work, one_plan)


def commands_of(request: Request) -> CommandRunner:
    """The runner of the application that a request came to."""
    runner: CommandRunner = request.app.state.commands
    return runner


Commands = Annotated[CommandRunner, Depends(commands_of)]
