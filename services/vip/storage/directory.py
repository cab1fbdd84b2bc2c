"""Copies of the directory: kept at the highest version, read together with what a command names."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Uuid, and_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.room_settings import DEFAULTS, RoomSettings
from services.vip.storage.tables import client, company, employee, person, room, room_settings
from shared.db import Statement, Tx, compiled
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId

_TENANT = bindparam("tenant_id", type_=Uuid)


def keeping(table: Table) -> Statement:
    """Stores a copy of a row of `table` unless a later version is there already; gives a row where
    it was news.
    """
    fresh = insert(table).values(
        {column.name: bindparam(column.name, type_=column.type) for column in table.c}
    )
    rest = [column.name for column in table.c if not column.primary_key]
    newer = fresh.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: fresh.excluded[name] for name in rest},
        where=table.c.version < fresh.excluded.version,
    )
    return compiled(newer.returning(table.c.version))


KEEP = {table: keeping(table) for table in (client, company, employee, person, room, room_settings)}


async def keep(tx: Tx, table: Table, **values: Any) -> bool:
    """Keeps the copy; whether it was news."""
    return await tx.row(KEEP[table], **values) is not None


FORGET = compiled(
    delete(person).where(
        person.c.tenant_id == _TENANT, person.c.id == bindparam("subject", type_=Uuid)
    )
)


async def forget(tx: Tx, subject: UUID) -> None:
    """Erases what identified a client."""
    await tx.rows(FORGET, subject=subject)


@dataclass(frozen=True, slots=True)
class Directory:
    """What a claim names, as far as it is known here; None where it is not."""

    currency: str | None
    company_ids: list[CompanyId] | None
    client_known: bool


def _named(table: Table, **ids: str) -> Any:
    return and_(
        table.c.tenant_id == _TENANT,
        *(table.c[name] == bindparam(value, type_=Uuid) for name, value in ids.items()),
    )


_ONE = select(_TENANT.label("tenant_id")).subquery("one")
NAMED = compiled(
    select(company.c.currency, room.c.company_ids, client.c.id.label("client_id")).select_from(
        _ONE.outerjoin(company, _named(company, id="company_id"))
        .outerjoin(room, _named(room, id="room_id"))
        .outerjoin(client, _named(client, id="client_id"))
    )
)
_settings = select(room_settings).where(
    _named(room_settings, room_id="room_id", company_id="company_id")
)
SETTINGS = compiled(_settings)
# Whoever is about to hold a VIP keeps the numbers from changing until it is there to be
# rescheduled.
HOLD_SETTINGS = compiled(_settings.with_for_update(read=True))
EMPLOYEE = compiled(
    select(employee.c.roles, employee.c.room_ids, employee.c.active).where(
        _named(employee, id="employee_id")
    )
)


async def named(tx: Tx, room_id: RoomId, company_id: CompanyId, client_id: ClientId) -> Directory:
    """What is known of the three."""
    row = await tx.row(NAMED, room_id=room_id, company_id=company_id, client_id=client_id)
    assert row is not None
    return Directory(row["currency"], row["company_ids"], row["client_id"] is not None)


async def find_settings(
    tx: Tx, room_id: RoomId, company_id: CompanyId, hold: bool = False
) -> RoomSettings | None:
    """The numbers that the company set for the room, None where none are known; `hold` keeps them
    as they are until the end.
    """
    row = await tx.row(HOLD_SETTINGS if hold else SETTINGS, room_id=room_id, company_id=company_id)
    return (
        RoomSettings(row["in_development_limit"], row["by_receipts_limit"], row["reset_days"])
        if row
        else None
    )


async def settings_or_defaults(tx: Tx, room_id: RoomId, company_id: CompanyId) -> RoomSettings:
    return await find_settings(tx, room_id, company_id) or DEFAULTS


async def sells_in(tx: Tx, employee_id: EmployeeId, room_id: RoomId) -> bool | None:
    """Whether the employee is an active seller or head of the room; None where they are not known."""
    row = await tx.row(EMPLOYEE, employee_id=employee_id)
    return (
        None
        if row is None
        else bool(
            row["active"] and room_id in row["room_ids"] and {"seller", "head"} & set(row["roles"])
        )
    )
