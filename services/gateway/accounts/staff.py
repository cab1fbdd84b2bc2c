"""Accounts of employees: made and changed with the directory that owns the employees, and repaired
by its events.

An account is pending, and nobody can use it, until the directory has accepted the employee. A
gateway that dies in between leaves a pending account, which the employee's events complete if there
is an employee, and whose e-mail is given to others again if there is none.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.gateway.errors import EmailTaken
from services.gateway.storage import accounts, api_keys, logins, refresh_tokens
from shared.db import Database, Tx
from shared.idempotency import KeyReused
from shared.ids import EmployeeId, TenantId
from shared.text import Email

# Above every version of a description that comes late.
ERASED_VERSION = 2**62


async def reserve(
    database: Database,
    tenant_id: TenantId,
    employee_id: EmployeeId,
    email: Email,
    name: str,
    password_hash: str | None,
    command: str | None,
) -> tuple[TenantId, EmployeeId]:
    """Reserves `email` and adds a pending account; a repeated `command` gets the same ids.

    A command is `key:body`, digests both. Raises `EmailTaken`, or `KeyReused` where the key came
    with another body.
    """
    async with database.begin_for(tenant_id) as tx:
        login = await logins.find(tx, email)
        if login and command and login["command"]:
            if login["command"] == command:
                return TenantId(login["tenant_id"]), EmployeeId(login["employee_id"])
            if login["command"].partition(":")[0] == command.partition(":")[0]:
                raise KeyReused
        if not await logins.reserve(tx, email, employee_id, command):
            raise EmailTaken
        await accounts.add_pending(tx, employee_id, email, name, password_hash)
    return tenant_id, employee_id


async def reserve_change(
    database: Database, tenant_id: TenantId, employee_id: EmployeeId, email: Email
) -> None:
    """Reserves a new e-mail for an employee who has an account. Raises `EmailTaken`."""
    async with database.begin_for(tenant_id) as tx:
        login = await logins.find(tx, email)
        owner = login and (login["tenant_id"], login["employee_id"])
        if owner == (tenant_id, employee_id):
            return
        if not await logins.reserve(tx, email, employee_id, None):
            raise EmailTaken


async def release(
    database: Database, tenant_id: TenantId, employee_id: EmployeeId, email: str
) -> None:
    """Undoes a reservation that the directory refused: e-mail and pending account are gone."""
    async with database.begin_for(tenant_id) as tx:
        await logins.delete_reserved(tx, email, employee_id)
        await accounts.delete_pending(tx, employee_id)


async def apply_view(
    database: Database,
    tenant_id: TenantId,
    view: Mapping[str, Any],
    *,
    password_hash: str | None = None,
    email: str | None = None,
) -> None:
    """Applies the directory's view of an employee at once; its events say the same later."""
    employee_id = EmployeeId(UUID(str(view["id"])))
    version = int(view["version"])
    rooms = [UUID(str(room_id)) for room_id in view["room_ids"]]
    async with database.begin_for(tenant_id) as tx:
        await accounts.upsert_employee(
            tx, employee_id, list(view["roles"]), rooms, bool(view["active"]), version
        )
        address = view.get("email") or email
        emails = [address] if address else []
        await apply_person(tx, employee_id, str(view["name"]), emails, version)
        if password_hash:
            await accounts.set_password(tx, employee_id, password_hash)
        if not view["active"] or "admin" not in view["roles"]:
            await api_keys.end_of_owner(tx, employee_id)
        if password_hash or not view["active"]:
            await refresh_tokens.revoke_all(tx, employee_id)


async def apply_person(
    tx: Tx, employee_id: EmployeeId, name: str, emails: list[str], version: int
) -> None:
    """Sets name and log-in, unless a later version has set them."""
    email = emails[0].strip().lower() if emails else None
    if await accounts.upsert_person(tx, employee_id, name, email, version):
        await logins.replace(tx, email, employee_id)


async def erase(tx: Tx, employee_id: EmployeeId) -> None:
    """Erases a person: no log-in is left, and nothing here says who it was."""
    row = await accounts.get(tx, employee_id)
    if row is None:
        return
    await accounts.upsert_person(tx, employee_id, "", None, ERASED_VERSION)
    await logins.replace(tx, None, employee_id)
    await accounts.set_password(tx, employee_id, None)
    await refresh_tokens.revoke_all(tx, employee_id)
