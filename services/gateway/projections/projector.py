"""Applies events to one generation of the read models, by the list of projections.

Names and free text come on a topic of their own, earlier or later than the activities that show
them: the descriptions with which a fragment was made are read again after it was written, and the
fragments that show a description are looked for after it was written. So one of the two sees the
other.
"""

from collections.abc import Sequence
from uuid import UUID

from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.activities import ProjectedActivity
from services.gateway.projections.descriptions import Descriptions
from services.gateway.projections.registry import ACTIVITY_FRAGMENTS, BY_EVENT, PROJECTIONS
from services.gateway.read_models.keys import Keys, TenantKeys
from services.gateway.read_models.store import Call, Store
from shared.events import Event, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import ClientChanged
from shared.events.people import ActivityDescribed, PersonDescribed
from shared.ids import TenantId


class Projector:
    """Applies batches of one tenant's events."""

    def __init__(self, store: Store, metrics: GatewayMetrics) -> None:
        self._store, self._metrics = store, metrics

    async def apply(
        self, tenant_id: TenantId, events: Sequence[PublishedEvent], generation: Keys
    ) -> None:
        """Applies all of `events`; repeating them changes nothing.

        Raises `RedisError` or `OSError` when Redis is away.
        """
        keys = generation.of(tenant_id)
        latest = _latest(events)
        descriptions = Descriptions(self._store, keys)
        await self._store.run(*_calls(events, latest, keys))
        changed = await self._write_activities(latest, keys, descriptions)
        outdated = await descriptions.activities_showing(
            _subjects(latest, ClientChanged, PersonDescribed), _subjects(latest, ActivityDescribed)
        )
        for activity in changed:
            outdated[activity.room_id].add(activity.id)
        await descriptions.refresh_fragments(outdated)

    async def erase(self, tenant_id: TenantId, subject: UUID, generation: Keys) -> None:
        """Erases a person or an activity's text: nothing here names it any more, nor will an event
        that comes late.
        """
        keys = generation.of(tenant_id)
        descriptions = Descriptions(self._store, keys)
        await self._store.run(
            *(call for projection in PROJECTIONS for call in projection.erase(subject, keys))
        )
        outdated = await descriptions.activities_showing([subject], [subject])
        await descriptions.refresh_fragments(outdated)

    async def _write_activities(
        self, events: Sequence[PublishedEvent], keys: TenantKeys, descriptions: Descriptions
    ) -> list[ProjectedActivity]:
        """Writes activities; gives those whose description changed while they were written."""
        states = [
            (event.event, event.envelope)
            for event in events
            if isinstance(event.event, ActivityEvent)
        ]
        if not states:
            return []
        clients = {str(envelope.subject): str(event.state.client_id) for event, envelope in states}
        before = await descriptions.read(clients)
        activities = [
            ProjectedActivity.from_event(event, envelope, before[str(envelope.subject)])
            for event, envelope in states
        ]
        index, writes = (
            ACTIVITY_FRAGMENTS.index(activities, keys),
            ACTIVITY_FRAGMENTS.write(activities, keys),
        )
        replies = await self._store.run(*index, *writes)
        written = sum(replies[len(index) :])
        self._metrics.projected.labels("applied").inc(written)
        self._metrics.projected.labels("stale").inc(len(activities) - written)
        after = await descriptions.read(clients)
        return [
            activity
            for activity in activities
            if activity.fragment and before[activity.id] != after[activity.id]
        ]


def _calls(
    events: Sequence[PublishedEvent], latest: Sequence[PublishedEvent], keys: TenantKeys
) -> list[Call]:
    """The calls of every projection that needs nothing but the event."""
    return [
        call
        for batch, every_version in ((latest, False), (events, True))
        for event in batch
        for projection in BY_EVENT[type(event.event)]
        if projection.every_version == every_version
        for call in projection.from_event(event.event, event.envelope, keys)
    ]


def _latest(events: Sequence[PublishedEvent]) -> list[PublishedEvent]:
    """The event with the highest version of each aggregate."""
    latest: dict[tuple[str, UUID], PublishedEvent] = {}
    for event in events:
        aggregate = (event.event.noun, event.envelope.subject)
        if aggregate not in latest or latest[aggregate].envelope.version < event.envelope.version:
            latest[aggregate] = event
    return list(latest.values())


def _subjects(events: Sequence[PublishedEvent], *event_types: type[Event]) -> list[UUID]:
    return [event.envelope.subject for event in events if isinstance(event.event, event_types)]
