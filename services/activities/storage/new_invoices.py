"""Invoices that went out since waiting payments from outside were matched last, and those payments
that they may concern.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.inbound_payments import inbound_payment, matched_invoice
from services.activities.storage.tables.money import invoice_number
from shared.db import Tx, compiled
from shared.ids import lowest_id

SETTLED = timedelta(seconds=60)
"""How long the transaction of an invoice or of a payment may last: what began later may be unseen
yet.
"""
MOST_PAYMENTS = 500
"""Waiting payments that are matched for a batch of invoices; the press that books a statement
matches all of its.
"""

_i, _m, _n = inbound_payment.c, matched_invoice.c, invoice_number.c
_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_waits = (_i.state == "unmatched", _i.version == 1)
# From one tenant with waiting payments to the next, whatever the number of either's payments.
_first = select(_i.tenant_id).where(*_waits).order_by(_i.tenant_id).limit(1).subquery("first")
_waiting = select(_first.c.tenant_id).cte("waiting", recursive=True)
_following = (
    select(_i.tenant_id)
    .where(*_waits, _i.tenant_id > _waiting.c.tenant_id)
    .order_by(_i.tenant_id)
    .limit(1)
    .scalar_subquery()
)
_waiting = _waiting.union_all(select(_following).where(_waiting.c.tenant_id.is_not(None)))
_has_new = exists(
    select(_n.invoice_id).where(_n.tenant_id == _m.tenant_id, _n.invoice_id > _m.last_id)
)
TENANTS_WITH_NEW = compiled(
    select(_waiting.c.tenant_id)
    .select_from(_waiting.outerjoin(matched_invoice, _m.tenant_id == _waiting.c.tenant_id))
    .where(_waiting.c.tenant_id.is_not(None), or_(_m.tenant_id.is_(None), _has_new))
    .limit(_limit)
)
_BEGIN = compiled(
    insert(matched_invoice)
    .values(tenant_id=_tenant_id, last_id=UUID(int=0))
    .on_conflict_do_nothing()
)
_LOCK = compiled(
    select(_m.last_id).where(_m.tenant_id == _tenant_id).with_for_update(skip_locked=True)
)
_SINCE = compiled(
    select(_i.entered_at)
    .where(_i.tenant_id == _tenant_id, _i.state == "unmatched")
    .order_by(_i.id)
    .limit(1)
)
_next = (
    select(_n.invoice_id, _n.activity_id)
    .where(
        _n.tenant_id == _tenant_id,
        _n.invoice_id > bindparam("after", type_=Uuid),
        _n.invoice_id < bindparam("settled", type_=Uuid),
    )
    .order_by(_n.invoice_id)
    .limit(_limit)
    .subquery("next")
)
NEW_INVOICES = compiled(
    select(_next.c.invoice_id, _c.inn)
    .select_from(
        _next.outerjoin(
            activity, (_a.tenant_id == _tenant_id) & (_a.id == _next.c.activity_id)
        ).outerjoin(client, (_c.tenant_id == _a.tenant_id) & (_c.id == _a.client_id))
    )
    .order_by(_next.c.invoice_id)
)
PAYMENTS_OF = compiled(
    select(_i.id)
    .where(
        _i.tenant_id == _tenant_id,
        _i.payer_inn == any_(bindparam("inns", type_=ARRAY(Text))),
        *_waits,
    )
    .order_by(_i.id)
    .limit(MOST_PAYMENTS)
)
_END = compiled(
    insert(matched_invoice)
    .values(tenant_id=_tenant_id, last_id=bindparam("last_id", type_=Uuid))
    .on_conflict_do_update(
        index_elements=["tenant_id"], set_={"last_id": bindparam("last_id", type_=Uuid)}
    )
)


@dataclass(frozen=True, slots=True)
class NewInvoices:
    """How many invoices are looked at, and the waiting payments of their clients."""

    count: int
    payment_ids: Sequence[UUID] = ()


async def take_new(tx: Tx, now: datetime, limit: int) -> NewInvoices:
    """The next invoices that nobody has looked at, up to `limit`, which count as looked at once the
    transaction ends. None where another process looks at the tenant's.
    """
    await tx.rows(_BEGIN)
    mark = await tx.row(_LOCK)
    since = await tx.row(_SINCE)
    if mark is None or since is None:
        return NewInvoices(0)
    settled = lowest_id(now - SETTLED)
    after = max(mark["last_id"], lowest_id(since["entered_at"] - SETTLED))
    rows = await tx.rows(NEW_INVOICES, after=after, settled=settled, limit=limit)
    is_last = len(rows) < limit
    await tx.rows(_END, last_id=max(after, settled) if is_last else rows[-1]["invoice_id"])
    inns = sorted({row["inn"] for row in rows if row["inn"]})
    payments = await tx.rows(PAYMENTS_OF, inns=inns) if inns else []
    return NewInvoices(len(rows), [row["id"] for row in payments])
