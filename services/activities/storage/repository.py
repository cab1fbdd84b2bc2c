"""Loading and saving activities: one locking read, one write, whatever the command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.room_settings import RoomSettings
from services.activities.storage.mapping import activity_of, plain, room_settings_of, row_of
from services.activities.storage.tables import (
    ROOM_SETTINGS,
    activity,
    activity_entry,
    client,
    employee,
    membership,
    room_settings,
    vip_holder,
)
from shared.db import BulkRows, Tx, compiled, writing
from shared.errors import NotFound
from shared.ids import ActivityId, EmployeeId

_a, _c, _m, _s, _v = activity.c, client.c, membership.c, room_settings.c, vip_holder.c


@dataclass(frozen=True, slots=True)
class LockedActivity:
    """An activity, locked, with what its rules need to know around it."""

    activity: Activity
    client: Mapping[str, Any]
    room_settings: RoomSettings
    won_before: bool = False
    last_take: datetime | None = None
    vip_holder: EmployeeId | None = None
    """Who holds the client, where their deadline has not passed; whether they work in the room is
    still to be asked.
    """
    pending_events: Sequence[DomainEvent] = ()
    """What happened to it by itself since it was last written: its deadline moved, or passed.

    `activity` is as that left it.
    """
    before: Activity | None = None
    """The activity before that, if anything did."""

    @property
    def written(self) -> Activity:
        """The activity as its row has it."""
        return self.before or self.activity


def won_by(company_id: Any, client_id: Any) -> Any:
    """Whether the client has bought from the company before."""
    other = activity.alias("other")
    return exists(
        select(other.c.id).where(
            other.c.tenant_id == bindparam("tenant_id", type_=Uuid),
            other.c.company_id == company_id,
            other.c.client_id == client_id,
            other.c.status == "won",
        )
    )


def _locking(taking: bool) -> Select[Any]:
    joined = activity.join(
        client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id)
    ).outerjoin(
        room_settings,
        and_(
            _s.tenant_id == _a.tenant_id, _s.room_id == _a.room_id, _s.company_id == _a.company_id
        ),
    )
    columns = [
        *activity.c,
        _c.name.label("client_name"),
        _c.large.label("client_large"),
        *(_s[name] for name in ROOM_SETTINGS),
    ]
    locked = [activity]
    if taking:
        joined = (
            joined.join(
                membership,
                and_(
                    _m.tenant_id == _a.tenant_id,
                    _m.room_id == _a.room_id,
                    _m.employee_id == bindparam("employee_id", type_=Uuid),
                ),
            )
            .join(
                employee,
                and_(
                    employee.c.tenant_id == _m.tenant_id,
                    employee.c.id == _m.employee_id,
                    employee.c.active,
                ),
            )
            .outerjoin(
                vip_holder,
                and_(
                    _v.tenant_id == _a.tenant_id,
                    _v.company_id == _a.company_id,
                    _v.client_id == _a.client_id,
                    or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
                ),
            )
        )
        columns += [_m.last_take_at, _v.responsible_id.label("vip_holder")]
        locked.append(membership)
    else:
        columns.append(won_by(_a.company_id, _a.client_id).label("won_before"))
    inner = (
        select(*columns)
        .select_from(joined)
        .where(
            _a.tenant_id == bindparam("tenant_id", type_=Uuid),
            _a.id == bindparam("activity_id", type_=Uuid),
        )
        .with_for_update(of=locked)
        .subquery("found")
    )
    # The clock is read above the locks: a command that waited for one must not decide by the time
    # before.
    return select(func.clock_timestamp().label("now"), inner)


LOCK = compiled(_locking(taking=False))
LOCK_FOR_TAKING = compiled(_locking(taking=True))

_STATE = [column.name for column in activity.c if column.name not in ("tenant_id", "version")]
_CHANGING = [
    name
    for name in _STATE
    if name
    not in (
        "id",
        "company_id",
        "room_id",
        "client_id",
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
_REMEMBER = insert(activity_entry).from_select(
    ["tenant_id", "activity_id", "at", *_entries.c.keys()],
    select(
        bindparam("tenant_id", type_=Uuid),
        bindparam("activity_id", type_=Uuid),
        bindparam("entry_at", type_=activity_entry.c.at.type),
        *_entries.c,
    ),
)
_CHANGE = (
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
_PACE = (
    update(membership)
    .where(
        _m.tenant_id == bindparam("tenant_id", type_=Uuid),
        _m.employee_id == bindparam("employee_id", type_=Uuid),
        _m.room_id == bindparam("new_room_id", type_=Uuid),
    )
    .values(last_take_at=bindparam("taken_at", type_=_m.last_take_at.type))
)
_ENTER = insert(activity).values(
    {
        "tenant_id": bindparam("tenant_id", type_=Uuid),
        "version": bindparam("new_version", type_=BigInteger),
        **{name: bindparam(f"new_{name}", type_=_a[name].type) for name in _STATE},
    }
)

SAVE = writing(_CHANGE, _REMEMBER)
SAVE_TAKEN = writing(_CHANGE, _REMEMBER, _PACE)
SAVE_NEW = writing(_ENTER, _REMEMBER)


async def lock(tx: Tx, activity_id: ActivityId) -> LockedActivity:
    """The activity, locked until the transaction ends. Raises `NotFound`."""
    return _found(tx, await tx.row(LOCK, activity_id=activity_id))


async def lock_for_taking(tx: Tx, activity_id: ActivityId, seller: EmployeeId) -> LockedActivity:
    """The activity and the seller's pace in its room, both locked.

    Raises `NotFound`, also where the seller does not work in the room.
    """
    return _found(tx, await tx.row(LOCK_FOR_TAKING, activity_id=activity_id, employee_id=seller))


def _found(tx: Tx, row: Mapping[str, Any] | None) -> LockedActivity:
    if row is None:
        raise NotFound("activity")
    tx.at(row["now"])
    return LockedActivity(
        activity=activity_of(row),
        client={
            "id": str(row["client_id"]),
            "name": row["client_name"],
            "large": row["client_large"],
        },
        room_settings=room_settings_of(row),
        won_before=row.get("won_before", False),
        last_take=row.get("last_take_at"),
        vip_holder=row.get("vip_holder"),
    )


async def save(
    tx: Tx, before: Activity, events: Sequence[DomainEvent], by: EmployeeId | None
) -> None:
    """Writes what happened to a locked activity: its row, its timeline."""
    await tx.save(SAVE, read_version=before.version, **_values(tx, events, by))


async def save_taken(
    tx: Tx, before: Activity, events: Sequence[DomainEvent], by: EmployeeId
) -> None:
    """As `save`; the seller's cooldown starts."""
    await tx.save(
        SAVE_TAKEN,
        read_version=before.version,
        employee_id=by,
        taken_at=tx.now,
        **_values(tx, events, by),
    )


async def save_new(tx: Tx, events: Sequence[DomainEvent], by: EmployeeId | None) -> None:
    """Writes a new activity."""
    await tx.save(SAVE_NEW, **_values(tx, events, by))


def _values(tx: Tx, events: Sequence[DomainEvent], by: EmployeeId | None) -> dict[str, Any]:
    after = events[-1].after
    state = {f"new_{name}": value for name, value in row_of(after).items()}
    return {
        **state,
        "activity_id": after.id,
        "entry_at": tx.now,
        **_entries.of(_entry(each, by) for each in events),
    }


def _entry(each: DomainEvent, by: EmployeeId | None) -> dict[str, Any]:
    return {
        "who": None if each.catch_up else by,
        "version": each.after.version,
        "what": each.what,
        "details": plain(each.details),
        "note": each.note,
    }
