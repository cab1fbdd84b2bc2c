"""Bus in: accounts first, then every generation of the read models, then live updates."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from redis.exceptions import RedisError

from services.gateway.live.publisher import announcements_of_access, publish_live
from services.gateway.projections import accounts
from services.gateway.projections.projector import Projector
from services.gateway.projections.reconciliation import Suspects
from services.gateway.projections.registry import HANDLED, PROJECTED
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import Call
from shared.bus.subscription import Batch, Subscription
from shared.db import Database
from shared.events import PEOPLE, REGISTRY, TOPICS
from shared.events.directory import EmployeeChanged
from shared.events.people import PersonDescribed

LIVE = tuple(kind for kind in REGISTRY.values() if kind.topic in TOPICS and kind.topic != PEOPLE)

subscription = Subscription(TOPICS, transient=(RedisError,))
subscription.on(EmployeeChanged)(accounts.update_employee)
subscription.on(PersonDescribed)(accounts.update_person)
subscription.on_erasure(accounts.forget_person)


@dataclass(frozen=True, slots=True)
class ProjectionContext:
    """What the subscription works with."""

    database: Database
    projector: Projector
    generations: Generations
    suspects: Suspects
    replicas: None = None


@subscription.process(*HANDLED, *LIVE)
async def project(context: ProjectionContext, batch: Batch) -> None:
    """Updates accounts and tells all gateways of it, then the read models in Redis, and tells those
    who listen live.

    Where Redis was emptied there is no generation to write: the rebuild reads these events again.
    """
    await batch.apply()
    context.suspects.note(batch.tenant_id, batch.events)
    # The pointer is read after the events were fetched: a rebuild that registers later reads them
    # itself.
    pointer = await context.generations.read()
    projected = [event for event in batch.events if event.envelope.type in PROJECTED]
    try:
        await context.generations.store.run(*_access(context, batch))
        for keys in map(context.generations.keys, pointer.all):
            if projected:
                await context.projector.apply(batch.tenant_id, projected, keys)
            for subject in batch.erased:
                await context.projector.erase(batch.tenant_id, subject, keys)
    except (RedisError, OSError):
        context.generations.fall_behind()
        raise
    if live := [event for event in batch.events if event.event.topic != PEOPLE]:
        await publish_live(context.generations, batch.tenant_id, live)


def _access(context: ProjectionContext, batch: Batch) -> Sequence[Call]:
    """The calls that announce whose access may have changed: whoever changed as an employee or was
    erased as a person, employee or not.
    """
    ids: list[UUID] = [
        event.envelope.subject for event in batch.events if isinstance(event.event, EmployeeChanged)
    ]
    ids += batch.erased
    namespace = context.generations.namespace
    return announcements_of_access(namespace, batch.tenant_id, ids) if ids else ()
