"""A batch of a bulk command's activities, each decided by the rules of the single command."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.activities.domain import closing, handing_over, releasing, taking
from services.activities.domain.absences import Absences
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.closing import LossReason
from services.activities.domain.room_settings import RoomSettings
from services.activities.handlers.job_callers import caller_of
from services.activities.handlers.locked import caught_up
from services.activities.handlers.persons import enter_with_contacts
from services.activities.handlers.saving import save_events
from services.activities.storage import (
    absences,
    activities,
    bulk,
    directory,
    employees,
    locking,
    loss_reasons,
    room_settings,
    work_limit,
)
from services.activities.storage.directory import ROOM
from services.activities.storage.holding_clients import hold_clients_of
from services.activities.storage.locking import LockedActivity
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.errors import NotFound, Refusal
from shared.ids import ActivityId, EmployeeId, JobId, LossReasonId, RoomId
from shared.isolation import apply_or_halve
from shared.jobs import Job, RefusedElement
from shared.membership import require_sold_in_room
from shared.tenancy import Caller

BATCH = 100
Decided = tuple[LockedActivity, Sequence[DomainEvent]]


@dataclass(frozen=True, slots=True)
class ChangedBatch:
    """The activities that were looked at, none at the end, and those that a rule refused."""

    ids: Sequence[ActivityId]
    refused: Sequence[RefusedElement] = ()


@dataclass(slots=True)
class Decisions:
    """The rules of an action for a caller, with what they have read of the directory."""

    tx: Tx
    caller: Caller
    arguments: Mapping[str, Any]
    _sells: dict[tuple[UUID, UUID], bool] = field(default_factory=dict)
    _rooms: dict[UUID, Any] = field(default_factory=dict)
    _reasons: dict[UUID, list[LossReason]] = field(default_factory=dict)
    _absences: dict[tuple[EmployeeId, str], Absences | None] = field(default_factory=dict)
    _settings: dict[tuple[UUID, UUID], RoomSettings] = field(default_factory=dict)
    _in_work: dict[tuple[EmployeeId, UUID, UUID], int] = field(default_factory=dict)

    async def decide(self, locked: LockedActivity) -> Sequence[DomainEvent]:
        """The events of the action on a locked activity. Raises the refusals of the command."""
        room_id = locked.activity.room_id
        self.caller.require_room(room_id, "activity")
        self.caller.require_overseer(room_id)
        decide: Callable[[LockedActivity], Awaitable[Sequence[DomainEvent]]]
        decide = getattr(self, f"_{self.arguments['action']}")
        return await decide(locked)

    async def _take_away(self, locked: LockedActivity) -> Sequence[DomainEvent]:
        return [releasing.take_away(locked.activity)]

    async def _lose(self, locked: LockedActivity) -> Sequence[DomainEvent]:
        """By the reason of the company's list that is given, or that the text names."""
        company_id, text = locked.activity.company_id, self.arguments["reason"]
        reason_id = self.arguments.get("reason_id")
        if company_id not in self._reasons:
            self._reasons[company_id] = await loss_reasons.of_company(self.tx, company_id)
        reasons = self._reasons[company_id]
        named = LossReasonId(UUID(reason_id)) if reason_id else closing.reason_named(reasons, text)
        loss = closing.loss_of(reasons, named, text)
        return [closing.lose(locked.activity, loss, self.tx.now)]

    async def _assign(self, locked: LockedActivity) -> Sequence[DomainEvent]:
        activity, employee_id = locked.activity, EmployeeId(UUID(self.arguments["employee_id"]))
        await self._require_seller(employee_id, activity.room_id)
        if activity.status in ("won", "lost"):
            return handing_over.hand_over_closed(activity, employee_id, self.tx.now)
        settings = await self._for_seller(locked.room_settings, employee_id, locked.time_zone)
        events = taking.assign(activity, employee_id, settings, self.tx.now)
        if events:
            await self._require_below_limit(events[-1].after, locked.room_settings, employee_id)
        return events

    async def _move(self, locked: LockedActivity) -> Sequence[DomainEvent]:
        activity, room_id = locked.activity, RoomId(UUID(self.arguments["room_id"]))
        self.caller.require_overseer(room_id)
        room = await self._room(room_id)
        require_sold_in_room(room["company_ids"], activity.company_id, "room_id")
        responsible = activity.responsible_id
        if self.arguments["employee_id"]:
            responsible = EmployeeId(UUID(self.arguments["employee_id"]))
            await self._require_seller(responsible, room_id)
        elif responsible and not await self._sells_in(responsible, room_id):
            responsible = None
        settings = await self._settings_of(room_id, activity.company_id)
        if responsible:
            settings = await self._for_seller(settings, responsible, locked.time_zone)
        reason = self.arguments["reason"]
        events = handing_over.move(activity, room_id, reason, responsible, settings, self.tx.now)
        if events and responsible and activity.status != "lost":
            await self._require_below_limit(events[-1].after, settings, responsible)
        return events

    async def _require_below_limit(
        self, after: Activity, settings: RoomSettings, seller: EmployeeId
    ) -> None:
        """Raises `WorkLimitReached`; counts what this batch has added and not written yet."""
        limit = settings.options.work_limit
        if not limit:
            return
        key = (seller, after.room_id, after.company_id)
        if key not in self._in_work:
            await work_limit.lock_place(self.tx, seller, after.room_id)
            self._in_work[key] = await work_limit.count_in_work(self.tx, *key)
        taking.require_below_limit(limit, self._in_work[key])
        self._in_work[key] += 1

    async def _require_seller(self, employee_id: EmployeeId, room_id: UUID) -> None:
        if not await self._sells_in(employee_id, room_id):
            raise NotFound("seller_of_room", "employee_id")

    async def _sells_in(self, employee_id: EmployeeId, room_id: UUID) -> bool:
        key = (employee_id, room_id)
        if key not in self._sells:
            self._sells[key] = await employees.sells(self.tx, employee_id, room_id)
        return self._sells[key]

    async def _room(self, room_id: UUID) -> Any:
        if room_id not in self._rooms:
            self._rooms[room_id] = await directory.get(self.tx, ROOM, room_id, "room_id")
        return self._rooms[room_id]

    async def _for_seller(
        self, settings: RoomSettings, employee_id: EmployeeId, time_zone: str
    ) -> RoomSettings:
        """The settings as they are for the seller."""
        key = (employee_id, time_zone)
        if key not in self._absences:
            self._absences[key] = await absences.find_of_seller(self.tx, *key)
        return settings.of_seller(self._absences[key])

    async def _settings_of(self, room_id: UUID, company_id: UUID) -> RoomSettings:
        key = (room_id, company_id)
        if key not in self._settings:
            row = await room_settings.find(self.tx, room_id, company_id)
            self._settings[key] = room_settings_of(row)
        return self._settings[key]


