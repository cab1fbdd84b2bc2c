"""Copies of what the activities service owns: the highest version of each is kept."""

from uuid import UUID

from services.vip.domain.progress import reschedule
from services.vip.domain.room_settings import RoomSettings
from services.vip.handlers.publishing import save
from services.vip.storage import directory, repository, tables
from shared.db import Tx
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    EmployeeChanged,
    RoomChanged,
    RoomSettingsChanged,
)
from shared.events.people import PersonDescribed


async def keep_company(tx: Tx, company: CompanyChanged, version: int) -> None:
    await directory.keep(
        tx, tables.company, id=company.company_id, version=version, currency=company.currency
    )


async def keep_room(tx: Tx, room: RoomChanged, version: int) -> None:
    await directory.keep(
        tx, tables.room, id=room.room_id, version=version, company_ids=room.company_ids
    )


async def keep_employee(tx: Tx, one: EmployeeChanged, version: int) -> None:
    values = {"roles": list(one.roles), "room_ids": one.room_ids, "active": one.active}
    await directory.keep(tx, tables.employee, id=one.employee_id, version=version, **values)


async def keep_client(tx: Tx, client: ClientChanged, version: int) -> None:
    await directory.keep(
        tx, tables.client, id=client.client_id, version=version, large=client.large
    )


async def describe_client(tx: Tx, person: PersonDescribed, subject: UUID, version: int) -> None:
    """Remembers a client's name; employees are shown by id."""
    if person.kind == "client":
        await directory.keep(tx, tables.person, id=subject, version=version, name=person.name)


async def forget_person(tx: Tx, subject: UUID) -> None:
    await directory.forget(tx, subject)


async def set_room_settings(tx: Tx, changed: RoomSettingsChanged, version: int) -> None:
    """The company's new numbers for the room: limits bind the next claim, the reset period
    everything held already.
    """
    room_settings = RoomSettings(
        changed.vip_in_development_limit, changed.vip_by_receipts_limit, changed.vip_reset_days
    )
    news = await directory.keep(
        tx,
        tables.room_settings,
        room_id=changed.room_id,
        company_id=changed.company_id,
        version=version,
        in_development_limit=room_settings.in_development_limit,
        by_receipts_limit=room_settings.by_receipts_limit,
        reset_days=room_settings.reset_days,
    )
    if news:
        held = await repository.lock_room(tx, changed.room_id, changed.company_id)
        await save(
            tx,
            [each for vip in held for each in reschedule(vip, room_settings)],
            changed.changed_by,
        )
