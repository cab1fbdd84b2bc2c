"""What a company's new rooms begin with, and which of the six numbers heads may change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.room_settings import RoomSettings, changed_numbers
from services.activities.events import publish_room_defaults, publish_room_settings
from services.activities.handlers.settings_commands import SetRoomDefaults
from services.activities.queries.room_defaults import view_of_row
from services.activities.storage import directory, room_defaults, room_settings
from services.activities.storage.directory import COMPANY
from services.activities.storage.mapping import room_settings_of
from services.activities.storage.tables.settings import ROOM_SETTINGS
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Forbidden
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller
from shared.versions import differing, stale


async def set_room_defaults(tx: Tx, command: SetRoomDefaults, caller: Caller) -> dict[str, Any]:
    """Sets what rooms begin with that are to sell for the company, and records who did so; rooms
    that there are keep theirs. Raises `NotFound`, `Stale`.
    """
    await directory.get(tx, COMPANY, command.company_id)
    await tx.read_clock()
    before = await room_defaults.lock(tx, command.company_id)
    present = room_defaults.chosen_in(before) if before else {**DEFAULTS, "heads_may_change": []}
    chosen = {**command.numbers, "heads_may_change": list(command.heads_may_change)}
    version = before["version"] if before else 0
    if not tx.expects(version):
        raise stale(version, differing(present, chosen))
    if before and present == chosen:
        return view_of_row(before)
    row = await room_defaults.save(tx, command.company_id, before, chosen, caller.employee_id)
    publish_room_defaults(tx, row, caller.employee_id)
    return view_of_row(row)


async def begin_with_defaults(tx: Tx, room_id: UUID, company_ids: Sequence[UUID]) -> None:
    """Gives a room that is to sell for `company_ids` the numbers that each of them has set for new
    rooms, unless it has numbers of that company from before.
    """
    assert tx.caller
    by = tx.caller.employee_id
    for company_id in company_ids:
        defaults = await room_defaults.find(tx, company_id)
        if defaults is None or await room_settings.find(tx, room_id, company_id):
            continue
        settings = RoomSettings(**{name: defaults[name] for name in ROOM_SETTINGS})
        row = await room_settings.save(tx, room_id, company_id, settings)
        await room_settings.record_change(tx, None, row, by)
        publish_room_settings(tx, row, by)


async def require_may_change(
    tx: Tx,
    room_id: UUID,
    company_id: UUID,
    before: Row | None,
    settings: RoomSettings,
    caller: Caller,
) -> None:
    """Raises `NotFound` for a room that is not the caller's, `Forbidden` unless an admin changes
    the numbers, or the head of the room those that the company lets heads change.
    """
    caller.require_known_room(room_id)
    caller.require_overseer(room_id)
    if caller.has_any({"admin"}):
        return
    defaults = await room_defaults.find(tx, company_id)
    allowed = defaults["heads_may_change"] if defaults else ()
    refused = [
        name for name in changed_numbers(room_settings_of(before), settings) if name not in allowed
    ]
    if refused or not allowed:
        raise Forbidden("room_settings", settings=refused or list(ROOM_SETTINGS))
