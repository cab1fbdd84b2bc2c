"""Activities as commands write them: one statement, whatever the command."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, insert, select, update

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.storage.mapping import plain, row_of
from services.activities.storage.tables.activities import activity, activity_entry
from services.activities.storage.tables.directory import membership
from services.activities.storage.tables.money import payment
from shared.db import BulkRows, Tx, writing
from shared.ids import EmployeeId

_a, _m = activity.c, membership.c
_STATE = [column.name for column in activity.c if column.name not in ("tenant_id", "version")]
_CHANGING = [
    name
    for name in _STATE
    if name
    not in (
        "id",
        "company_id",
        "room_id",
        "source_id",
        "source_kind",
        "currency",
        "created_at",
        "created_by",
    )
]

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
_UPDATE = (
    update(activity)
    .where(
        _a.tenant_id == bindparam("tenant_id", type_=Uuid),
        _a.id == bindparam("activity_id", type_=Uuid),
        _a.version == bindparam("read_version", type_=BigInteger),
    )
    .values(
        {
            "version": bindparam("new_version", type_=BigInteger),
            **{name: bindparam(f"new_{name}", type_=_a[name].type) for name in _CHANGING},
        }
    )
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
_INSERT = insert(activity).values(
    {
        "tenant_id": bindparam("tenant_id", type_=Uuid),
        "version": bindparam("new_version", type_=BigInteger),
        **{name: bindparam(f"new_{name}", type_=_a[name].type) for name in _STATE},
    }
)

_UPDATE_MOVED = _UPDATE.values(room_id=bindparam("new_room_id", type_=Uuid))
_p = payment.c
_MOVE_PAYMENTS = (
    update(payment)
    .where(
        _p.tenant_id == bindparam("tenant_id", type_=Uuid),
        _p.id == any_(bindparam("payment_ids", type_=ARRAY(Uuid))),
    )
    .values(room_id=bindparam("new_room_id", type_=Uuid))
)

WRITE = (_UPDATE, _ADD_ENTRIES)
"""What every command on an activity writes."""
SAVE = writing(*WRITE)
SAVE_MOVED = writing(_UPDATE_MOVED, _ADD_ENTRIES, _MOVE_PAYMENTS)
SAVE_TAKEN = writing(*WRITE, _START_COOLDOWN)
INSERT = writing(_INSERT, _ADD_ENTRIES)
INSERT_TAKEN = writing(_INSERT, _ADD_ENTRIES, _START_COOLDOWN)


async def save(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """Writes the events of a locked activity: its row, its timeline."""
    await tx.save(SAVE, read_version=stored.version, **written_values(tx, events, by))


async def save_moved(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """As `save`; the activity's room is another, and that of its payments and refunds with it."""
    payment_ids = [payment.id for payment in stored.trade.payments]
    payment_ids += [refund.id for refund in stored.trade.refunds]
    await tx.save(
        SAVE_MOVED,
        read_version=stored.version,
        payment_ids=payment_ids,
        **written_values(tx, events, by),
    )


async def save_taken(
    tx: Tx, stored: Activity, events: Sequence[DomainEvent], by: EmployeeId
) -> None:
    """As `save`; the seller's cooldown starts."""
    await tx.save(
        SAVE_TAKEN,
        read_version=stored.version,
        employee_id=by,
        taken_at=tx.now,
        **written_values(tx, events, by),
    )


async def insert_new(tx: Tx, events: Sequence[DomainEvent], by: EmployeeId | None) -> None:
    """Writes a new activity."""
    await tx.save(INSERT, **written_values(tx, events, by))


async def insert_taken(tx: Tx, events: Sequence[DomainEvent], by: EmployeeId) -> None:
    """As `insert_new`; the seller's cooldown starts."""
    values = written_values(tx, events, by)
    await tx.save(INSERT_TAKEN, employee_id=by, taken_at=tx.now, **values)


def written_values(tx: Tx, events: Sequence[DomainEvent], by: EmployeeId | None) -> dict[str, Any]:
    """The values of `WRITE`, but for the version that was read."""
    after = events[-1].after
    return {
        **{f"new_{name}": value for name, value in row_of(after).items()},
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
