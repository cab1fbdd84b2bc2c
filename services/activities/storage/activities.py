"""Activities as commands write them: one statement, whatever the command."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, insert, select, update
from sqlalchemy.sql.dml import UpdateBase

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.storage.changed_columns import Columns, changed_columns, first_columns
from services.activities.storage.mapping import new_values_of, plain
from services.activities.storage.tables.activities import activity, activity_entry
from services.activities.storage.tables.directory import membership
from services.activities.storage.tables.money import payment
from shared.db import BulkRows, Statement, Tx, writing
from shared.ids import EmployeeId

_a, _m, _p = activity.c, membership.c, payment.c

_entries = BulkRows(
    "entry",
    {name: activity_entry.c[name].type for name in ("who", "version", "what", "details", "note")},
)
_ADD_ENTRIES = insert(activity_entry).from_select(
    ["tenant_id", "activity_id", "at", *_entries.c.keys()],
    select(
        bindparam("tenant_id", type_=Uuid),
        bindparam("activity_id", type_=Uuid),
        bindparam("entry_at", type_=activity_entry.c.at.type),
        *_entries.c,
    ),
)
_START_COOLDOWN = (
    update(membership)
    .where(
        _m.tenant_id == bindparam("tenant_id", type_=Uuid),
        _m.employee_id == bindparam("employee_id", type_=Uuid),
        _m.room_id == bindparam("new_room_id", type_=Uuid),
    )
    .values(last_take_at=bindparam("taken_at", type_=_m.last_take_at.type))
)
_MOVE_PAYMENTS = (
    update(payment)
    .where(
        _p.tenant_id == bindparam("tenant_id", type_=Uuid),
        _p.id == any_(bindparam("payment_ids", type_=ARRAY(Uuid))),
    )
    .values(room_id=bindparam("new_room_id", type_=Uuid))
)


async def save(
    tx: Tx,
    stored: Activity,
    events: Sequence[DomainEvent],
    by: EmployeeId | None,
    *others: UpdateBase,
    **values: Any,
) -> None:
    """Writes the events of a locked activity: its row, its timeline; `others` in the same
    statement, with their `values`.
    """
    after = events[-1].after
    columns = changed_columns(stored, after)
    await tx.save(
        _changing(columns, others),
        read_version=stored.version,
        **_written_values(tx, columns, events, by),
        **values,
    )


async def save_moved(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """As `save`; the activity's room is another, and that of its payments and refunds with it."""
    payment_ids = [payment.id for payment in stored.trade.payments]
    payment_ids += [refund.id for refund in stored.trade.refunds]
    columns = (*changed_columns(stored, events[-1].after), "room_id")
    await tx.save(
        _changing(columns, (_MOVE_PAYMENTS,)),
        read_version=stored.version,
        payment_ids=payment_ids,
        **_written_values(tx, columns, events, by),
    )


async def save_source(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """As `save`; the activity's source is another."""
    columns = (*changed_columns(stored, events[-1].after), "source_id", "source_kind")
    await tx.save(
        _changing(columns, ()),
        read_version=stored.version,
        **_written_values(tx, columns, events, by),
    )


async def save_taken(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId
) -> None:
    """As `save`; the seller's cooldown starts."""
    taken = {"employee_id": by, "taken_at": tx.now, "new_room_id": stored.room_id}
    await save(tx, stored, events, by, _START_COOLDOWN, **taken)


async def insert_new(
    tx: Tx,
    events: Sequence[DomainEvent],
    by: EmployeeId | None,
    *others: UpdateBase,
    **values: Any,
) -> None:
    """Writes a new activity; `others` as in `save`."""
    columns = first_columns(events[-1].after)
    await tx.save(_adding(columns, others), **_written_values(tx, columns, events, by), **values)


async def insert_taken(tx: Tx, events: Sequence[DomainEvent], by: EmployeeId) -> None:
    """As `insert_new`; the seller's cooldown starts."""
    await insert_new(tx, events, by, _START_COOLDOWN, employee_id=by, taken_at=tx.now)


@lru_cache(maxsize=128)
def _changing(columns: Columns, others: tuple[UpdateBase, ...]) -> Statement:
    values = {name: bindparam(f"new_{name}", type_=_a[name].type) for name in columns}
    change = (
        update(activity)
        .where(
            _a.tenant_id == bindparam("tenant_id", type_=Uuid),
            _a.id == bindparam("activity_id", type_=Uuid),
            _a.version == bindparam("read_version", type_=BigInteger),
        )
        .values(values)
    )
    return writing(change, _ADD_ENTRIES, *others)


@lru_cache(maxsize=32)
def _adding(columns: Columns, others: tuple[UpdateBase, ...]) -> Statement:
    values = {name: bindparam(f"new_{name}", type_=_a[name].type) for name in columns}
    tenant_id = bindparam("tenant_id", type_=Uuid)
    return writing(insert(activity).values(tenant_id=tenant_id, **values), _ADD_ENTRIES, *others)


def _written_values(
    tx: Tx, columns: Columns, events: Sequence[DomainEvent], by: EmployeeId | None
) -> dict[str, Any]:
    after = events[-1].after
    return {
        **new_values_of(after, columns),
        "activity_id": after.id,
        "entry_at": tx.now,
        **_entries.of(_entry(event, by) for event in events),
    }


def _entry(event: DomainEvent, by: EmployeeId | None) -> dict[str, Any]:
    return {
        "who": None if event.catch_up else by,
        "version": event.after.version,
        "what": event.type,
        "details": plain({**event.details, **event.text}),
        "note": event.note,
    }
