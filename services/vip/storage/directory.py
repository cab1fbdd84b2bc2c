"""Replicas of the directory, read together with what a command names."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Table, Text, Uuid, and_, bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.room_settings import DEFAULTS, ResetNotice, RoomSettings
from services.vip.storage.tables import client, company, employee, person, room, room_settings
from shared.db import Tx, compiled
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId
from shared.membership import sells_in, works_in

ERASED_VERSION = 2**62
"""Above every version of a description."""
_CHOSEN = ("warn_before_hours", "receipts_days")
_tenant_id = bindparam("tenant_id", type_=Uuid)


@dataclass(frozen=True, slots=True)
class ClaimReplicas:
    """What a claim names, as far as it is known here; None where it is not."""

    currency: str | None
    company_ids: list[CompanyId] | None
    client_exists: bool


def _by(table: Table, **ids: str) -> Any:
    return and_(
        table.c.tenant_id == _tenant_id,
        *(table.c[name] == bindparam(value, type_=Uuid) for name, value in ids.items()),
    )


_one_row = select(_tenant_id.label("tenant_id")).subquery("one_row")
CLAIM_REPLICAS = compiled(
    select(company.c.currency, room.c.company_ids, client.c.id.label("client_id")).select_from(
        _one_row.outerjoin(company, _by(company, id="company_id"))
        .outerjoin(room, _by(room, id="room_id"))
        .outerjoin(client, _by(client, id="client_id"))
    )
)
_settings = select(room_settings).where(
    _by(room_settings, room_id="room_id", company_id="company_id")
)
SETTINGS = compiled(_settings)
# Whoever is about to hold a VIP keeps the settings from changing until it is there to be realigned.
HOLD_SETTINGS = compiled(_settings.with_for_update(read=True))
# Where the company has set none: nothing but a row to hold.
CREATE_SETTINGS = compiled(
    insert(room_settings)
    .values({column.name: bindparam(column.name, type_=column.type) for column in room_settings.c})
    .on_conflict_do_nothing()
)
EMPLOYEE = compiled(select(employee).where(_by(employee, id="employee_id")))
CLIENT_ROOMS = compiled(select(client.c.room_ids).where(_by(client, id="client_id")))
# The row stays: an older description that comes again finds a later version.
FORGET = compiled(
    update(person)
    .where(_by(person, id="subject"))
    .values(name=literal("", Text), version=literal(ERASED_VERSION, BigInteger))
)


async def find_claim_replicas(
    tx: Tx, room_id: RoomId, company_id: CompanyId, client_id: ClientId
) -> ClaimReplicas:
    """What is known of the three."""
    row = await tx.row(CLAIM_REPLICAS, room_id=room_id, company_id=company_id, client_id=client_id)
    assert row is not None
    return ClaimReplicas(row["currency"], row["company_ids"], row["client_id"] is not None)


async def hold_settings(tx: Tx, room_id: RoomId, company_id: CompanyId) -> RoomSettings | None:
    """What the company set for the room, or the defaults, as it is until the transaction ends; None
    where nothing is known of it.
    """
    row = await tx.row(HOLD_SETTINGS, room_id=room_id, company_id=company_id)
    return _room_settings(row) if row else None


async def hold_default_settings(tx: Tx, room_id: RoomId, company_id: CompanyId) -> RoomSettings:
    """The same, where nothing was known of it."""
    await tx.rows(
        CREATE_SETTINGS,
        room_id=room_id,
        company_id=company_id,
        version=0,
        **asdict(DEFAULTS),
    )
    room_settings = await hold_settings(tx, room_id, company_id)
    assert room_settings
    return room_settings


async def find_settings(tx: Tx, room_id: RoomId, company_id: CompanyId) -> RoomSettings:
    """What the company set for the room, or the defaults."""
    row = await tx.row(SETTINGS, room_id=room_id, company_id=company_id)
    return _room_settings(row) if row else DEFAULTS


def _room_settings(row: Mapping[str, Any]) -> RoomSettings:
    if row["version"] == 0:
        return DEFAULTS
    stored = row["reset_notices"]
    notices = tuple(_reset_notice(notice) for notice in stored) if stored else ()
    numbers = row["in_development_limit"], row["by_receipts_limit"], row["reset_days"]
    chosen = {name: row[name] for name in _CHOSEN if row[name] is not None}
    return RoomSettings(*numbers, notices, **chosen)


def _reset_notice(stored: Mapping[str, Any]) -> ResetNotice:
    return ResetNotice(stored["reset_days"], datetime.fromisoformat(stored["until"]))


async def room_of_seller(
    tx: Tx, employee_id: EmployeeId, room_ids: Sequence[RoomId]
) -> RoomId | None:
    """The first of the rooms in which the employee sells, as far as is known here."""
    row = await tx.row(EMPLOYEE, employee_id=employee_id)
    if row is None:
        return None
    roles, own, headed = row["roles"], row["room_ids"], row["headed_room_ids"]
    return next(
        (room for room in room_ids if sells_in(roles, own, row["active"], room, headed)), None
    )


async def works(tx: Tx, employee_id: EmployeeId, room_id: RoomId) -> bool | None:
    """Whether the employee works in the room; None where the employee is not known here."""
    row = await tx.row(EMPLOYEE, employee_id=employee_id)
    return works_in(row["room_ids"], row["active"], room_id) if row else None


async def find_rooms_of_client(tx: Tx, client_id: ClientId) -> Sequence[RoomId] | None:
    """As `rooms_of_client`; None where the client is not known here."""
    row = await tx.row(CLIENT_ROOMS, client_id=client_id)
    return (row["room_ids"] or ()) if row else None


async def rooms_of_client(tx: Tx, client_id: ClientId) -> Sequence[RoomId]:
    """The rooms whose people have entered the client, as far as is known here."""
    row = await tx.row(CLIENT_ROOMS, client_id=client_id)
    return sorted(row["room_ids"] or ()) if row else []


async def forget_person(tx: Tx, subject: UUID) -> None:
    """Erases what identified a client."""
    await tx.rows(FORGET, subject=subject)
