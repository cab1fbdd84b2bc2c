"""Activities under lock: one locking read, whatever the command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from services.activities.domain.absences import Absences
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.vip_hold import VipHold
from services.activities.storage.absences import absences_of, absences_since
from services.activities.storage.mapping import (
    CLIENT_SUMMARY,
    SETTINGS_COLUMNS,
    activity_of,
    client_summary,
    room_settings_of,
)
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, employee, membership
from services.activities.storage.tables.money import payment, refund_external_id
from services.activities.storage.tables.settings import ROOM_SETTINGS, room_settings
from services.activities.storage.tables.vips import vip_holder
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ActivityId, EmployeeId, RoomId
from shared.vocabulary import PaymentConfirmation

_a, _c, _e, _m = activity.c, client.c, employee.c, membership.c
_s, _v, _co = room_settings.c, vip_holder.c, company.c


@dataclass(frozen=True, slots=True)
class LockedActivity:
    """An activity, locked, with what its rules need to know around it.

    `stored` is the activity as its row has it, `activity` as `pending_events` left it: those that
    time or changed room settings have caused since.
    """

    stored: Activity
    activity: Activity
    client: Mapping[str, Any]
    room_settings: RoomSettings
    """As they are for the responsible."""
    time_zone: str
    """The company's, whose days count."""
    payment_confirmation: PaymentConfirmation
    won_before: bool = False
    last_take: datetime | None = None
    vip_hold: VipHold | None = None
    """Of the client, unless its deadline has passed; whether the holder still works in the room
    from which they hold it is to be checked.
    """
    external_id_owner: tuple[ActivityId, RoomId] | None = None
    """The activity, and its room, that has the sender's id which the lock asked for."""
    pending_events: Sequence[DomainEvent] = ()
    taker_absences: Absences | None = None
    """Of the seller for whom it was locked."""


def won_by(company_id: Any, client_id: Any) -> Any:
    """Whether the company has won a sale of the client before, as SQL."""
    other = activity.alias("other")
    return exists(
        select(other.c.id).where(
            other.c.tenant_id == bindparam("tenant_id", type_=Uuid),
            other.c.company_id == company_id,
            other.c.client_id == client_id,
            other.c.status == "won",
        )
    )


_joined = (
    activity.join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id))
    .join(company, and_(_co.tenant_id == _a.tenant_id, _co.id == _a.company_id))
    .outerjoin(
        room_settings,
        and_(
            _s.tenant_id == _a.tenant_id, _s.room_id == _a.room_id, _s.company_id == _a.company_id
        ),
    )
)
_of_vip = and_(
    _v.tenant_id == _a.tenant_id,
    _v.company_id == _a.company_id,
    _v.client_id == _a.client_id,
    or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
)
_vip_hold = (
    _v.responsible_id.label("vip_holder_id"),
    _v.reset_due_at.label("vip_protected_until"),
    _v.room_id.label("vip_room_id"),
)
_joined_for_taking = (
    _joined.join(
        membership,
        and_(
            _m.tenant_id == _a.tenant_id,
            _m.room_id == _a.room_id,
            _m.employee_id == bindparam("employee_id", type_=Uuid),
        ),
    )
    .join(
        employee,
        and_(_e.tenant_id == _m.tenant_id, _e.id == _m.employee_id, _e.active),
    )
    .outerjoin(vip_holder, _of_vip)
)


_ONE = _a.id == bindparam("activity_id", type_=Uuid)
_MANY = _a.id == any_(bindparam("activity_ids", type_=ARRAY(Uuid)))


_before_winning = (
    won_by(_a.company_id, _a.client_id).label("won_before"),
    exists(
        select(_v.vip_id).where(_of_vip, _v.responsible_id.is_not(None)).correlate(activity)
    ).label("client_is_vip"),
)
"""What a win is told by beside the activity."""


def select_locked(
    joined: FromClause = _joined,
    columns: Sequence[Any] = _before_winning,
    of: Sequence[Table] = (activity,),
    which: ColumnElement[bool] = _ONE,
) -> Select[Any]:
    """Reads an activity with `columns` besides its own, its client's, its company's zone and its
    room settings; locks its rows of the tables in `of`. Of `which` there may be many: they are
    locked by their ids.
    """
    return (
        select(
            *activity.c,
            *CLIENT_SUMMARY,
            *SETTINGS_COLUMNS,
            _co.time_zone.label("company_time_zone"),
            _co.payment_confirmation,
            absences_since(_a.responsible_id, _a.progress_at).label("absences"),
            *columns,
        )
        .select_from(joined)
        .where(
            _a.tenant_id == bindparam("tenant_id", type_=Uuid),
            which,
        )
        .order_by(*(() if which is _ONE else (_a.id,)))
        .with_for_update(of=of)
    )


def _locking(
    joined: FromClause, *columns: Any, of: Sequence[Table], which: ColumnElement[bool] = _ONE
) -> Statement:
    inner = select_locked(joined, columns, of, which).subquery("locked")
    # The clock is read above the locks: a command that waited for one must not decide by the time
    # before.
    return compiled(select(func.clock_timestamp().label("now"), inner))


