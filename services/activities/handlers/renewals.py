"""Renewals before their day: taken ahead, prepared, withdrawn, restored."""

from collections.abc import Callable, Sequence
from uuid import UUID

from services.activities import events
from services.activities.domain import renewals as rules
from services.activities.domain.refusals import TooSoon
from services.activities.domain.renewals import RenewalEvent
from services.activities.domain.taking import ready_to_take_at, require_below_limit
from services.activities.handlers.commands import PrepareRenewal, TakeRenewal, WithdrawRenewal
from services.activities.handlers.opening import begin_activity
from services.activities.queries.activity_view import View
from services.activities.queries.renewals import get_renewal
from services.activities.storage import activities, renewals, work_limit
from services.activities.storage.renewals import LockedRenewal
from shared.db import Tx
from shared.errors import Forbidden, VipOfAnother
from shared.tenancy import Caller


async def take_renewal(tx: Tx, command: TakeRenewal, caller: Caller) -> View:
    """Makes an activity of a renewal ahead of its day, for the caller. Returns the activity.

    Who was responsible takes it as their own; for others it is like taking from the pool: a VIP's
    is its holder's alone, and the cooldown holds and starts anew.

    Raises:
        NotFound, Forbidden, AlreadyTaken, RenewalNotScheduled, BeyondHorizon, VipOfAnother,
        TooSoon, WorkLimitReached.
    """
    seller = caller.employee_id
    locked = await renewals.lock_for_taking(tx, command.renewal_id, seller)
    caller.require_room(locked.renewal.room_id, "renewal")
    if not caller.sells_in(locked.renewal.room_id):
        raise Forbidden("sells_in_room")
    horizon_days = locked.room_settings.renewal_horizon_days
    last_visible_on = rules.visible_until(tx.now, locked.time_zone, horizon_days)
    taker = await renewals.find_taker(tx, locked.renewal)
    rules.require_takeable(locked.renewal, last_visible_on, taker)
    if limit := locked.room_settings.options.work_limit:
        place = locked.renewal.room_id, locked.renewal.company_id
        require_below_limit(limit, await work_limit.count_in_work(tx, seller, *place))
    if locked.former_id == seller:
        return await begin_activity(tx, locked, seller, (seller, "renewed"))
    _require_from_pool(tx, locked, caller)
    return await begin_activity(tx, locked, seller, (seller, "taken"), activities.insert_taken)


def _require_from_pool(tx: Tx, locked: LockedRenewal, caller: Caller) -> None:
    """Raises `VipOfAnother`, `TooSoon` where the pool would refuse."""
    hold = locked.vip_hold
    if hold and hold.holder_id != caller.employee_id:
        raise VipOfAnother(hold.protected_until)
    ready_at = ready_to_take_at(locked.last_take, None, locked.room_settings.cooldown)
    if ready_at and tx.now < ready_at:
        raise TooSoon.until(ready_at, tx.now)


async def prepare_renewal(tx: Tx, command: PrepareRenewal, caller: Caller) -> View:
    """Leaves a note for the renewal, or with None takes it away.

    Raises `NotFound`, `Forbidden`, `RenewalNotScheduled`.
    """
    locked = await _lock(tx, command.renewal_id, caller)
    room_id = locked.renewal.room_id
    if not caller.sells_in(room_id) and not caller.oversees(room_id):
        raise Forbidden("sells_in_room")
    return await _save(tx, locked, caller, lambda renewal: rules.prepare(renewal, command.note))


async def withdraw_renewal(tx: Tx, command: WithdrawRenewal, caller: Caller) -> View:
    """Withdraws a renewal that will not be: its responsible may, and who oversees the room.

    Raises `NotFound`, `Forbidden`, `RenewalNotScheduled`.
    """
    locked = await _lock_own(tx, command.renewal_id, caller)
    by = caller.employee_id
    return await _save(
        tx, locked, caller, lambda renewal: [rules.withdraw(renewal, by, command.reason)]
    )


async def restore_renewal(tx: Tx, renewal_id: UUID, caller: Caller) -> View:
    """Makes a withdrawn renewal due again.

    Raises `NotFound`, `Forbidden`, `RenewalNotWithdrawn`, `ContractNotWon`.
    """
    locked = await _lock_own(tx, renewal_id, caller)
    won = locked.contract_is_won
    return await _save(tx, locked, caller, lambda renewal: [rules.restore(renewal, won)])


async def _lock(tx: Tx, renewal_id: UUID, caller: Caller) -> LockedRenewal:
    """Locks a renewal of the caller's rooms. Raises `NotFound`."""
    locked = await renewals.lock(tx, renewal_id)
    caller.require_room(locked.renewal.room_id, "renewal")
    return locked


async def _lock_own(tx: Tx, renewal_id: UUID, caller: Caller) -> LockedRenewal:
    """As `_lock`. Raises `Forbidden` unless the caller is responsible or oversees the room."""
    locked = await _lock(tx, renewal_id, caller)
    is_own = locked.responsible_id == caller.employee_id
    if not is_own and not caller.oversees(locked.renewal.room_id):
        raise Forbidden("work_renewal")
    return locked


async def _save(
    tx: Tx,
    locked: LockedRenewal,
    caller: Caller,
    change: Callable[[rules.Renewal], Sequence[RenewalEvent]],
) -> View:
    changes = change(locked.renewal)
    await renewals.write(tx, changes)
    events.publish_renewals(tx, changes, caller.employee_id)
    return await get_renewal(tx, locked.renewal.id, caller)
