"""Taking, giving back and assigning activities."""

from services.activities.domain import handing_over, releasing, taking
from services.activities.domain.activity import Activity
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.vip_hold import VipHold
from services.activities.handlers.commands import AssignActivity, ReleaseActivity, TakeActivity
from services.activities.handlers.employees import require_seller
from services.activities.handlers.following import holds
from services.activities.handlers.locked import caught_up, lock_activity, save_activity
from services.activities.queries.activity_view import View
from services.activities.storage import absences, activities, locking, work_limit
from services.activities.storage.locking import LockedActivity
from shared.db import Tx
from shared.errors import Forbidden
from shared.ids import EmployeeId
from shared.tenancy import Caller


async def take_activity(tx: Tx, command: TakeActivity, caller: Caller) -> View:
    """Makes the caller responsible for a free activity of their room.

    Raises:
        NotFound, Forbidden, AlreadyTaken, NotFree, VipOfAnother, TooSoon, WorkLimitReached.
    """
    seller = caller.employee_id
    locked = caught_up(await locking.lock_for_taking(tx, command.activity_id, seller), tx.now)
    caller.require_room(locked.activity.room_id, "activity")
    if not caller.sells_in(locked.activity.room_id):
        raise Forbidden("sells_in_room")
    vip_hold = await _effective_hold(tx, locked, caller)
    settings = locked.room_settings.of_seller(locked.taker_absences)
    event = taking.take(locked.activity, seller, locked.last_take, settings, vip_hold, tx.now)
    await require_below_limit(tx, locked.activity, locked.room_settings, seller)
    return await save_activity(tx, locked, [event], caller, activities.save_taken)


async def require_below_limit(
    tx: Tx, activity: Activity, room_settings: RoomSettings, seller: EmployeeId
) -> None:
    """Raises `WorkLimitReached` where the seller, whose place in the room is locked, may have no
    more in work. Without a limit nothing is asked.
    """
    if limit := room_settings.options.work_limit:
        count = await work_limit.count_in_work(tx, seller, activity.room_id, activity.company_id)
        taking.require_below_limit(limit, count)


async def _effective_hold(tx: Tx, locked: LockedActivity, caller: Caller) -> VipHold | None:
    """A hold of the client by somebody else counts in all rooms of the company, while they work in
    the one from which they hold it.
    """
    vip_hold = locked.vip_hold
    if vip_hold is None or vip_hold.holder_id == caller.employee_id:
        return vip_hold
    return vip_hold if await holds(tx, vip_hold) else None


async def release_activity(tx: Tx, command: ReleaseActivity, caller: Caller) -> View:
    """Gives an activity back to the pool; only its responsible may.

    Raises `NotFound`, `NotInWork`, `Forbidden`.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    activity = locked.activity
    if activity.status == "in_work" and activity.responsible_id != caller.employee_id:
        raise Forbidden("give_back_activity")
    event = releasing.release(activity, command.reason, tx.now)
    return await save_activity(tx, locked, [event], caller)


async def assign_activity(tx: Tx, command: AssignActivity, caller: Caller) -> View:
    """Makes a seller of the room responsible, or nobody; of a closed activity a seller answers for
    what comes after, and the pay of a win stays where it is.

    Raises `NotFound`, `Forbidden`, `NotInWork`, `AlreadyWon`, `WorkLimitReached`.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    activity, employee_id = locked.activity, command.employee_id
    caller.require_overseer(activity.room_id)
    if employee_id is None:
        return await save_activity(tx, locked, [releasing.take_away(activity)], caller)
    await require_seller(tx, employee_id, activity.room_id, "employee_id")
    if activity.status in ("won", "lost"):
        events = handing_over.hand_over_closed(activity, employee_id, tx.now)
    else:
        absent = await absences.find_of_seller(tx, employee_id, locked.time_zone)
        settings = locked.room_settings.of_seller(absent)
        events = taking.assign(activity, employee_id, settings, tx.now)
        if events and locked.room_settings.options.work_limit:
            await work_limit.lock_place(tx, employee_id, activity.room_id)
            await require_below_limit(tx, activity, locked.room_settings, employee_id)
    return await save_activity(tx, locked, events, caller)
