"""Takes events in: follows activities, and plans what people are to be told. One transaction with
the inbox.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.gateway.domain.agenda import Changes, Entry, Workload, changes
from services.gateway.domain.notices import Notice, RoomNotice
from services.gateway.domain.notifying import escalate_at, is_stale, remind_at
from services.gateway.reminders.notices import notices_of, room_notices_of, workload_of
from services.gateway.storage import (
    calendars,
    followed,
    notification_settings,
    notifications,
    room_notices,
)
from shared.db import Tx
from shared.events import PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import CompanyChanged, RoomSettingsChanged, TenantChanged
from shared.events.renewals import RenewalEvent

FOLLOWED = (ActivityEvent, RenewalEvent, TenantChanged, CompanyChanged, RoomSettingsChanged)


async def take_in(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Plans what follows from a tenant's events, in their order; what is stale is told to nobody.

    Repeating them changes nothing: versions guard what is followed, natural keys what is told.
    """
    now = await tx.read_clock()
    await _store_places(tx, events)
    await _follow_renewals(tx, events)
    ids = {event.event.activity_id for event in events if isinstance(event.event, ActivityEvent)}
    before = await followed.find_followed(tx, ids) if ids else {}
    known = {id_: (row["version"], row["responsible_id"]) for id_, row in before.items()}
    personal: list[Notice] = []
    of_rooms: list[RoomNotice] = []
    latest: dict[UUID, Workload] = {}
    for published in events:
        event, envelope = published.event, published.envelope
        former = None
        if isinstance(event, ActivityEvent):
            version, former = known.get(event.activity_id, (0, None))
            if version >= envelope.version:
                continue
            work = latest[event.activity_id] = workload_of(event, envelope)
            known[event.activity_id] = (envelope.version, work.responsible_id)
        if not is_stale(envelope.time, now):
            personal += notices_of(event, envelope, former)
            of_rooms += room_notices_of(event, envelope)
    await followed.follow(tx, latest.values())
    reminders, escalations = await _follow_agenda(tx, list(latest.values()))
    await notifications.plan(tx, [*personal, *reminders])
    await room_notices.plan(tx, [*of_rooms, *escalations])


async def _follow_agenda(
    tx: Tx, activities: Sequence[Workload]
) -> tuple[list[Notice], list[RoomNotice]]:
    """Brings agendas up to date; the reminders and escalations of steps that are new there."""
    if not activities:
        return [], []
    stored = await followed.entries_of_activities(tx, [work.activity_id for work in activities])
    differences = [(work, changes(work, stored.get(work.activity_id, ()))) for work in activities]
    await _save(tx, differences)
    steps = [
        entry
        for _, change in differences
        for entry in change.written
        if entry.at is not None and not is_stale(entry.at, tx.now)
    ]
    if not steps:
        return [], []
    limits = await followed.find_escalations(tx)
    escalations = [_escalation(entry, limits) for entry in steps]
    return await _reminders(tx, steps), escalations


async def _save(tx: Tx, differences: Sequence[tuple[Workload, Changes]]) -> None:
    await followed.cancel_entries(
        tx, [(place, work.version) for work, change in differences for place in change.cancelled]
    )
    await followed.write_entries(
        tx, [(entry, work.version) for work, change in differences for entry in change.written]
    )


async def _reminders(tx: Tx, steps: Sequence[Entry]) -> list[Notice]:
    people = {entry.place.employee_id for entry in steps}
    chosen = await notification_settings.find_all(tx, people)
    reminders = []
    for entry in steps:
        assert entry.at is not None
        due_at = remind_at(entry.at, chosen[entry.place.employee_id].lead, tx.now)
        if due_at is not None:
            reminders.append(
                Notice(
                    entry.place.employee_id,
                    "next_step",
                    entry.activity_id,
                    entry.at,
                    tx.now,
                    due_at,
                    entry.activity_id,
                    entry.room_id,
                    entry.company_id,
                )
            )
    return reminders


def _escalation(entry: Entry, limits: dict[tuple[UUID, UUID], int]) -> RoomNotice:
    assert entry.at is not None
    due_at = escalate_at(entry.at, limits.get((entry.room_id, entry.company_id), 0))
    return RoomNotice(
        "step_overdue",
        entry.activity_id,
        entry.at,
        entry.room_id,
        entry.company_id,
        due_at,
        entry.at,
    )


async def _store_places(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    zones: dict[UUID, dict[str, Any]] = {}
    limits: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for published in events:
        event, version = published.event, published.envelope.version
        match event:
            case TenantChanged() | CompanyChanged():
                place_id = event.tenant_id if isinstance(event, TenantChanged) else event.company_id
                zones[place_id] = {
                    "place_id": place_id,
                    "version": version,
                    "time_zone": event.time_zone,
                }
            case RoomSettingsChanged():
                limits[event.room_id, event.company_id] = {
                    "room_id": event.room_id,
                    "company_id": event.company_id,
                    "version": version,
                    "minutes": event.options.escalate_after_minutes,
                }
    await followed.store_zones(tx, list(zones.values()))
    await followed.store_escalations(tx, list(limits.values()))


async def _follow_renewals(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    latest: dict[UUID, dict[str, Any]] = {}
    for published in events:
        event, envelope = published.event, published.envelope
        if isinstance(event, RenewalEvent):
            latest[event.renewal_id] = {
                "renewal_id": event.renewal_id,
                "version": envelope.version,
                "contract_id": event.state.contract_id,
                "room_id": event.state.room_id,
                "due_on": event.state.due_on,
                "status": event.state.status,
                "changed_at": envelope.time,
            }
    await calendars.follow_renewals(tx, list(latest.values()))
