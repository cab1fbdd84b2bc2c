"""Statements on calendars: their secret addresses, as digests, and what they show."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, LargeBinary, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.notification_tables import (
    AGENDA,
    CALENDAR_FEED,
    FOLLOWED_ACTIVITY,
    FOLLOWED_RENEWAL,
)
from services.gateway.storage.tables import ACCOUNT
from shared.db import Tx, compiled
from shared.db.bulk import BulkRows
from shared.db.tables import Moment
from shared.db.transaction import Row

_c = CALENDAR_FEED.c
_tenant = bindparam("tenant_id", type_=Uuid)
_employee = bindparam("employee_id", type_=Uuid)
_new = insert(CALENDAR_FEED).values(
    tenant_id=_tenant,
    employee_id=_employee,
    secret_hash=bindparam("secret_hash", type_=LargeBinary),
    created_at=bindparam("at", type_=Moment),
)
_REPLACE = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "employee_id"],
        set_={name: _new.excluded[name] for name in ("secret_hash", "created_at")},
    )
)
_of_person = (_c.tenant_id == _tenant, _c.employee_id == _employee)
_GET = compiled(select(_c.created_at).where(*_of_person))
_REMOVE = compiled(delete(CALENDAR_FEED).where(*_of_person).returning(_c.employee_id))
_OWNER = compiled(
    select(ACCOUNT)
    .join(
        CALENDAR_FEED,
        (_c.tenant_id == ACCOUNT.c.tenant_id) & (_c.employee_id == ACCOUNT.c.employee_id),
    )
    .where(
        ACCOUNT.c.tenant_id == _tenant,
        _c.secret_hash == bindparam("secret_hash", type_=LargeBinary),
        ACCOUNT.c.active,
    )
)
_ENTRIES = compiled(
    select(AGENDA)
    .where(AGENDA.c.tenant_id == _tenant, AGENDA.c.employee_id == _employee)
    .order_by(AGENDA.c.subject_id, AGENDA.c.kind)
    .limit(bindparam("limit", type_=BigInteger))
)
_r = FOLLOWED_RENEWAL.c
_RENEWALS = compiled(
    select(FOLLOWED_RENEWAL)
    .join(
        FOLLOWED_ACTIVITY,
        (FOLLOWED_ACTIVITY.c.tenant_id == _r.tenant_id)
        & (FOLLOWED_ACTIVITY.c.activity_id == _r.contract_id),
    )
    .where(
        _r.tenant_id == _tenant,
        FOLLOWED_ACTIVITY.c.status == "won",
        FOLLOWED_ACTIVITY.c.responsible_id == _employee,
        (_r.status == "scheduled")
        | (_r.changed_at > func.clock_timestamp() - func.make_interval(0, 0, 0, 30)),
    )
    .order_by(_r.renewal_id)
    .limit(bindparam("limit", type_=BigInteger))
)
_COLUMNS: dict[str, Any] = {
    "renewal_id": Uuid(),
    "version": BigInteger(),
    "contract_id": Uuid(),
    "room_id": Uuid(),
    "due_on": Date(),
    "status": Text(),
    "changed_at": Moment,
}
_ROWS = BulkRows("item", _COLUMNS)
_new_renewals = insert(FOLLOWED_RENEWAL).from_select(
    ["tenant_id", *_COLUMNS], select(_tenant, *_ROWS.c)
)
_FOLLOW = compiled(
    _new_renewals.on_conflict_do_update(
        index_elements=["tenant_id", "renewal_id"],
        set_={name: _new_renewals.excluded[name] for name in _COLUMNS if name != "renewal_id"},
        where=_r.version < _new_renewals.excluded.version,
    )
)
MOST = 2_000
"""Entries of one calendar, of each sort."""


async def replace_secret(tx: Tx, employee_id: UUID, secret_hash: bytes) -> Any:
    """Makes this the only address of a person's calendar; the moment of it."""
    at = await tx.read_clock()
    await tx.rows(_REPLACE, employee_id=employee_id, secret_hash=secret_hash, at=at)
    return at


async def created_at(tx: Tx, employee_id: UUID) -> Any:
    """When the address of a person's calendar was made; None where there is none."""
    row = await tx.row(_GET, employee_id=employee_id)
    return row["created_at"] if row else None


async def remove(tx: Tx, employee_id: UUID) -> bool:
    """Removes the address; False where there is none."""
    return await tx.row(_REMOVE, employee_id=employee_id) is not None


async def owner_of(tx: Tx, secret_hash: bytes) -> Row | None:
    """The account of whose calendar it is, while they work."""
    return await tx.row(_OWNER, secret_hash=secret_hash)


async def entries_of(tx: Tx, employee_id: UUID) -> list[Row]:
    """What a person has before them, and what was cancelled lately."""
    return await tx.rows(_ENTRIES, employee_id=employee_id, limit=MOST)


async def renewals_of(tx: Tx, employee_id: UUID) -> list[Row]:
    """The renewals of what a person won, and those that ended lately."""
    return await tx.rows(_RENEWALS, employee_id=employee_id, limit=MOST)


async def follow_renewals(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Stores renewals, each once; one that a later version has overtaken changes nothing."""
    if rows:
        await tx.rows(_FOLLOW, **_ROWS.of(rows))
