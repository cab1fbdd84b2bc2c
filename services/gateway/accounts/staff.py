"""Accounts of employees: entered and changed with the directory that owns the employees, healed by
its facts.

An account is pending, and nobody can use it, until the owner has said yes. A gateway that dies in
between leaves a pending account, which the employee's facts complete if there is an employee, and
whose e-mail is given away again if there is none.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.gateway.errors import DuplicateEmail
from services.gateway.storage import repository, secrets
from shared.db import Database, Tx
from shared.ids import EmployeeId, TenantId
from shared.text import Email


async def reserve(
    database: Database,
    tenant_id: TenantId,
    employee_id: EmployeeId,
    email: Email,
    name: str,
    password_hash: str | None,
    command: str | None,
) -> tuple[TenantId, EmployeeId]:
    """Holds `email` and prepares an account; where the same command did so before, gives the ids it
    chose then.

    Raises `DuplicateEmail`.
    """
    async with database.begin_for(tenant_id) as tx:
        found = await repository.find_login(tx, email)
        if found and command and found["command"] == command:
            return TenantId(found["tenant_id"]), EmployeeId(found["employee_id"])
        if not await repository.reserve_login(tx, email, employee_id, command):
            raise DuplicateEmail
        await repository.add_pending(tx, employee_id, email, name, password_hash)
    return tenant_id, employee_id


async def reserve_change(
    database: Database, tenant_id: TenantId, employee_id: EmployeeId, email: Email
) -> None:
    """Holds a new e-mail for an employee who has an account. Raises `DuplicateEmail`."""
    async with database.begin_for(tenant_id) as tx:
        found = await repository.find_login(tx, email)
        mine = found and (found["tenant_id"], found["employee_id"]) == (tenant_id, employee_id)
        if not mine and not await repository.reserve_login(tx, email, employee_id, None):
            raise DuplicateEmail


async def give_up(
    database: Database, tenant_id: TenantId, employee_id: EmployeeId, email: str
) -> None:
    """The owner refused: the e-mail is free again and a pending account is gone."""
    async with database.begin_for(tenant_id) as tx:
        await repository.forget_reserved(tx, email, employee_id)
        await repository.remove_pending(tx, employee_id)


async def keep_view(
    database: Database,
    tenant_id: TenantId,
    view: Mapping[str, Any],
    *,
    password_hash: str | None = None,
    email: str | None = None,
) -> None:
    """Takes what the directory answered about an employee into the account at once; its facts say
    the same later.
    """
    employee_id = EmployeeId(UUID(str(view["id"])))
    version = int(view["version"])
    async with database.begin_for(tenant_id) as tx:
        await repository.keep_staff(
            tx, employee_id, list(view["roles"]), _rooms(view), bool(view["active"]), version
        )
        address = view.get("email") or email
        await keep_person(tx, employee_id, str(view["name"]), [address] if address else [], version)
        if password_hash:
            await repository.set_password(tx, employee_id, password_hash)
        if password_hash or not view["active"]:
            await secrets.revoke_all(tx, employee_id)


async def keep_person(
    tx: Tx, employee_id: EmployeeId, name: str, emails: list[str], version: int
) -> None:
    """Name and log-in, unless something later is known."""
    email = emails[0].strip().lower() if emails else None
    if await repository.keep_person(tx, employee_id, name, email, version):
        await repository.settle_login(tx, email, employee_id)


async def forget(tx: Tx, employee_id: EmployeeId) -> None:
    """An erased person logs in no more, and nothing here says who it was."""
    row = await repository.account(tx, employee_id)
    if row is None:
        return
    await repository.keep_person(tx, employee_id, "", None, 2**62)
    await repository.settle_login(tx, None, employee_id)
    await repository.set_password(tx, employee_id, None)
    await secrets.revoke_all(tx, employee_id)


def _rooms(view: Mapping[str, Any]) -> list[UUID]:
    return [UUID(str(room_id)) for room_id in view["room_ids"]]
