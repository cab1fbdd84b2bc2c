"""Statements on second factors, and on which of the tenant's people need one."""

from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    bindparam,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import SECOND_FACTOR, SECURITY_SETTINGS
from shared.db import Tx, compiled
from shared.ids import EmployeeId
from shared.vocabulary import SecondFactorPolicy

_now = func.statement_timestamp()
_is_theirs = (
    SECOND_FACTOR.c.tenant_id == bindparam("of_tenant"),
    SECOND_FACTOR.c.employee_id == bindparam("of_employee"),
)
_get = select(SECOND_FACTOR).where(*_is_theirs)
_GET = compiled(_get)
_LOCK = compiled(_get.with_for_update())
_new = insert(SECOND_FACTOR).values(
    tenant_id=bindparam("tenant_id"),
    employee_id=bindparam("employee_id"),
    secret=bindparam("secret"),
    last_step=0,
    recovery_codes=[],
    created_at=_now,
)
_PUT_PENDING = compiled(
    _new.on_conflict_do_update(
        index_elements=[SECOND_FACTOR.c.tenant_id, SECOND_FACTOR.c.employee_id],
        set_={name: _new.excluded[name] for name in ("secret", "created_at")},
        where=SECOND_FACTOR.c.confirmed_at.is_(None),
    ).returning(SECOND_FACTOR.c.employee_id)
)
_CONFIRM = compiled(
    update(SECOND_FACTOR)
    .where(*_is_theirs)
    .values(
        confirmed_at=_now,
        last_step=bindparam("step", type_=BigInteger),
        recovery_codes=bindparam("codes", type_=ARRAY(LargeBinary)),
    )
)
_USE = compiled(
    update(SECOND_FACTOR)
    .where(*_is_theirs)
    .values(
        last_step=bindparam("step", type_=BigInteger),
        recovery_codes=func.array_remove(
            SECOND_FACTOR.c.recovery_codes, bindparam("used", type_=LargeBinary)
        ),
    )
)
_DELETE = compiled(delete(SECOND_FACTOR).where(*_is_theirs).returning(SECOND_FACTOR.c.employee_id))
_get_policy = select(SECURITY_SETTINGS.c.second_factor, SECURITY_SETTINGS.c.version).where(
    SECURITY_SETTINGS.c.tenant_id == bindparam("tenant_id")
)
_GET_POLICY = compiled(_get_policy)
_LOCK_POLICY = compiled(_get_policy.with_for_update())
# Where the tenant has chosen nothing: but a row to lock.
_CREATE_POLICY = compiled(
    insert(SECURITY_SETTINGS)
    .values(tenant_id=bindparam("tenant_id"), second_factor=literal("nobody"), version=literal(0))
    .on_conflict_do_nothing()
)
_SET_POLICY = compiled(
    update(SECURITY_SETTINGS)
    .where(SECURITY_SETTINGS.c.tenant_id == bindparam("tenant_id"))
    .values(second_factor=bindparam("policy"), version=SECURITY_SETTINGS.c.version + 1)
    .returning(SECURITY_SETTINGS.c.second_factor, SECURITY_SETTINGS.c.version)
)


class Policy(NamedTuple):
    """Who in the tenant needs a second factor; version 0 where the tenant has not chosen."""

    second_factor: SecondFactorPolicy
    version: int


async def get(tx: Tx, employee_id: EmployeeId) -> Any:
    """Somebody's factor, confirmed or not yet."""
    return await tx.row(_GET, of_tenant=tx.tenant_id, of_employee=employee_id)


async def lock(tx: Tx, employee_id: EmployeeId) -> Any:
    """The same, locked, so that a code counts once."""
    return await tx.row(_LOCK, of_tenant=tx.tenant_id, of_employee=employee_id)


async def put_pending(tx: Tx, employee_id: EmployeeId, secret: bytes) -> bool:
    """Stores a factor to be confirmed; False where there is a confirmed one."""
    return await tx.row(_PUT_PENDING, employee_id=employee_id, secret=secret) is not None


async def confirm(tx: Tx, employee_id: EmployeeId, step: int, codes: list[bytes]) -> None:
    await tx.rows(_CONFIRM, of_tenant=tx.tenant_id, of_employee=employee_id, step=step, codes=codes)


async def use(tx: Tx, factor: Any, step: int, recovery_code: bytes | None) -> None:
    """Records that a code counted: its step, or that a recovery code is gone."""
    await tx.rows(
        _USE,
        of_tenant=tx.tenant_id,
        of_employee=factor["employee_id"],
        step=step,
        used=recovery_code,
    )


async def remove(tx: Tx, employee_id: EmployeeId) -> bool:
    """Deletes somebody's factor; False where there is none."""
    row = await tx.row(_DELETE, of_tenant=tx.tenant_id, of_employee=employee_id)
    return row is not None


async def policy(tx: Tx) -> Policy:
    """Who in the tenant needs a second factor; nobody unless the tenant chose."""
    row = await tx.row(_GET_POLICY)
    return Policy(row["second_factor"], row["version"]) if row else Policy("nobody", 0)


async def lock_policy(tx: Tx) -> Policy:
    """The same, locked."""
    await tx.rows(_CREATE_POLICY)
    row = await tx.row(_LOCK_POLICY)
    assert row
    return Policy(row["second_factor"], row["version"])


async def set_policy(tx: Tx, second_factor: str) -> Policy:
    """Writes the locked policy, one version later."""
    row = await tx.row(_SET_POLICY, policy=second_factor)
    assert row
    return Policy(row["second_factor"], row["version"])
