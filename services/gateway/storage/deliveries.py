"""Statements on deliveries: what is to be sent by a channel, and how it went."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.notification_tables import CHANNEL_FAULT, DELIVERY, NOTIFICATION
from shared.db import Tx, compiled
from shared.db.bulk import BulkRows
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.vocabulary import NotificationChannel

_d = DELIVERY.c
_tenant = bindparam("tenant_id", type_=Uuid)
_of_tenant = bindparam("of_tenant", type_=Uuid)
_now = bindparam("now", type_=Moment)
_limit = bindparam("limit", type_=BigInteger)
_channel = bindparam("channel", type_=Text)
_COLUMNS: dict[str, Any] = {
    "notification_id": Uuid(),
    "channel": Text(),
    "employee_id": Uuid(),
    "due_at": Moment,
}
_NEW = BulkRows("new", _COLUMNS)
_PLAN = compiled(
    insert(DELIVERY)
    .from_select(["tenant_id", *_COLUMNS], select(_tenant, *_NEW.c))
    .on_conflict_do_nothing()
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_d.tenant_id).label("tenant_id"))
    .where(_d.channel == _channel, _d.due_at <= _now)
    .limit(_limit)
)
_LOCK_DUE = compiled(
    select(DELIVERY.c.channel, DELIVERY.c.attempts, NOTIFICATION)
    .join(
        NOTIFICATION,
        (NOTIFICATION.c.tenant_id == _d.tenant_id) & (NOTIFICATION.c.id == _d.notification_id),
    )
    .where(_d.tenant_id == _tenant, _d.channel == _channel, _d.due_at <= _now)
    .order_by(_d.due_at)
    .limit(_limit)
    .with_for_update(skip_locked=True, of=DELIVERY)
)
_of_ids = (
    _d.tenant_id == _of_tenant,
    _d.channel == bindparam("of_channel", type_=Text),
    _d.notification_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
)
_LEASE = compiled(
    update(DELIVERY)
    .where(*_of_ids)
    .values(due_at=bindparam("until", type_=Moment), attempts=_d.attempts + 1)
)
_POSTPONE = compiled(
    update(DELIVERY).where(*_of_ids).values(due_at=bindparam("until", type_=Moment))
)
_SETTLE = compiled(
    update(DELIVERY).where(*_of_ids).values(due_at=None, outcome=bindparam("outcome", type_=Text))
)
_fault = insert(CHANNEL_FAULT).values(
    tenant_id=_tenant,
    employee_id=bindparam("employee_id", type_=Uuid),
    channel=_channel,
    since=_now,
    reason=bindparam("reason", type_=Text),
)
# Since the first of the faults that no success came between.
_ADD_FAULT = compiled(
    _fault.on_conflict_do_update(
        index_elements=["tenant_id", "employee_id", "channel"],
        set_={"reason": _fault.excluded.reason},
    )
)
_f = CHANNEL_FAULT.c
_of_person = (_f.tenant_id == _tenant, _f.employee_id == bindparam("employee_id", type_=Uuid))
_END_FAULT = compiled(delete(CHANNEL_FAULT).where(*_of_person, _f.channel == _channel))
_FAULTS = compiled(select(CHANNEL_FAULT).where(*_of_person).order_by(_f.channel))


async def plan(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Plans deliveries: `notification_id`, `channel`, `employee_id` and `due_at` of each."""
    if rows:
        await tx.rows(_PLAN, **_NEW.of(rows))


async def lock_due(tx: Tx, channel: NotificationChannel, now: datetime, limit: int) -> list[Row]:
    """Notifications that are to be sent by `channel` now, each with its `attempts` so far."""
    return await tx.rows(_LOCK_DUE, channel=channel, now=now, limit=limit)


async def lease(
    tx: Tx, channel: NotificationChannel, ids: Collection[UUID], until: datetime
) -> None:
    """Counts an attempt at each, and keeps others from it until then."""
    if ids:
        await tx.rows(
            _LEASE, of_tenant=tx.tenant_id, of_channel=channel, ids=list(ids), until=until
        )


async def postpone(tx: Tx, channel: NotificationChannel, id_: UUID, until: datetime) -> None:
    """Sends one no earlier than that."""
    await tx.rows(_POSTPONE, of_tenant=tx.tenant_id, of_channel=channel, ids=[id_], until=until)


async def settle(tx: Tx, channel: NotificationChannel, ids: Collection[UUID], outcome: str) -> None:
    """Ends deliveries: `sent`, `failed`, or `dropped` where nobody is to get them any more."""
    if ids:
        await tx.rows(
            _SETTLE, of_tenant=tx.tenant_id, of_channel=channel, ids=list(ids), outcome=outcome
        )


async def add_fault(
    tx: Tx, employee_id: UUID, channel: NotificationChannel, reason: str, now: datetime
) -> None:
    """Notes that a channel fails for a person."""
    await tx.rows(_ADD_FAULT, employee_id=employee_id, channel=channel, reason=reason, now=now)


async def end_fault(tx: Tx, employee_id: UUID, channel: NotificationChannel) -> None:
    """Notes that a channel works for a person."""
    await tx.rows(_END_FAULT, employee_id=employee_id, channel=channel)


async def faults_of(tx: Tx, employee_id: UUID) -> list[Row]:
    """The channels that fail for a person, since when and why."""
    return await tx.rows(_FAULTS, employee_id=employee_id)
