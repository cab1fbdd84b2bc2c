"""A subscription: which events a service consumes, and the handlers that apply them.

The handlers named by decorators are the ones that run, for batches from Kafka and for snapshots
that a peer pushed alike.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from shared import inbox, tracing
from shared.context import causation, correlation
from shared.db import Database, Tx
from shared.db.transaction_scope import in_transaction
from shared.events import REGISTRY, Envelope, Event, PublishedEvent
from shared.ids import TenantId
from shared.replicas.lookup import ReplicaLoader

Handler = Callable[[Tx, Any, Envelope], Awaitable[None]]
BatchHandler = Callable[[Tx, Sequence[PublishedEvent]], Awaitable[Any]]
ErasureHandler = Callable[[Tx, UUID], Awaitable[None]]
Process = Callable[[Any, "Batch"], Awaitable[None]]
AnyHandler = TypeVar("AnyHandler", Handler, BatchHandler)


class ConsumerContext(Protocol):
    """What a service hands to its subscription; `process` may need more of it."""

    @property
    def database(self) -> Database: ...

    @property
    def replicas(self) -> ReplicaLoader | None: ...


class Subscription:
    """The topics that a service reads and one handler for each type of event.

    `event_types` are the types as which events are read, by name: see `events.reading`.
    `transient` are failures of what the handlers write to that may pass by themselves.
    """

    def __init__(
        self,
        topics: tuple[str, ...],
        event_types: Mapping[str, type[Event]] = REGISTRY,
        transient: tuple[type[Exception], ...] = (),
    ) -> None:
        self.topics, self.event_types, self.transient = topics, event_types, transient
        self._handlers: dict[str, Handler] = {}
        self._batch_handlers: dict[str, BatchHandler] = {}
        self._erasure_handler: ErasureHandler | None = None
        self._process: Process = _apply
        self._processed: frozenset[str] = frozenset()

    def on(self, *event_types: type[Event]) -> Callable[[Handler], Handler]:
        """Registers `handler(tx, event, envelope)`; a base class stands for its subclasses."""
        return self._registrar(self._handlers, event_types)

    def on_batch(self, *event_types: type[Event]) -> Callable[[BatchHandler], BatchHandler]:
        """Registers `handler(tx, events)`, which gets several events of one tenant, in order.

        They come after those of the batch that have a handler of their own. What it returns goes
        to whoever called `Batch.apply`.
        """
        return self._registrar(self._batch_handlers, event_types)

    def on_erasure(self, handler: ErasureHandler) -> ErasureHandler:
        """Registers `handler(tx, subject)` for tombstones of sales.people.v1."""
        self._erasure_handler = handler
        return handler

    def process(self, *event_types: type[Event]) -> Callable[[Process], Process]:
        """Registers `process(context, batch)`, a service's own plan of transactions.

        It runs with none open and calls `batch.apply` for the handlers; `event_types` are those
        that it applies itself. A batch may come again: what is done outside `apply` must bear
        repetition.
        """

        def register(process: Process) -> Process:
            self._process = process
            self._processed = frozenset(_types(event_types))
            return process

        return register

    def handles(self, event_type: str) -> bool:
        """Whether the service consumes events of this type."""
        return self.has_handler(event_type) or event_type in self._processed

    def has_handler(self, event_type: str) -> bool:
        """Whether events of this type pass through the inbox to a handler."""
        return event_type in self._handlers or event_type in self._batch_handlers

    @property
    def handles_erasures(self) -> bool:
        """Whether tombstones of sales.people.v1 have a handler."""
        return self._erasure_handler is not None

    @property
    def types(self) -> list[str]:
        """Every type that the service consumes."""
        return sorted({*self._handlers, *self._batch_handlers, *self._processed})

    async def consume(
        self,
        context: ConsumerContext,
        tenant_id: TenantId,
        events: Sequence[PublishedEvent] = (),
        erased: Sequence[UUID] = (),
    ) -> None:
        """Applies events and erasures of one tenant, as the service's process has it."""
        await self._process(context, Batch(self, context, tenant_id, events, erased))

    async def dispatch(self, tx: Tx, event: PublishedEvent) -> None:
        """Runs the handler of one event; a batch handler gets a batch of one."""
        if handler := self._handlers.get(event.envelope.type):
            with caused_by(event.envelope):
                await handler(tx, event.event, event.envelope)
        else:
            await self._batch_handlers[event.envelope.type](tx, [event])

    async def apply(self, tx: Tx, events: Sequence[PublishedEvent]) -> list[Any]:
        """Runs the handlers of `events`: each by itself first, then the batches; their results."""
        batches: dict[BatchHandler, list[PublishedEvent]] = defaultdict(list)
        for event in events:
            if batch_handler := self._batch_handlers.get(event.envelope.type):
                batches[batch_handler].append(event)
            elif event.envelope.type in self._handlers:
                await self.dispatch(tx, event)
        correlation.set("")
        causation.set("")
        return [await handler(tx, batch) for handler, batch in batches.items()]

    async def erase(self, tx: Tx, subject: UUID) -> None:
        """Runs the handler of an erasure, if there is one."""
        if self._erasure_handler:
            await self._erasure_handler(tx, subject)

    def _registrar(
        self, handlers: dict[str, AnyHandler], event_types: tuple[type[Event], ...]
    ) -> Callable[[AnyHandler], AnyHandler]:
        def register(handler: AnyHandler) -> AnyHandler:
            for event_type in _types(event_types):
                if self.has_handler(event_type):
                    raise ValueError(f"{event_type} has a handler already")
                handlers[event_type] = handler
            return handler

        return register


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one tenant in their order, or erasures of its subjects."""

    subscription: Subscription
    context: ConsumerContext
    tenant_id: TenantId
    events: Sequence[PublishedEvent] = ()
    erased: Sequence[UUID] = ()

    async def apply(self, events: Sequence[PublishedEvent] | None = None) -> list[Any]:
        """Runs the handlers of `events` (all of the batch by default) and of its erasures.

        One transaction, with the inbox: everything takes effect once or, if a handler raises,
        not at all. Where a handler misses a replica its owner is asked and the transaction runs
        anew; an owner who is away holds nothing up. Returns what batch handlers returned.
        """
        handled = [
            event
            for event in (self.events if events is None else events)
            if self.subscription.has_handler(event.envelope.type)
        ]
        if not handled and not self.erased:
            return []

        async def run_handlers(tx: Tx) -> list[Any]:
            results = await self.subscription.apply(tx, await inbox.unseen(tx, handled))
            for subject in self.erased:
                await self.subscription.erase(tx, subject)
            return results

        begin = partial(self.context.database.begin_for, self.tenant_id)
        if self.context.replicas:
            return await self.context.replicas.run(
                self.tenant_id, begin, run_handlers, without_owner=True
            )
        return await in_transaction(begin, run_handlers)


@contextmanager
def caused_by(envelope: Envelope) -> Iterator[None]:
    """Makes events published inside the block name the event of `envelope` as their cause."""
    correlation.set(envelope.correlation_id)
    causation.set(str(envelope.id))
    with tracing.span(envelope.type, envelope.correlation_id):
        yield


async def _apply(_: ConsumerContext, batch: Batch) -> None:
    await batch.apply()


def _types(event_types: tuple[type[Event], ...]) -> list[str]:
    return [name for name, event_type in REGISTRY.items() if issubclass(event_type, event_types)]
