"""Merging a client into another: everything that is the one's becomes the other's."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.activities import events
from services.activities.domain.identity import identities_of
from services.activities.domain.merging import follow, merged
from services.activities.domain.refusals import ClientAlreadyMerged
from services.activities.handlers.commands import MergeClients
from services.activities.handlers.custom_values import move_values
from services.activities.handlers.persons import follow_merge
from services.activities.handlers.saving import save_events
from services.activities.queries.clients import view_of_row
from services.activities.storage import clients, do_not_call, merging
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Forbidden, Invalid, NotFound
from shared.ids import ClientId, EmployeeId
from shared.jobs import enqueue
from shared.tenancy import Caller

MOVE_ACTIVITIES = "move_merged_activities"
BATCH = 100
AT_ONCE = 200
"""Activities that move with the command itself; more of them follow by a job."""


async def merge_clients(tx: Tx, command: MergeClients, caller: Caller) -> dict[str, Any]:
    """Merges a client into another, with its activities, identities, persons and rooms; repeated,
    it changes nothing.

    Raises `NotFound` for a client that the caller does not see, `Forbidden` unless the caller heads
    a room that sees both or is an admin, `ClientAlreadyMerged`, `DifferentOrganizations`, `Invalid`
    for a client and itself.
    """
    old_id, into_id = command.client_id, command.into_client_id
    if old_id == into_id:
        raise Invalid("into_client_id", "other_client")
    rows = await merging.lock_clients(tx, [old_id, into_id])
    old, into = _visible(rows, old_id, caller), _visible(rows, into_id, caller, "into_client_id")
    _require_head_of_both(old, into, caller)
    if old["merged_into"] == into_id:
        return view_of_row(into, caller)
    for row in (old, into):
        if row["merged_into"]:
            raise ClientAlreadyMerged(merged_into=str(row["merged_into"]))
    after = merged(old, into)
    await clients.drop_identities(tx, old_id)
    await clients.drop_identities(tx, into_id)
    await do_not_call.carry(tx, old_id, into_id)
    row = await clients.save(tx, into, after, "merged", old_id)
    await clients.claim_identities(tx, into_id, identities_of(row))
    events.publish_directory(tx, "client", row)
    events.publish_directory(tx, "client", await merging.end(tx, old, into_id))
    not_taken = await move_values(tx, old_id, row, caller)
    await follow_merge(tx, old_id, into_id)
    await _move_activities(tx, old_id, into_id, caller.employee_id)
    return {**view_of_row(row, caller), "values_not_taken": not_taken}


async def move_activities(
    tx: Tx, old_id: ClientId, into_id: ClientId, by: EmployeeId | None, limit: int
) -> Sequence[UUID]:
    """Makes up to `limit` activities of the one client the other's; their ids."""
    await tx.read_clock()
    moved = await merging.lock_activities(tx, old_id, limit)
    for activity in moved:
        await save_events(tx, activity, [follow(activity, into_id)], by)
    return [activity.id for activity in moved]


async def _move_activities(tx: Tx, old_id: ClientId, into_id: ClientId, by: EmployeeId) -> None:
    count = await merging.count_activities(tx, old_id)
    if count <= AT_ONCE:
        await move_activities(tx, old_id, into_id, by, AT_ONCE)
        return
    arguments = {"client_id": str(old_id), "into_client_id": str(into_id), "by": str(by)}
    await enqueue(tx, MOVE_ACTIVITIES, arguments, owner_id=by, dedupe_key=str(old_id), total=count)


def _visible(rows: Any, client_id: ClientId, caller: Caller, field: str | None = None) -> Row:
    row: Row | None = rows.get(client_id)
    if row is None or not caller.sees_client(row["room_ids"]):
        raise NotFound("client", field)
    return row


def _require_head_of_both(old: Row, into: Row, caller: Caller) -> None:
    """Raises `Forbidden`. A client whom no room has entered yet is for all rooms to see."""
    if "admin" in caller.roles:
        return
    headed = caller.headed_rooms
    for row in (old, into):
        headed = headed & set(row["room_ids"]) if row["room_ids"] else headed
    if not headed:
        raise Forbidden("head_of_room")
