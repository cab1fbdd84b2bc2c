"""What was decided on payments from outside: their state, what they were booked to, who and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, insert, select, update

from services.activities.storage.mapping import plain
from services.activities.storage.tables.inbound_payments import (
    inbound_payment,
    inbound_payment_booking,
    inbound_payment_entry,
)
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import ActivityId, EmployeeId
from shared.vocabulary import InboundPaymentState, MatchCertainty, PaymentState

_i, _b, _e = inbound_payment.c, inbound_payment_booking.c, inbound_payment_entry.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_decisions = BulkRows(
    "decision", {name: _i[name].type for name in ("id", "version", "state", "certainty")}
)
_d = _decisions.c
_DECIDE = compiled(
    update(inbound_payment)
    .where(_i.tenant_id == _tenant_id, _i.id == _d.id)
    .values(version=_d.version, state=_d.state, certainty=_d.certainty)
)
# Whoever says that a payment is one of its own says that nothing tells it from no other.
_FORGET_DUPLICATE = compiled(
    update(inbound_payment)
    .where(_i.tenant_id == _tenant_id, _i.id == bindparam("id", type_=Uuid))
    .values(fingerprint=None, duplicate_of=None)
)
_entries = BulkRows(
    "entry",
    {
        name: _e[name].type
        for name in ("inbound_payment_id", "version", "who", "what", "details", "note")
    },
)
_ADD_ENTRIES = compiled(
    insert(inbound_payment_entry).from_select(
        ["tenant_id", "at", *_entries.c.keys()],
        select(_tenant_id, bindparam("at", type_=Moment), *_entries.c),
    )
)
_bookings = BulkRows(
    "booking",
    {column.name: column.type for column in _b if column.name not in ("tenant_id", "undone_at")},
)
_ADD_BOOKINGS = compiled(
    insert(inbound_payment_booking).from_select(
        ["tenant_id", *_bookings.c.keys()], select(_tenant_id, *_bookings.c)
    )
)
_of_payments = (
    _b.tenant_id == _tenant_id,
    _b.inbound_payment_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    _b.undone_at.is_(None),
)
_BOOKINGS = compiled(
    select(inbound_payment_booking)
    .where(*_of_payments)
    .order_by(_b.inbound_payment_id, _b.version, _b.position)
)
_END_BOOKINGS = compiled(
    update(inbound_payment_booking)
    .where(*_of_payments)
    .values(undone_at=bindparam("at", type_=Moment))
)
_BOOKED_BY = compiled(
    select(_b.inbound_payment_id).where(
        _b.tenant_id == _tenant_id,
        _b.payment_id == bindparam("payment_id", type_=Uuid),
        _b.undone_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Booking:
    """A share of a payment from outside as an activity has it. `was` is the state of a payment that
    was there before, None for one that the booking made.
    """

    activity_id: ActivityId
    invoice_id: UUID | None
    payment_id: UUID
    amount: Decimal
    was: PaymentState | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the payment in `row`; `what` names it in its history, None where it was only
    looked at.
    """

    row: Row
    state: InboundPaymentState
    certainty: MatchCertainty | None
    what: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    bookings: Sequence[Booking] = ()

    @property
    def version(self) -> int:
        version: int = self.row["version"]
        return version + 1 if self.what else version


async def save_decisions(tx: Tx, decisions: Sequence[Decision], by: EmployeeId | None) -> None:
    """Writes what was decided on locked payments."""
    changed = [
        decision
        for decision in decisions
        if decision.what or decision.certainty != decision.row["certainty"]
    ]
    if not changed:
        return
    await tx.rows(
        _DECIDE,
        **_decisions.of(
            {
                "id": decision.row["id"],
                "version": decision.version,
                "state": decision.state,
                "certainty": decision.certainty,
            }
            for decision in changed
        ),
    )
    if entries := [_entry(decision, by) for decision in changed if decision.what]:
        await tx.rows(_ADD_ENTRIES, at=tx.now, **_entries.of(entries))
    if bookings := [row for decision in changed for row in _booking_rows(decision)]:
        await tx.rows(_ADD_BOOKINGS, **_bookings.of(bookings))


async def forget_duplicate(tx: Tx, inbound_payment_id: UUID) -> None:
    """Makes a locked payment one of its own, whatever other reports look like."""
    await tx.rows(_FORGET_DUPLICATE, id=inbound_payment_id)


async def find_bookings(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    """What the payments are booked to now."""
    return await tx.rows(_BOOKINGS, ids=list(ids))


async def end_bookings(tx: Tx, inbound_payment_id: UUID) -> None:
    """Ends what a locked payment is booked to."""
    await tx.rows(_END_BOOKINGS, ids=[inbound_payment_id], at=tx.now)


async def find_booked_by(tx: Tx, payment_id: UUID) -> UUID | None:
    """The payment from outside that is booked as this payment of a locked activity."""
    row = await tx.row(_BOOKED_BY, payment_id=payment_id)
    return row["inbound_payment_id"] if row else None


def _entry(decision: Decision, by: EmployeeId | None) -> dict[str, Any]:
    return {
        "inbound_payment_id": decision.row["id"],
        "version": decision.version,
        "who": by,
        "what": decision.what,
        "details": plain(decision.details),
        "note": decision.note,
    }


def _booking_rows(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "inbound_payment_id": decision.row["id"],
            "version": decision.version,
            "position": position,
            "activity_id": booking.activity_id,
            "invoice_id": booking.invoice_id,
            "payment_id": booking.payment_id,
            "amount": booking.amount,
            "was": booking.was,
        }
        for position, booking in enumerate(decision.bookings)
    ]
