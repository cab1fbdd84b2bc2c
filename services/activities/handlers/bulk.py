"""One command on many activities: chosen at once, carried out by a job, each under the rules of the
single command; the report names those that a rule refused.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.activities.handlers.employees import require_seller
from services.activities.handlers.moving import find_target
from services.activities.queries.directory import get_employee
from services.activities.storage import bulk, clients, directory
from services.activities.storage.directory import COMPANY, LOSS_REASON, SOURCE
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.jobs import Job, enqueue
from shared.tenancy import Caller
from shared.vocabulary import Status

CHANGE_ACTIVITIES = "change_activities"
MOST = 50_000
Action = Literal["move", "assign", "lose", "take_away"]
_MEANT: Mapping[Action, Sequence[Status]] = {
    "assign": ("free", "in_work"),
    "move": ("free", "in_work"),
    "lose": ("free", "in_work"),
    "take_away": ("in_work",),
}
"""The statuses that an action is for, where the filter names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which activities: those of `ids`, if there are any, that meet what else is set."""

    ids: Sequence[UUID] = ()
    room_id: UUID | None = None
    company_id: UUID | None = None
    status: Status | None = None
    stage: str | None = None
    responsible_id: UUID | None = None
    source_id: UUID | None = None
    client_id: UUID | None = None
    progress_before: datetime | None = None

    def conditions(self, action: Action) -> dict[str, Any]:
        """The conditions that are set, by name."""
        names = ("room_id", "company_id", "stage", "responsible_id", "source_id", "client_id")
        values: dict[str, Any] = {
            **{name: getattr(self, name) for name in names},
            "progress_before": self.progress_before,
            "ids": list(self.ids) or None,
        }
        if self.status:
            values["statuses"] = [self.status]
        elif not self.ids:
            values["statuses"] = list(_MEANT[action])
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ChangeActivities:
    """The action on every chosen activity; `values` are its own: `employee_id`, `room_id`,
    `reason`, `reason_id`.
    """

    action: Action
    choice: Choice
    values: Mapping[str, Any]


async def change_activities(tx: Tx, command: ChangeActivities, caller: Caller) -> Job:
    """Chooses the activities and enqueues the job that changes them.

    Raises `NotFound`, naming the field, for what is not there to be seen, `Forbidden` for a room
    that the caller does not oversee, `Invalid` for more than `MOST`.
    """
    chosen = await _choose(tx, command, caller)
    arguments = {"action": command.action, **{k: _text(v) for k, v in command.values.items()}}
    owner_id = caller.employee_id
    job = await enqueue(tx, CHANGE_ACTIVITIES, arguments, owner_id=owner_id, total=len(chosen))
    await bulk.add_elements(tx, job.id, [row["id"] for row in chosen])
    return job


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


async def preview_changes(tx: Tx, command: ChangeActivities, caller: Caller) -> dict[str, Any]:
    """How many activities would be chosen, by status and stage; nothing changes. Raises as
    `change_activities`.
    """
    chosen = await _choose(tx, command, caller)
    return {
        "count": len(chosen),
        "by_status": Counter(row["status"] for row in chosen),
        "by_stage": Counter(row["stage"] for row in chosen),
    }


async def _choose(tx: Tx, command: ChangeActivities, caller: Caller) -> list[Row]:
    choice = command.choice
    await _judge_filter(tx, choice, caller)
    if choice.ids:
        rooms = await _rooms_of_ids(tx, choice.ids, caller)
    else:
        assert choice.room_id
        rooms = {choice.room_id}
    await _judge_values(tx, command, rooms, caller)
    chosen = await bulk.choose(tx, choice.conditions(command.action), MOST + 1)
    if len(chosen) > MOST:
        raise Invalid("filter", "too_many", max=MOST)
    return chosen


async def _judge_filter(tx: Tx, choice: Choice, caller: Caller) -> None:
    if choice.room_id:
        caller.require_room(choice.room_id, field="filter.room_id")
        caller.require_overseer(choice.room_id)
    for kind, id_ in ((COMPANY, choice.company_id), (SOURCE, choice.source_id)):
        if id_:
            await directory.get(tx, kind, id_, f"filter.{kind.name}_id")
    if choice.client_id and not await clients.find_visible(tx, choice.client_id, caller):
        raise NotFound("client", "filter.client_id")
    if choice.responsible_id:
        try:
            await get_employee(tx, choice.responsible_id, caller)
        except NotFound:
            raise NotFound("employee", "filter.responsible_id") from None


async def _rooms_of_ids(tx: Tx, ids: Sequence[UUID], caller: Caller) -> set[UUID]:
    """The rooms of the activities. Raises `NotFound` for one that the caller does not see."""
    rooms = {row["id"]: row["room_id"] for row in await bulk.choose(tx, {"ids": list(ids)}, MOST)}
    for index, id_ in enumerate(ids):
        if id_ not in rooms or not caller.sees_room(rooms[id_]):
            raise NotFound("activity", f"ids.{index}")
    return set(rooms.values())


async def _judge_values(
    tx: Tx, command: ChangeActivities, rooms: set[UUID], caller: Caller
) -> None:
    employee_id, reason_id = (command.values.get(name) for name in ("employee_id", "reason_id"))
    if reason_id:
        await _judge_reason(tx, reason_id, command.choice.company_id)
    if command.action == "move":
        await find_target(tx, command.values["room_id"], caller)
        rooms = {command.values["room_id"]}
    if employee_id:
        for room_id in rooms:
            await require_seller(tx, employee_id, room_id, "employee_id")


async def _judge_reason(tx: Tx, reason_id: UUID, company_id: UUID | None) -> None:
    """Raises `NotFound` for a reason that is none of the company's, `Invalid` for an archived
    one.
    """
    reason = await directory.get(tx, LOSS_REASON, reason_id, "reason_id")
    if company_id and reason["company_id"] != company_id:
        raise NotFound("loss_reason", "reason_id")
    if not reason["active"]:
        raise Invalid("reason_id", "in_use")
