"""Sellers' absences: recorded, changed and cancelled by who decides in their rooms."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.absences import AbsenceDays
from services.activities.domain.refusals import AbsenceIsCancelled, AbsenceOverlaps
from services.activities.handlers.commands import Changes, RecordAbsence
from services.activities.handlers.deadlines import enqueue_realignment
from services.activities.handlers.directory import change, create
from services.activities.queries.absences import require_overseer, require_sight, view_of_absence
from services.activities.storage import absences, directory
from services.activities.storage.directory import ABSENCE, EMPLOYEE, TENANT
from shared.clock import local_day
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import EmployeeId
from shared.tenancy import Caller

LONGEST_DAYS = 366
_RECORDED_LATE = timedelta(days=31)
_RECORDED_AHEAD = timedelta(days=2 * 366)
_FIELDS = tuple(AbsenceDays.__dataclass_fields__)

View = dict[str, Any]


async def record_absence(tx: Tx, command: RecordAbsence, caller: Caller) -> View:
    """Records on which days somebody does not work: the time until a reset of what they work does
    not run then. Deadlines follow in the background.

    Raises `NotFound`, `Forbidden`, `AbsenceOverlaps`, `Invalid` for days that nobody means.
    """
    employee_id = command.employee_id
    await _lock_overseen(tx, employee_id, caller)
    days = AbsenceDays(command.first_on, command.last_on)
    await _require_sane(tx, days, None)
    await _require_apart(tx, employee_id, days, None)
    values = {"employee_id": employee_id, "kind": command.kind, **_columns(days)}
    row = await create(tx, ABSENCE, values)
    await _follow(tx, employee_id, caller)
    return view_of_absence(row)


async def change_absence(
    tx: Tx, employee_id: EmployeeId, absence_id: UUID, changes: Changes, caller: Caller
) -> View:
    """Changes the days or the kind of an absence. Days that are taken away give a day's notice to
    what had time left by them.

    Raises `NotFound`, `Forbidden`, `Stale`, `AbsenceIsCancelled`, `AbsenceOverlaps`, `Invalid`.
    """
    before = await _lock_absence(tx, employee_id, absence_id, caller)
    if before["cancelled"]:
        raise AbsenceIsCancelled
    days = _days_of(before)
    wanted = {name: changes.get(name, before[name]) for name in ("first_on", "last_on")}
    if wanted != {name: before[name] for name in wanted}:
        days = days.changed(wanted["first_on"], wanted["last_on"], False, tx.now)
        await _require_sane(tx, days, before["first_on"])
        await _require_apart(tx, employee_id, days, absence_id)
    kind = changes.get("kind", before["kind"])
    row = await change(tx, ABSENCE, absence_id, {"kind": kind, **_columns(days)})
    if days != _days_of(before):
        await _follow(tx, employee_id, caller)
    return view_of_absence(row)


async def cancel_absence(tx: Tx, employee_id: EmployeeId, absence_id: UUID, caller: Caller) -> View:
    """Cancels an absence: none of its days counts any more; without a difference nothing happens.

    Raises `NotFound`, `Forbidden`.
    """
    before = await _lock_absence(tx, employee_id, absence_id, caller)
    if before["cancelled"]:
        return view_of_absence(before)
    days = _days_of(before)
    days = days.changed(days.first_on, days.last_on, True, tx.now)
    row = await change(tx, ABSENCE, absence_id, _columns(days))
    await _follow(tx, employee_id, caller)
    return view_of_absence(row)


async def _lock_overseen(tx: Tx, employee_id: UUID, caller: Caller) -> None:
    """Locks the employee, so that of two absences at once the second meets the first.

    Raises `NotFound`, `Forbidden`.
    """
    employee = await directory.lock(tx, EMPLOYEE, employee_id)
    require_sight(employee, caller)
    require_overseer(employee, caller)


async def _lock_absence(tx: Tx, employee_id: UUID, absence_id: UUID, caller: Caller) -> Row:
    await _lock_overseen(tx, employee_id, caller)
    row = await directory.lock(tx, ABSENCE, absence_id)
    if row["employee_id"] != employee_id:
        raise NotFound("absence")
    return row


async def _require_sane(tx: Tx, days: AbsenceDays, known_first_on: date | None) -> None:
    """Raises `Invalid` for days that nobody means: backwards, more than a year, long gone or far
    ahead. A first day that stays is not judged again.
    """
    if days.last_on < days.first_on:
        raise Invalid("last_on", "not_before", min=days.first_on.isoformat())
    longest = days.first_on + timedelta(days=LONGEST_DAYS - 1)
    if days.last_on > longest:
        raise Invalid("last_on", "not_after", max=longest.isoformat())
    tenant = await directory.get(tx, TENANT, tx.tenant_id)
    today = local_day(tx.now, tenant["time_zone"])
    earliest = today - _RECORDED_LATE
    if days.first_on < earliest and days.first_on != known_first_on:
        raise Invalid("first_on", "not_before", min=earliest.isoformat())
    latest = today + _RECORDED_AHEAD
    if days.first_on > latest:
        raise Invalid("first_on", "not_after", max=latest.isoformat())


async def _require_apart(
    tx: Tx, employee_id: UUID, days: AbsenceDays, besides: UUID | None
) -> None:
    """Raises `AbsenceOverlaps`, naming the other absence."""
    other = await absences.find_overlapping(tx, employee_id, days.first_on, days.last_on, besides)
    if other:
        raise AbsenceOverlaps(absence_id=str(other))


async def _follow(tx: Tx, employee_id: UUID, caller: Caller) -> None:
    """Enqueues the jobs that move the deadlines of what the employee works."""
    for room_id, company_id in await absences.places_of(tx, employee_id):
        await enqueue_realignment(tx, room_id, company_id, caller.employee_id)


def _days_of(row: Row) -> AbsenceDays:
    return AbsenceDays(**{name: row[name] for name in _FIELDS})


def _columns(days: AbsenceDays) -> dict[str, Any]:
    return {**asdict(days), "relevant_until": days.relevant_until}
