"""Employees' events in accounts; they also heal an account whose command ended half-way."""

from uuid import UUID

from services.gateway.accounts import staff
from services.gateway.storage import accounts, api_keys
from shared.db import Tx
from shared.events import Envelope
from shared.events.directory import EmployeeChanged
from shared.events.people import PersonDescribed
from shared.ids import EmployeeId


async def update_employee(tx: Tx, changed: EmployeeChanged, envelope: Envelope) -> None:
    """Roles, rooms, active; who works no more is logged out everywhere.

    An event that a later one has overtaken logs nobody out.
    """
    is_current = await accounts.upsert_employee(
        tx,
        changed.employee_id,
        list(changed.roles),
        list(changed.room_ids),
        None if changed.headed_room_ids is None else list(changed.headed_room_ids),
        changed.active,
        envelope.version,
    )
    if not is_current:
        return
    if not changed.active or "admin" not in changed.roles:
        await api_keys.end_of_owner(tx, changed.employee_id)
    if not changed.active:
        await staff.end_access(tx, changed.employee_id)
    await staff.sync_login(tx, changed.employee_id)


async def update_person(tx: Tx, described: PersonDescribed, envelope: Envelope) -> None:
    """An employee's name and e-mail; clients have no account."""
    if described.kind == "employee":
        await staff.apply_person(
            tx, EmployeeId(envelope.subject), described.name, described.emails, envelope.version
        )


async def forget_person(tx: Tx, subject: UUID) -> None:
    await staff.erase(tx, EmployeeId(subject))