async def change_batch(tx: Tx, job: Job, position: int) -> ChangedBatch:
    """Changes the next activities of the job behind `position`; who asked for it is judged by what
    they may do now.
    """
    job_id = JobId(job.id)
    ids = await bulk.find_elements(tx, job_id, position, BATCH)
    if not ids:
        await bulk.forget_elements(tx, job_id)
        return ChangedBatch([])
    await tx.read_clock()
    decisions = Decisions(tx, await caller_of(tx, job), job.arguments)
    refused: list[RefusedElement] = []
    decided: list[Decided] = []
    if job.arguments["action"] == "move":
        await hold_clients_of(tx, ids)
    for locked in await locking.lock_many(tx, ids):
        locked = caught_up(locked, tx.now)
        try:
            decided.append((locked, await decisions.decide(locked)))
        except Refusal as refusal:
            refused += RefusedElement.of(str(locked.stored.id), refusal)
    refused += await _save(tx, decided, decisions.caller.employee_id)
    return ChangedBatch(ids, refused)


async def _save(tx: Tx, decided: Sequence[Decided], by: EmployeeId) -> list[RefusedElement]:
    """Writes the activities; those whose events can't be written are refused."""

    async def write(part: Sequence[Decided]) -> None:
        for locked, new_events in part:
            if not new_events:
                continue
            all_events = [*locked.pending_events, *new_events]
            after = all_events[-1].after
            is_moved = after.room_id != locked.stored.room_id
            write_one = activities.save_moved if is_moved else activities.save
            await save_events(tx, locked.stored, all_events, by, write_one)
            if is_moved:
                await enter_with_contacts(tx, after.client_id, after.room_id, locked.stored.room_id)

    isolated = await apply_or_halve(tx, decided, write)
    failures = [(locked.stored.id, failure) for (locked, _), failure in isolated.failed]
    return RefusedElement.of_failures(failures)
