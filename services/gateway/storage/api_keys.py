"""Statements on API keys, whose secrets are stored as digests.

A key is valid until it is revoked, until it expires, and while its owner is an admin who works.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import ACCOUNT, API_KEY
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

USED_AGAIN_AFTER = timedelta(minutes=1)

_now = func.statement_timestamp()
_admin = (
    ACCOUNT.c.active.is_(True),
    literal("admin", Text) == ACCOUNT.c.roles.any_(),
)
_valid = (
    API_KEY.c.revoked_at.is_(None),
    API_KEY.c.expires_at > _now,
    exists().where(
        ACCOUNT.c.tenant_id == API_KEY.c.tenant_id,
        ACCOUNT.c.employee_id == API_KEY.c.owner_id,
        *_admin,
    ),
)
_set_by_us = ("tenant_id", "owner_id", "created_at", "last_used_at", "revoked_at")
_ADD = compiled(
    insert(API_KEY)
    .values(
        tenant_id=bindparam("tenant_id"),
        owner_id=bindparam("created_by"),
        created_at=bindparam("at", type_=Moment),
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in API_KEY.c
            if column.name not in _set_by_us
        },
    )
    .returning(API_KEY)
)
_GET = compiled(
    select(API_KEY, _now.label("now")).where(
        API_KEY.c.tenant_id == bindparam("tenant_id"), API_KEY.c.id == bindparam("id"), *_valid
    )
)
_PAGE = compiled(
    select(API_KEY)
    .where(
        API_KEY.c.tenant_id == bindparam("tenant_id"),
        *_valid,
        or_(
            bindparam("after", type_=Uuid).is_(None), API_KEY.c.id > bindparam("after", type_=Uuid)
        ),
    )
    .order_by(API_KEY.c.id)
    .limit(bindparam("limit"))
)
_changed = update(API_KEY).where(
    API_KEY.c.tenant_id == bindparam("of_tenant"), API_KEY.c.id == bindparam("of_id")
)
_REVOKE = compiled(_changed.where(*_valid).values(revoked_at=_now).returning(API_KEY.c.id))
_HAND_OVER = compiled(
    _changed.where(*_valid).values(owner_id=bindparam("owner")).returning(API_KEY)
)
_MARK_USED = compiled(_changed.values(last_used_at=_now))
_END_OF_OWNER = compiled(
    update(API_KEY)
    .where(
        API_KEY.c.tenant_id == bindparam("of_tenant"),
        API_KEY.c.owner_id == bindparam("owner"),
        API_KEY.c.revoked_at.is_(None),
    )
    .values(revoked_at=_now)
)
_IS_ADMIN = compiled(
    select(ACCOUNT.c.employee_id).where(
        ACCOUNT.c.tenant_id == bindparam("tenant_id"),
        ACCOUNT.c.employee_id == bindparam("employee_id"),
        *_admin,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key to be added."""

    id: UUID
    name: str
    scopes: list[str]
    secret_hash: bytes
    created_by: EmployeeId
    expires_at: datetime
    room_ids: list[UUID]
    addresses: list[str]


async def add(tx: Tx, key: NewApiKey) -> Any:
    """The row of a new key, whose owner is who made it."""
    return await tx.row(_ADD, at=await tx.read_clock(), **asdict(key))


async def get(tx: Tx, id_: UUID) -> Any:
    """A key that is valid, and the database's clock as `now`; or None."""
    return await tx.row(_GET, id=id_)


async def page(tx: Tx, after: UUID | None, limit: int) -> list[Any]:
    """The valid keys after the key `after`, oldest first."""
    return await tx.rows(_PAGE, after=after, limit=limit)


async def mark_used(tx: Tx, key: Any) -> None:
    """Records the use of a key, once a minute."""
    used_at = key["last_used_at"]
    if used_at is None or key["now"] - used_at >= USED_AGAIN_AFTER:
        await tx.rows(_MARK_USED, of_tenant=tx.tenant_id, of_id=key["id"])


async def hand_over(tx: Tx, id_: UUID, owner: EmployeeId) -> Any:
    """Makes somebody the key's owner; None where there is no valid one."""
    return await tx.row(_HAND_OVER, of_tenant=tx.tenant_id, of_id=id_, owner=owner)


async def revoke(tx: Tx, id_: UUID) -> bool:
    """Revokes a key; False where there is no valid one."""
    return await tx.row(_REVOKE, of_tenant=tx.tenant_id, of_id=id_) is not None


async def end_of_owner(tx: Tx, owner: EmployeeId) -> None:
    """Ends for good the keys of somebody who is no admin any more."""
    await tx.rows(_END_OF_OWNER, of_tenant=tx.tenant_id, owner=owner)


async def is_admin(tx: Tx, employee_id: EmployeeId) -> bool:
    """Whether somebody is an admin who works."""
    return await tx.row(_IS_ADMIN, employee_id=employee_id) is not None