def _locking_for_money(external_ids: Table) -> Statement:
    """As `LOCK`, with the activity that has the sender's id already."""
    owner = activity.alias("owner")
    joined = _joined.outerjoin(
        external_ids,
        and_(
            external_ids.c.tenant_id == _a.tenant_id,
            external_ids.c.external_id == bindparam("external_id", type_=Text),
        ),
    ).outerjoin(
        owner,
        and_(owner.c.tenant_id == _a.tenant_id, owner.c.id == external_ids.c.activity_id),
    )
    owners = (owner.c.id.label("owner_id"), owner.c.room_id.label("owner_room_id"))
    return _locking(joined, *_before_winning, *owners, of=[activity])


LOCK = _locking(_joined, *_before_winning, of=[activity])
LOCK_FOR_PAYMENT = _locking_for_money(payment)
LOCK_FOR_REFUND = _locking_for_money(refund_external_id)
LOCK_FOR_TAKING = _locking(
    _joined_for_taking,
    _m.last_take_at,
    absences_since(_m.employee_id, func.clock_timestamp()).label("taker_absences"),
    *_vip_hold,
    of=[activity, membership],
)
LOCK_MANY_FOR_PAYMENTS = _locking(_joined, *_before_winning, of=[activity], which=_MANY)
LOCK_MANY = _locking(_joined.outerjoin(vip_holder, _of_vip), *_vip_hold, of=[activity], which=_MANY)


async def lock(tx: Tx, activity_id: ActivityId) -> LockedActivity:
    """The activity, locked until the transaction ends. Raises `NotFound`."""
    return locked_activity(tx, await locked_row(tx, LOCK, activity_id=activity_id))


async def lock_for_payment(
    tx: Tx, activity_id: ActivityId, external_id: str | None
) -> LockedActivity:
    """As `lock`, with the owner of the sender's id of a payment. Raises `NotFound`."""
    row = await locked_row(tx, LOCK_FOR_PAYMENT, activity_id=activity_id, external_id=external_id)
    return locked_activity(tx, row)


async def lock_for_refund(
    tx: Tx, activity_id: ActivityId, external_id: str | None
) -> LockedActivity:
    """As `lock`, with the owner of the sender's id of a refund. Raises `NotFound`."""
    row = await locked_row(tx, LOCK_FOR_REFUND, activity_id=activity_id, external_id=external_id)
    return locked_activity(tx, row)


async def lock_for_taking(tx: Tx, activity_id: ActivityId, seller: EmployeeId) -> LockedActivity:
    """The activity and the seller's cooldown in its room, both locked.

    Raises `NotFound`, also where the seller does not work in the room.
    """
    row = await locked_row(tx, LOCK_FOR_TAKING, activity_id=activity_id, employee_id=seller)
    return locked_activity(tx, row)


async def locked_row(tx: Tx, statement: Statement, **values: Any) -> Row | None:
    """The locked row, joined to what it has now.

    Who waited for a merge or a move finds the row joined to the client or the room that it had
    before: no row at all, or one without settings. A second look joins it anew.
    """
    row = await tx.row(statement, **values)
    return await tx.row(statement, **values) if is_outdated(row) else row


def is_outdated(row: Row | None) -> bool:
    """Whether a locked row may be joined to what it no longer has."""
    return row is None or row[ROOM_SETTINGS[0]] is None


async def lock_many(tx: Tx, activity_ids: Sequence[ActivityId]) -> list[LockedActivity]:
    """The activities, locked in the order of their ids; those that are not there are left out."""
    return await _lock_all(tx, LOCK_MANY, activity_ids)


async def lock_many_for_payments(
    tx: Tx, activity_ids: Sequence[ActivityId]
) -> list[LockedActivity]:
    """As `lock_many`, with whether their clients bought of their companies before."""
    return await _lock_all(tx, LOCK_MANY_FOR_PAYMENTS, activity_ids)


async def _lock_all(
    tx: Tx, statement: Statement, activity_ids: Sequence[ActivityId]
) -> list[LockedActivity]:
    if not activity_ids:
        return []
    rows = await tx.rows(statement, activity_ids=list(activity_ids))
    if len(rows) < len(activity_ids) or any(map(is_outdated, rows)):
        rows = await tx.rows(statement, activity_ids=list(activity_ids))
    return [locked_activity(tx, row) for row in rows]


def locked_activity(tx: Tx, row: Mapping[str, Any] | None) -> LockedActivity:
    """The activity in a row of a locking statement. Raises `NotFound` where there is none."""
    if row is None:
        raise NotFound("activity")
    tx.at(row["now"])
    stored, holder_id, owner_id = _stored(row), row.get("vip_holder_id"), row.get("owner_id")
    time_zone = row["company_time_zone"]
    return LockedActivity(
        stored=stored,
        activity=stored,
        client=client_summary(row),
        room_settings=room_settings_of(row).of_seller(absences_of(row["absences"], time_zone)),
        time_zone=time_zone,
        payment_confirmation=row["payment_confirmation"],
        won_before=row.get("won_before", False),
        last_take=row.get("last_take_at"),
        vip_hold=VipHold(holder_id, row["vip_protected_until"], row["vip_room_id"])
        if holder_id
        else None,
        external_id_owner=(owner_id, row["owner_room_id"]) if owner_id else None,
        taker_absences=absences_of(row.get("taker_absences"), time_zone),
    )


def _stored(row: Mapping[str, Any]) -> Activity:
    """The activity, of a client who is a VIP now or was so at the win."""
    stored = activity_of(row)
    if stored.status == "won" or "client_is_vip" not in row:
        return stored
    return replace(stored, vip=row["client_is_vip"])
