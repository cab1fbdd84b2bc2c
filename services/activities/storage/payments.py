"""Payments beside the trade of their activity, and the senders' ids, each once in the tenant; both
are written in the statement that writes the activity.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.trade import Payment, Refund
from services.activities.storage import activities
from services.activities.storage.tables.money import payment, refund_external_id
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import EmployeeId

_new_payment = insert(payment).values(
    {
        column.name: bindparam(
            "tenant_id" if column.name == "tenant_id" else f"payment_{column.name}",
            type_=column.type,
        )
        for column in payment.c
    }
)
# One that was recorded before payments were kept here is added by what happens to it next.
_KEEP_PAYMENT = _new_payment.on_conflict_do_update(
    index_elements=["tenant_id", "id"],
    set_={
        name: _new_payment.excluded[name] for name in ("state", "external_id", "paid_at", "paid_on")
    },
)
_CLAIM_EXTERNAL_ID = insert(refund_external_id).values(
    {
        "tenant_id": bindparam("tenant_id", type_=refund_external_id.c.tenant_id.type),
        "external_id": bindparam("external_id", type_=refund_external_id.c.external_id.type),
        "activity_id": bindparam("activity_id", type_=refund_external_id.c.activity_id.type),
    }
)
_STRIKE_REFUND = (
    update(payment)
    .where(
        payment.c.tenant_id == bindparam("tenant_id", type_=payment.c.tenant_id.type),
        payment.c.id == bindparam("refund_id", type_=payment.c.id.type),
    )
    .values(state="struck")
)
_FREE_EXTERNAL_ID = delete(refund_external_id).where(
    refund_external_id.c.tenant_id == bindparam("tenant_id", type_=payment.c.tenant_id.type),
    refund_external_id.c.external_id == bindparam("external_id", type_=Text),
)

_BY_EXTERNAL_IDS = compiled(
    select(payment).where(
        payment.c.tenant_id == bindparam("tenant_id", type_=payment.c.tenant_id.type),
        payment.c.external_id == any_(bindparam("external_ids", type_=ARRAY(Text))),
    )
)


async def find_by_external_ids(tx: Tx, external_ids: Sequence[str]) -> list[Row]:
    """The payments that are recorded under the senders' ids."""
    return await tx.rows(_BY_EXTERNAL_IDS, external_ids=list(external_ids))


async def save_with_payment(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """Writes the events of a locked activity, and the payment that they record, confirm or strike
    out. A sender's id that somebody else used at this moment shows as the transaction ends.
    """
    after = events[-1].after
    stored_payments = set(stored.trade.payments)
    changed = next(payment for payment in after.trade.payments if payment not in stored_payments)
    values = _payment_values(tx, after, changed)
    await activities.save(tx, stored, events, by, _KEEP_PAYMENT, **values)


async def save_with_refund(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """Writes the events of a locked activity, their refund as a payment with a minus, and its
    sender's id.
    """
    after = events[-1].after
    refund = after.trade.refunds[-1]
    values, others = _refund_values(tx, after, refund, by), [_KEEP_PAYMENT]
    if refund.external_id is not None:
        others.append(_CLAIM_EXTERNAL_ID)
        values["external_id"] = refund.external_id
    await activities.save(tx, stored, events, by, *others, **values)


async def save_without_refund(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """Writes the events of a locked activity from which a refund was struck out; its sender's id is
    free again.
    """
    left = {refund.id for refund in events[-1].after.trade.refunds}
    struck = next(refund for refund in stored.trade.refunds if refund.id not in left)
    values = {"refund_id": struck.id, "external_id": struck.external_id}
    others = (_STRIKE_REFUND, _FREE_EXTERNAL_ID)
    await activities.save(tx, stored, events, by, *others, **values)


def _refund_values(
    tx: Tx, activity: Activity, refund: Refund, by: EmployeeId | None
) -> dict[str, Any]:
    """Its sender's id is unique among those of refunds, and so stands with them."""
    return {
        "payment_id": refund.id,
        "payment_activity_id": activity.id,
        "payment_company_id": activity.company_id,
        "payment_room_id": activity.room_id,
        "payment_state": "refunded",
        "payment_amount": -refund.amount.amount,
        "payment_currency": refund.amount.currency,
        "payment_invoice_id": None,
        "payment_paid_at": refund.refunded_at,
        "payment_paid_on": None,
        "payment_recorded_at": tx.now,
        "payment_recorded_by": by,
        "payment_external_id": None,
    }


def _payment_values(tx: Tx, activity: Activity, changed: Payment) -> dict[str, Any]:
    """A payment that is struck out gives its sender's id free for the right activity."""
    return {
        "payment_id": changed.id,
        "payment_activity_id": activity.id,
        "payment_company_id": activity.company_id,
        "payment_room_id": activity.room_id,
        "payment_state": changed.state,
        "payment_amount": changed.amount.amount,
        "payment_currency": changed.amount.currency,
        "payment_invoice_id": changed.invoice_id,
        "payment_paid_at": changed.paid_at,
        "payment_paid_on": changed.paid_on,
        "payment_recorded_at": tx.now,
        "payment_recorded_by": changed.recorded_by,
        "payment_external_id": None if changed.state == "struck" else changed.external_id,
    }
