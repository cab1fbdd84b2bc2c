"""Statements on the OpenID providers of tenants, and on whose account is whose there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage import second_factors
from services.gateway.storage.tables import OIDC_LINK, OIDC_PROVIDER
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import EmployeeId

_get = select(OIDC_PROVIDER).where(OIDC_PROVIDER.c.tenant_id == bindparam("tenant_id"))
_GET = compiled(_get)
_LOCK = compiled(_get.with_for_update())
_new = insert(OIDC_PROVIDER).values(
    {column.name: bindparam(column.name, type_=column.type) for column in OIDC_PROVIDER.c}
)
_PUT = compiled(
    _new.on_conflict_do_update(
        index_elements=[OIDC_PROVIDER.c.tenant_id],
        set_={
            column.name: _new.excluded[column.name]
            for column in OIDC_PROVIDER.c
            if column.name != "tenant_id"
        },
    ).returning(OIDC_PROVIDER)
)
_REMOVE = compiled(
    delete(OIDC_PROVIDER)
    .where(OIDC_PROVIDER.c.tenant_id == bindparam("tenant_id"))
    .returning(OIDC_PROVIDER.c.issuer)
)
_REMOVE_LINKS = compiled(delete(OIDC_LINK).where(OIDC_LINK.c.tenant_id == bindparam("tenant_id")))
_LINKED = compiled(
    select(OIDC_LINK.c.employee_id).where(
        OIDC_LINK.c.tenant_id == bindparam("tenant_id"),
        OIDC_LINK.c.issuer == bindparam("issuer"),
        OIDC_LINK.c.subject == bindparam("subject"),
    )
)
_LINK = compiled(
    insert(OIDC_LINK)
    .values({column.name: bindparam(column.name) for column in OIDC_LINK.c})
    .on_conflict_do_nothing()
    .returning(OIDC_LINK.c.employee_id)
)


async def get(tx: Tx) -> Any:
    """The tenant's provider, or None."""
    return await tx.row(_GET)


async def lock(tx: Tx) -> Any:
    """The tenant's provider, or None; until the transaction ends nobody else writes one."""
    await second_factors.lock_policy(tx)
    return await tx.row(_LOCK)


async def put(tx: Tx, provider: Mapping[str, Any], before: Row | None) -> Row:
    """Writes the locked provider, one version later than `before`."""
    # One that was removed and set up again has no version that was seen before.
    now = await tx.read_clock()
    version = before["version"] + 1 if before else int(now.timestamp() * 1000)
    row = await tx.row(_PUT, **provider, version=version)
    assert row
    return row


async def remove(tx: Tx) -> bool:
    """Deletes the tenant's provider with its links; False where there is none."""
    await tx.rows(_REMOVE_LINKS)
    return await tx.row(_REMOVE) is not None


async def linked(tx: Tx, issuer: str, subject: str) -> EmployeeId | None:
    """Whose account a subject of the provider is."""
    row = await tx.row(_LINKED, issuer=issuer, subject=subject)
    return EmployeeId(UUID(str(row["employee_id"]))) if row else None


async def link(tx: Tx, issuer: str, subject: str, employee_id: EmployeeId) -> bool:
    """Makes an account that subject's; False where it is another's."""
    row = await tx.row(_LINK, issuer=issuer, subject=subject, employee_id=employee_id)
    return row is not None
