"""Snapshots: an aggregate's present state as the event that last described it."""

from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel

from shared.context import causation, correlation
from shared.db import Tx
from shared.errors import Invalid
from shared.events import REGISTRY, Envelope, Event, PublishedEvent
from shared.ids import new_id


class Dispatcher(Protocol):
    """Runs the handlers of a service's subscription."""

    def handles(self, kind: str) -> bool: ...

    async def dispatch(self, tx: Tx, event: PublishedEvent) -> None: ...


class Snapshot(BaseModel):
    """An aggregate's present state, as the latest event about it."""

    type: str
    subject: UUID
    version: int
    data: dict[str, Any]

    @classmethod
    def of(cls, event: Event, subject: UUID, version: int) -> "Snapshot":
        return cls(
            type=event.type, subject=subject, version=version, data=event.model_dump(mode="json")
        )


class Snapshots(BaseModel):
    """The owner's snapshots of one thing: itself, and who it is where that identifies a person."""

    snapshots: list[Snapshot]


async def apply_snapshot(tx: Tx, handlers: Dispatcher, snapshot: Snapshot) -> None:
    """Runs the handler of the snapshot's event.

    Handlers keep the highest version, so Kafka may bring the event before, after or again.
    Raises `Invalid` for an event that this service does not handle.
    """
    kind = REGISTRY.get(snapshot.type)
    if kind is None or not handlers.handles(snapshot.type):
        raise Invalid("type", "handled")
    trace, cause = correlation.get(), causation.get()
    envelope = Envelope(
        new_id(),
        snapshot.type,
        tx.tenant_id,
        snapshot.subject,
        snapshot.version,
        datetime.now(UTC),
        trace,
        cause,
    )
    await handlers.dispatch(tx, PublishedEvent(envelope, kind.model_validate(snapshot.data)))
    # The command that needed the snapshot goes on; its own events are not caused by the snapshot.
    causation.set(cause)
