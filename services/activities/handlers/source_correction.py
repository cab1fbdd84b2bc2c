"""Correcting the source of an activity."""

from dataclasses import dataclass

from services.activities.domain import source_correction
from services.activities.handlers.locked import lock_activity, save_activity
from services.activities.queries.activity_view import View
from services.activities.storage import activities, directory
from services.activities.storage.directory import SOURCE
from shared.db import Tx
from shared.errors import Invalid
from shared.ids import ActivityId, SourceId
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class CorrectSource:
    activity_id: ActivityId
    source_id: SourceId
    reason: str


async def correct_source(tx: Tx, command: CorrectSource, caller: Caller) -> View:
    """Corrects where the request came from, in a room that the caller oversees.

    Raises `NotFound`, also for the source, `Forbidden`, `Invalid` for an archived source and for
    renewals.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    caller.require_overseer(locked.activity.room_id)
    source = await directory.get(tx, SOURCE, command.source_id, "source_id")
    if source["archived"] and command.source_id != locked.activity.source_id:
        raise Invalid("source_id", "archived")
    events = source_correction.correct_source(
        locked.activity, command.source_id, source["kind"], command.reason
    )
    return await save_activity(tx, locked, events, caller, activities.save_source)
