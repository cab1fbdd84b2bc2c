"""The inbox: a fact takes effect once.

Its id and its effect commit in one transaction; repeats change nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from shared import tracing
from shared.context import causation, correlation
from shared.db import Database, Tx
from shared.events import REGISTRY, Envelope, Event, PublishedEvent
from shared.ids import TenantId

Handler = Callable[[Tx, Any, Envelope], Awaitable[None]]
Eraser = Callable[[Tx, UUID], Awaitable[None]]

_CLAIM = "INSERT INTO inbox (tenant_id, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id"


class EventHandlers:
    """Which facts a service hears, and the one function that each is handed to."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self.eraser: Eraser | None = None

    def on(self, *kinds: type[Event]) -> Callable[[Handler], Handler]:
        """Registers `function(tx, event, envelope)` for `kinds`; a base class stands for every fact
        below it.
        """

        def register(handler: Handler) -> Handler:
            for name, kind in REGISTRY.items():
                if issubclass(kind, kinds):
                    self._handlers[name] = handler
            return handler

        return register

    def on_erasure(self, eraser: Eraser) -> Eraser:
        """Registers `function(tx, subject)` for tombstones of sales.people.v1."""
        self.eraser = eraser
        return eraser

    def handles(self, kind: str) -> bool:
        return kind in self._handlers

    @property
    def kinds(self) -> list[str]:
        return sorted(self._handlers)

    async def dispatch(self, tx: Tx, fact: PublishedEvent) -> None:
        correlation.set(fact.envelope.correlation_id)
        causation.set(str(fact.envelope.id))
        with tracing.span(fact.envelope.type, fact.envelope.correlation_id):
            await self._handlers[fact.envelope.type](tx, fact.event, fact.envelope)


class Inbox:
    """Applies batches of one tenant's facts to a database, each once."""

    def __init__(self, database: Database, facts: EventHandlers) -> None:
        self._database = database
        self._facts = facts

    async def apply(self, tenant_id: TenantId, facts: Sequence[PublishedEvent]) -> None:
        """All of `facts` or, if one raises, none."""
        async with self._database.begin_for(tenant_id) as tx:
            for fact in await fresh(tx, facts):
                await self._facts.dispatch(tx, fact)

    async def erase(self, tenant_id: TenantId, subject: UUID) -> None:
        if self._facts.eraser:
            async with self._database.begin_for(tenant_id) as tx:
                await self._facts.eraser(tx, subject)


async def fresh(tx: Tx, facts: Sequence[PublishedEvent]) -> list[PublishedEvent]:
    """Those of `facts` that have not taken effect yet, each once; from now on they count as having
    done so.
    """
    claimed = await tx.connection.fetch(_CLAIM, tx.tenant_id, [fact.envelope.id for fact in facts])
    new = {row["event_id"] for row in claimed}
    first = {fact.envelope.id: fact for fact in reversed(facts)}
    return [fact for fact in facts if fact.envelope.id in new and first[fact.envelope.id] is fact]
