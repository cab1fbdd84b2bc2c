"""Accounts of employees: made and changed with the directory that owns the employees, and repaired
by its events.

An account is pending, and nobody can use it, until the directory has accepted the employee. A
gateway that dies in between leaves a pending account, which the employee's events complete if there
is an employee, and whose e-mail is given to others again if there is none.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.gateway.accounts.secret_commands import SecretCommand
from services.gateway.errors import EmailTaken, ShortNameTaken
from services.gateway.storage import (
    accounts,
    api_keys,
    logins,
    password_links,
    sessions,
    tenant_names,
)
from shared.db import Database, Tx
from shared.idempotency import KeyReused
from shared.ids import EmployeeId, TenantId
from shared.text import Email

NO_TENANT = TenantId(UUID(int=0))
"""Whose transactions see no tenant's rows: for what is known before the tenant is."""
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
) -> EmployeeId:
    """Reserves `email` and adds a pending account; a repeated `command` gets the same id.

    A command is `key:body`, digests both. Raises `EmailTaken`, or `KeyReused` where the key came
    with another body.
    """
    async with database.begin_for(tenant_id) as tx:
        login = await logins.find(tx, email)
        if login and command and login["command"]:
            if login["command"] == command:
                return EmployeeId(login["employee_id"])
            if login["command"].partition(":")[0] == command.partition(":")[0]:
                raise KeyReused
        await _reserve(tx, employee_id, email, name, password_hash, command)
    return employee_id


async def reserve_tenant(
    database: Database,
    tenant_id: TenantId,
    employee_id: EmployeeId,
    email: Email,
    name: str,
    password_hash: str | None,
    short_names: Sequence[str],
) -> None:
    """Reserves the first free one of `short_names`, and the first admin's account; a command that
    is sent again has them already.

    Raises `ShortNameTaken`.
    """
    async with database.begin_for(tenant_id) as tx:
        if await logins.find(tx, email):
            return
        for short_name in short_names:
            if await tenant_names.reserve(tx, short_name):
                break
        else:
            raise ShortNameTaken
        await _reserve(tx, employee_id, email, name, password_hash, None)


async def _reserve(
    tx: Tx,
    employee_id: EmployeeId,
    email: Email,
    name: str,
    password_hash: str | None,
    command: str | None,
) -> None:
    if not await logins.reserve(tx, email, employee_id, command):
        raise EmailTaken
    await accounts.add_pending(tx, employee_id, email, name, password_hash)


async def reserve_change(
    database: Database,
    tenant_id: TenantId,
    employee_id: EmployeeId,
    email: Email | None,
    active: bool | None,
) -> str | None:
    """Reserves the e-mail that an employee will log in with; gives it where it was not theirs yet.

    That is a new one, or the old one of somebody who comes back. Raises `EmailTaken`.
    """
    async with database.begin_for(tenant_id) as tx:
        if email is None:
            account = await accounts.get(tx, employee_id) if active else None
            email = account["email"] if account and not account["active"] else None
        if email is None:
            return None
        login = await logins.find(tx, email)
        if login and login["employee_id"] == employee_id:
            return None
        if not await logins.reserve(tx, email, employee_id, None):
            raise EmailTaken
    return email


async def release(
    database: Database, tenant_id: TenantId, employee_id: EmployeeId, email: str
) -> None:
    """Undoes a reservation that the directory refused: e-mail and pending account are gone."""
    async with database.begin_for(tenant_id) as tx:
        await logins.delete_reserved(tx, email, employee_id)
        await accounts.delete_pending(tx, employee_id)


async def confirm_tenant(database: Database, tenant_id: TenantId) -> str:
    """Gives a tenant that the directory accepted its short name for good."""
    async with database.begin_for(tenant_id) as tx:
        return await tenant_names.confirm(tx)


async def release_tenant(database: Database, tenant_id: TenantId) -> None:
    """Undoes the reservation of a short name for a tenant that the directory refused."""
    async with database.begin_for(tenant_id) as tx:
        await tenant_names.release(tx)


async def apply_view(
    database: Database,
    tenant_id: TenantId,
    view: Mapping[str, Any],
    *,
    password_hash: str | None = None,
    email: str | None = None,
    command: SecretCommand | None = None,
) -> None:
    """Applies the directory's view of an employee at once; its events say the same later.

    A view that a later one has overtaken ends nothing. With `command`, it is remembered as done,
    and where it was done before nothing changes.
    """
    employee_id = EmployeeId(UUID(str(view["id"])))
    version = int(view["version"])
    rooms = [UUID(str(room_id)) for room_id in view["room_ids"]]
    headed = view.get("headed_room_ids")
    headed_rooms = None if headed is None else [UUID(str(room_id)) for room_id in headed]
    async with database.begin_for(tenant_id) as tx:
        if command and not await command.claim(tx):
            return
        is_current = await accounts.upsert_employee(
            tx, employee_id, list(view["roles"]), rooms, headed_rooms, bool(view["active"]), version
        )
        address = view.get("email") or email
        emails = [address] if address else []
        await apply_person(tx, employee_id, str(view["name"]), emails, version)
        if password_hash:
            await set_password(tx, employee_id, password_hash)
        if is_current and (not view["active"] or "admin" not in view["roles"]):
            await api_keys.end_of_owner(tx, employee_id)
        if is_current and not view["active"]:
            await end_access(tx, employee_id)


async def apply_person(
    tx: Tx, employee_id: EmployeeId, name: str, emails: list[str], version: int
) -> None:
    """Sets name and e-mail, unless a later version has set them."""
    email = emails[0].strip().lower() if emails else None
    before = await accounts.get(tx, employee_id)
    applied = await accounts.upsert_person(tx, employee_id, name, email, version)
    if applied and before and before["email"] != email:
        # A link was sent to where the employee is no longer reached.
        await password_links.delete_of(tx, employee_id)
    await sync_login(tx, employee_id)


async def sync_login(tx: Tx, employee_id: EmployeeId) -> None:
    """Gives an employee who works their e-mail to log in with; a leaver's is free again."""
    account = await accounts.get(tx, employee_id)
    works = account is not None and account["active"]
    await logins.replace(tx, account["email"] if works else None, employee_id)


async def set_password(
    tx: Tx, employee_id: EmployeeId, password_hash: str | None, kept: UUID | None = None
) -> None:
    """Sets a password; every session but `kept` ends, and links to choose one are void."""
    await accounts.set_password(tx, employee_id, password_hash)
    await end_access(tx, employee_id, kept)


async def end_access(tx: Tx, employee_id: EmployeeId, kept: UUID | None = None) -> None:
    """Ends every session but `kept`, and voids links to choose a password."""
    await sessions.end_all(tx, employee_id, kept)
    await password_links.delete_of(tx, employee_id)


async def erase(tx: Tx, employee_id: EmployeeId) -> None:
    """Erases a person: no log-in is left, and nothing here says who it was."""
    row = await accounts.get(tx, employee_id)
    if row is None:
        return
    await accounts.upsert_person(tx, employee_id, "", None, ERASED_VERSION)
    await logins.replace(tx, None, employee_id)
    await set_password(tx, employee_id, None)
