"""Targets: heads set them for sellers and rooms, by month."""

from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.periods import PeriodClosed
from services.motivation.handlers.settling import resettle
from services.motivation.storage import directory, periods, targets
from services.motivation.storage.rules import plain
from services.motivation.storage.settlements import RoomMonth
from services.motivation.storage.targets import TargetKey
from shared.db import Tx
from shared.errors import NotFound
from shared.replicas import Reference, require
from shared.tenancy import Caller
from shared.versions import stale


@dataclass(frozen=True, slots=True)
class SetTarget:
    """Set a target of a month, or take it away with None."""

    key: TargetKey
    value: Decimal | None


async def set_target(tx: Tx, command: SetTarget, caller: Caller) -> None:
    """Stores a target with the history of its changes; the same value again changes nothing.

    Raises:
        NotFound: there is no such company, room or employee, or the caller does not oversee it, or
            the employee does not work there.
        Invalid: the room does not sell for the company.
        PeriodClosed: the month is closed.
        Stale: the month's targets are not at the version that the caller has read.
    """
    key = command.key
    company = await directory.company(tx, key.company_id)
    if not caller.oversees(key.room_id):
        raise NotFound("room", "room_id")
    await directory.room_selling_for(tx, key.room_id, company.id)
    if key.employee_id is not None:
        await _require_in_room(tx, key)
    if not await periods.hold_open(tx, company.id, key.period):
        raise PeriodClosed(period=key.period)
    version = await targets.lock_month(tx, company.id, key.room_id, key.period)
    before = await targets.lock(tx, key)
    if not tx.expects(version):
        value = None if before.value is None else plain(before.value)
        raise stale(version, {"value": value})
    if before.value != command.value:
        await targets.save(tx, key, before, command.value)
        await resettle(tx, [RoomMonth(key.company_id, key.room_id, key.period)])


async def _require_in_room(tx: Tx, key: TargetKey) -> None:
    """A replica that says no may be old: the owner is asked once."""
    assert key.employee_id
    employee = await directory.employee(tx, key.employee_id)
    if key.room_id not in employee.room_ids:
        require(tx, Reference("employee", key.employee_id))
        raise NotFound("employee", "employee_id")
