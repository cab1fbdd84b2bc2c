"""A batch of interactions of the past: entries in the timelines of activities that were imported
before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.activities.domain.activity import DomainEvent
from services.activities.domain.progress import record_past
from services.activities.domain.refusals import ImportedBefore
from services.activities.handlers.importing.batches import BatchResult, Place
from services.activities.handlers.importing.cells import Cells
from services.activities.handlers.importing.fingerprints import fingerprint
from services.activities.handlers.locked import caught_up
from services.activities.handlers.saving import save_events
from services.activities.storage import import_keys, locking
from services.activities.storage.import_keys import KnownKey
from services.activities.storage.locking import LockedActivity
from shared.clock import EARLIEST, zone_of
from shared.db import Tx
from shared.errors import NotFound, Refusal
from shared.ids import ActivityId
from shared.jobs import RefusedElement
from shared.vocabulary import InteractionKind

_KINDS = {
    **dict.fromkeys(("call", "звонок", "телефон", "исходящий", "входящий"), "call"),
    **dict.fromkeys(("meeting", "встреча", "визит", "переговоры"), "meeting"),
    **dict.fromkeys(("message", "сообщение", "чат", "смс", "sms", "мессенджер"), "message"),
    **dict.fromkeys(("letter", "письмо", "почта", "e-mail", "email"), "letter"),
    **dict.fromkeys(("note", "заметка", "комментарий", "примечание"), "note"),
}


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """An interaction as a row tells it, of the activity that a key knows."""

    number: int
    key: str
    fingerprint: bytes
    activity_key: str
    kind: InteractionKind
    at: datetime
    note: str | None


def interaction_row(cells: Cells, time_zone: str) -> InteractionRow | None:
    """The interaction of a row, its moment in the company's time; None where `cells` has noted why
    not.
    """
    cells.require_shape()
    external_id = cells.text("external_id", "line")
    activity_key = cells.text("activity_external_id", "line")
    kind = cells.one_of("kind", _KINDS) or "call"
    local, note = cells.moment("at"), cells.text("note", "text")
    for name, value in (("activity_external_id", activity_key), ("at", local)):
        if value is None and not cells.refusals:
            cells.refuse(name, "missing")
    if cells.refusals or activity_key is None or local is None:
        return None
    at = local.replace(tzinfo=zone_of(time_zone)).astimezone(UTC)
    if at < EARLIEST:
        cells.refuse("at", "years")
        return None
    print_ = fingerprint(activity_key, kind, at, note)
    key = f"id:{external_id}" if external_id else f"row:{print_.hex()}"
    return InteractionRow(cells.number, key, print_, f"id:{activity_key}", kind, at, note)  # type: ignore[arg-type]


async def import_interactions(tx: Tx, rows: Sequence[InteractionRow], place: Place) -> BatchResult:
    """Records interactions that were not imported before."""
    result = BatchResult()
    keys = place.keys("interactions")
    known = await import_keys.lock(tx, keys, [row.key for row in rows])
    activity_ids = await import_keys.find(
        tx, place.keys("activities"), [row.activity_key for row in rows]
    )
    ids = [ActivityId(id_) for id_ in sorted(set(activity_ids.values()))]
    locked = {each.stored.id: each for each in await locking.lock_many(tx, ids)}
    told: dict[ActivityId, list[DomainEvent]] = {id_: [] for id_ in locked}
    locked = {id_: caught_up(each, tx.now) for id_, each in locked.items()}
    made = []
    for row in rows:
        before = known[row.key]
        if before.fingerprint == row.fingerprint:
            result.counts["unchanged"] += 1
            continue
        try:
            activity_id = _activity_of(row, before, activity_ids, locked, place)
            told[activity_id].append(_past(row, locked[activity_id], told[activity_id], tx.now))
        except Refusal as refusal:
            result.refuse(RefusedElement.of(str(row.number), refusal))
            continue
        known[row.key] = KnownKey(activity_id, row.fingerprint)
        made.append((row.key, activity_id, row.fingerprint))
        result.counts["created"] += 1
    for id_, events in told.items():
        if events:
            all_events = [*locked[id_].pending_events, *events]
            await save_events(tx, locked[id_].stored, all_events, place.caller.employee_id)
    await import_keys.save(tx, keys, made)
    if len(made) < len(known):
        await import_keys.drop_unused(tx, keys, [row.key for row in rows])
    return result


def _activity_of(
    row: InteractionRow,
    before: KnownKey,
    activity_ids: dict[str, UUID],
    locked: dict[ActivityId, LockedActivity],
    place: Place,
) -> ActivityId:
    """Raises `ImportedBefore`, `NotFound` for an activity that is not of the room, or no longer."""
    if before.fingerprint is not None:
        raise ImportedBefore
    id_ = activity_ids.get(row.activity_key)
    activity = locked.get(ActivityId(id_)) if id_ else None
    if activity is None or activity.activity.room_id != place.room_id:
        raise NotFound("activity", "activity_external_id")
    return activity.stored.id


def _past(
    row: InteractionRow, locked: LockedActivity, told: Sequence[DomainEvent], now: datetime
) -> DomainEvent:
    activity = told[-1].after if told else locked.activity
    return record_past(activity, row.kind, row.note, row.at, now)
