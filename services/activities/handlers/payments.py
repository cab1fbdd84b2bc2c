"""Money: payments recorded, confirmed and struck out, and refunds."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from services.activities.domain import payments, refunds
from services.activities.domain.refusals import DuplicatePayment, PaymentIsMatched
from services.activities.domain.trade import Payment, Refund
from services.activities.handlers.commands import (
    ConfirmPayment,
    RecordPayment,
    RecordRefund,
    StrikePayment,
)
from services.activities.handlers.locked import (
    caught_up,
    lock_activity,
    require_recorder,
    save_activity,
)
from services.activities.queries.activity_view import View
from services.activities.storage import locking
from services.activities.storage.inbound_decisions import find_booked_by
from services.activities.storage.locking import LockedActivity
from services.activities.storage.payments import save_with_payment, save_with_refund
from shared.clock import local_day, start_of_day
from shared.db import Tx
from shared.errors import Forbidden
from shared.ids import new_id
from shared.tenancy import Caller
from shared.vocabulary import PaymentState


async def record_payment(tx: Tx, command: RecordPayment, caller: Caller) -> View:
    """Records money that came in, once per `external_id` in the tenant. An accountant's counts at
    once; others' is claimed where the company requires confirmation.

    Raises `NotFound`, `Forbidden`, `DuplicatePayment`, and what `payments.record_payment` raises.
    """
    locked = _opened(
        await locking.lock_for_payment(tx, command.activity_id, command.external_id), tx, caller
    )
    paid_at, paid_on = _paid(command.paid_at, locked.time_zone, tx.now)
    payments.require_sane_day(paid_on, local_day(tx.now, locked.time_zone))
    payment = Payment(
        new_id(),
        command.amount,
        command.invoice_id,
        paid_at,
        command.external_id,
        _state(locked, caller),
        paid_on,
        caller.employee_id,
    )
    events = payments.record_payment(
        locked.activity, payment, locked.room_settings, locked.won_before, tx.now
    )
    repeated = _sent_before("payment_id", locked.activity.trade.payments, payment)
    return await save_activity(tx, locked, events, caller, save_with_payment, repeated)


async def confirm_payment(tx: Tx, command: ConfirmPayment, caller: Caller) -> View:
    """Confirms that claimed money came.

    Raises `NotFound`, `Forbidden`, and what `payments.confirm_payment` raises.
    """
    caller.require("accountant")
    locked = await lock_activity(tx, command.activity_id, caller)
    events = payments.confirm_payment(
        locked.activity, command.payment_id, locked.room_settings, locked.won_before, tx.now
    )
    return await save_activity(tx, locked, events, caller, save_with_payment)


async def strike_payment(tx: Tx, command: StrikePayment, caller: Caller) -> View:
    """Strikes out a payment that was entered by mistake. Who entered it may, while it is claimed;
    an accountant may always. What came from outside is not struck out: its match is undone.

    Raises `NotFound`, `Forbidden`, `PaymentIsMatched`, and what `payments.strike_payment` raises.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    payment = payments.find_payment(locked.activity, command.payment_id)
    if not caller.has_any({"accountant"}) and (
        payment.state == "confirmed" or payment.recorded_by != caller.employee_id
    ):
        raise Forbidden("strike_payment")
    if payment.state == "confirmed":
        await _require_unmatched(tx, payment.id)
    events = payments.strike_payment(
        locked.activity, payment.id, command.reason, locked.room_settings, tx.now
    )
    return await save_activity(tx, locked, events, caller, save_with_payment)


async def record_refund(tx: Tx, command: RecordRefund, caller: Caller) -> View:
    """Records money that went back, once per `external_id` in the tenant.

    Raises `NotFound`, `Forbidden`, `DuplicatePayment`, and what `refunds.record_refund` raises.
    """
    locked = _opened(
        await locking.lock_for_refund(tx, command.activity_id, command.external_id), tx, caller
    )
    refund = Refund(
        new_id(),
        command.amount,
        command.payment_id,
        tx.now,
        command.external_id,
        command.product_id,
    )
    events = refunds.record_refund(
        locked.activity, refund, command.reason, locked.room_settings, tx.now
    )
    repeated = _sent_before("refund_id", locked.activity.trade.refunds, refund)
    return await save_activity(tx, locked, events, caller, save_with_refund, repeated)


async def _require_unmatched(tx: Tx, payment_id: UUID) -> None:
    if inbound_payment_id := await find_booked_by(tx, payment_id):
        raise PaymentIsMatched(inbound_payment_id=inbound_payment_id)


def _sent_before(
    name: str, recorded: Iterable[Payment | Refund], transfer: Payment | Refund
) -> dict[str, UUID]:
    """The id of the transfer that came with the same sender's id before, by its `name`."""
    for earlier in recorded:
        if earlier.external_id and earlier.external_id == transfer.external_id:
            return {name: earlier.id}
    return {}


def _opened(locked: LockedActivity, tx: Tx, caller: Caller) -> LockedActivity:
    """The activity as it is now, on which the caller may record money under this sender's id."""
    caller.require_room(locked.activity.room_id, "activity")
    locked = caught_up(locked, tx.now)
    require_recorder(locked.activity, caller)
    if locked.external_id_owner and locked.external_id_owner[0] != locked.activity.id:
        activity_id, room_id = locked.external_id_owner
        visible = {"activity_id": activity_id} if caller.sees_room(room_id) else {}
        raise DuplicatePayment("elsewhere", **visible)
    return locked


def _state(locked: LockedActivity, caller: Caller) -> PaymentState:
    is_trusted = caller.has_any({"accountant"}) or locked.payment_confirmation == "none"
    return "confirmed" if is_trusted else "claimed"


def _paid(entered: datetime | date | None, time_zone: str, now: datetime) -> tuple[datetime, date]:
    """The moment of the payment, UTC, and the company's day of it: now, unless it was said."""
    if isinstance(entered, datetime) or entered is None:
        moment = entered or now
        return moment, local_day(moment, time_zone)
    return start_of_day(entered, time_zone), entered
