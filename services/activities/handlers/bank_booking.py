"""Books lines of bank statements as confirmed payments, and takes those back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.activities.domain import payments
from services.activities.domain.bank_line import (
    BankLine,
    LinePart,
    booked,
    find_claim,
    require_lacking,
    require_place,
)
from services.activities.domain.refusals import DuplicatePayment
from services.activities.domain.trade import Payment
from services.activities.handlers.locked import caught_up, lock_activity, save_activity
from services.activities.storage import locking
from services.activities.storage.locking import LockedActivity
from services.activities.storage.payments import save_with_payment
from shared.clock import local_day, start_of_day
from shared.db import Tx
from shared.ids import new_id
from shared.tenancy import Caller


async def book_line(
    tx: Tx, line: BankLine, parts: Sequence[LinePart], caller: Caller, only_if_lacking: bool
) -> BankLine:
    """Records the parts of a locked line as confirmed payments: what its seller had entered is
    confirmed instead. The line as it is then, not written yet.

    With `only_if_lacking` each invoice must still lack the money: a match that was sure is not any
    more where it was paid meanwhile.

    Raises `NotFound`, `InvoiceHasMoney`, `DuplicatePayment`, `Invalid` for the day or the currency.
    """
    recorded = []
    for place, part in enumerate(parts):
        recorded.append(await _book_part(tx, line, part, place, caller, only_if_lacking))
    return booked(line, recorded)


async def _book_part(
    tx: Tx, line: BankLine, part: LinePart, place: int, caller: Caller, only_if_lacking: bool
) -> LinePart:
    external_id = line.external_id(place + 1)
    locked = await locking.lock_for_payment(tx, part.activity_id, external_id)
    locked = caught_up(locked, tx.now)
    activity, settings, won_before = locked.activity, locked.room_settings, locked.won_before
    require_place(activity, line, part, place)
    if only_if_lacking:
        require_lacking(activity, part)
    if locked.external_id_owner and locked.external_id_owner[0] != activity.id:
        raise DuplicatePayment("elsewhere", activity_id=locked.external_id_owner[0])
    if claim := find_claim(activity, part):
        events = payments.confirm_payment(activity, claim.id, settings, won_before, tx.now)
        await save_activity(tx, locked, events, caller, save_with_payment)
        return replace(part, payment_id=claim.id, was_claimed=True)
    payment = _payment_of(line, part, external_id, locked, tx.now, caller)
    events = payments.record_payment(activity, payment, settings, won_before, tx.now)
    await save_activity(tx, locked, events, caller, save_with_payment)
    earlier = payments.find_repeated(activity.trade.payments, payment)
    return replace(part, payment_id=earlier.id if earlier else payment.id)


def _payment_of(
    line: BankLine,
    part: LinePart,
    external_id: str,
    locked: LockedActivity,
    now: datetime,
    caller: Caller,
) -> Payment:
    payments.require_sane_day(line.operation_on, local_day(now, locked.time_zone))
    return Payment(
        new_id(),
        part.amount,
        part.invoice_id,
        start_of_day(line.operation_on, locked.time_zone),
        external_id,
        "confirmed",
        line.operation_on,
        caller.employee_id,
    )


async def take_back(tx: Tx, line: BankLine, reason: str, caller: Caller) -> None:
    """Strikes out the payments of a booked line: their timelines say who did it and why.

    Raises `AlreadyRefunded` where part of one went back to the client.
    """
    for part in line.parts:
        if part.payment_id is None:
            continue
        locked = await lock_activity(tx, part.activity_id, caller)
        events = payments.strike_payment(
            locked.activity, part.payment_id, reason, locked.room_settings, tx.now
        )
        await save_activity(tx, locked, events, caller, save_with_payment)
