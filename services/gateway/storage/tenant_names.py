"""Statements on tenants' short names, which people may have to log in with.

They have no row-level security: they are found in any tenant's transaction.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import TENANT_NAME
from shared.db import Tx, compiled

RECLAIMED_AFTER = timedelta(minutes=10)

_now = func.statement_timestamp()
_FIND = compiled(
    select(TENANT_NAME.c.tenant_id).where(
        TENANT_NAME.c.short_name == bindparam("short_name"), TENANT_NAME.c.confirmed
    )
)
_OF = compiled(
    select(TENANT_NAME.c.tenant_id, TENANT_NAME.c.short_name).where(
        TENANT_NAME.c.tenant_id == any_(bindparam("tenant_ids", type_=ARRAY(Uuid)))
    )
)
_reservation = insert(TENANT_NAME).values(
    short_name=bindparam("short_name"),
    tenant_id=bindparam("tenant_id"),
    confirmed=literal(False),
    reserved_at=_now,
)
# A reservation that was never confirmed is taken over after a while.
_RESERVE = compiled(
    _reservation.on_conflict_do_update(
        index_elements=[TENANT_NAME.c.short_name],
        set_={name: _reservation.excluded[name] for name in ("tenant_id", "reserved_at")},
        where=(TENANT_NAME.c.confirmed.is_(False))
        & (TENANT_NAME.c.reserved_at < _now - literal(RECLAIMED_AFTER)),
    ).returning(TENANT_NAME.c.short_name)
)
_CONFIRM = compiled(
    update(TENANT_NAME)
    .where(TENANT_NAME.c.tenant_id == bindparam("of_tenant"))
    .values(confirmed=True)
    .returning(TENANT_NAME.c.short_name)
)
_RELEASE = compiled(
    delete(TENANT_NAME).where(
        TENANT_NAME.c.tenant_id == bindparam("tenant_id"), TENANT_NAME.c.confirmed.is_(False)
    )
)


async def find(tx: Tx, short_name: str) -> UUID | None:
    """The tenant with that short name."""
    row = await tx.row(_FIND, short_name=short_name)
    return row["tenant_id"] if row else None


async def names_of(tx: Tx, tenant_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The short names of tenants."""
    rows: list[Any] = await tx.rows(_OF, tenant_ids=list(tenant_ids))
    return {row["tenant_id"]: row["short_name"] for row in rows}


async def reserve(tx: Tx, short_name: str) -> bool:
    """Reserves a short name for the transaction's tenant; False where another has it."""
    return await tx.row(_RESERVE, short_name=short_name) is not None


async def confirm(tx: Tx) -> str:
    """Makes the tenant's short name its own for good."""
    row = await tx.row(_CONFIRM, of_tenant=tx.tenant_id)
    return str(row["short_name"]) if row else ""


async def release(tx: Tx) -> None:
    """Undoes the tenant's reservation."""
    await tx.rows(_RELEASE)
