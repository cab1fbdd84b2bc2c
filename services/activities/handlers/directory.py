"""Entering and changing the directory: who works where, what is sold, by which numbers."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.activities.domain.room_settings import RoomSettings
from services.activities.storage import directory as stored
from services.activities.storage.directory import (
    COMPANY,
    EMPLOYEE,
    PRODUCT,
    ROOM,
    SOURCE,
    TENANT,
    DirectoryKind,
)
from services.activities.storage.tables import ROOM_SETTINGS
from shared.db import Tx
from shared.errors import Invalid, NotFound
from shared.events.directory import RoomSettingsChanged
from shared.events.people import PersonDescribed
from shared.ids import EmployeeId, TenantId, derived_id, new_id
from shared.membership import sells_in
from shared.tenancy import Caller

Row = Mapping[str, Any]


async def enter(tx: Tx, noun: DirectoryKind, values: Mapping[str, Any]) -> Row:
    """Enters something new and says so; its id may be given."""
    await tx.read_clock()
    row = await tx.row(noun.enter, **{"id": new_id(), "now": tx.now, **values})
    assert row
    tx.publish(noun.fact(row), row["id"], row["version"])
    return row


async def change(tx: Tx, noun: DirectoryKind, id_: UUID, changes: Mapping[str, Any]) -> Row:
    """Changes the fields given; without a difference nothing happens. Raises `NotFound`."""
    before = await tx.row(noun.lock, id=id_)
    if before is None:
        raise NotFound(noun.name)
    tx.at(before["now"])
    if all(before[name] == value for name, value in changes.items()):
        return before
    row = await tx.row(noun.change, **{**dict(before), **changes, "id": id_, "now": tx.now})
    assert row
    tx.publish(noun.fact(row), row["id"], row["version"])
    return row


async def find(tx: Tx, noun: DirectoryKind, id_: UUID, field: str | None = None) -> Row:
    """Raises `NotFound`, naming the `field` that held the id."""
    row = await tx.row(noun.find, id=id_)
    if row is None:
        raise NotFound(noun.name, field)
    return row


async def provision(
    tx: Tx,
    tenant_id: TenantId,
    admin_id: EmployeeId,
    name: str,
    time_zone: str,
    currency: str,
    admin: Row,
) -> Row:
    """A new tenant and its first admin. Repeated for the same ids, it answers what is there."""
    if there := await tx.row(TENANT.find, id=tenant_id):
        return there
    row = await enter(
        tx, TENANT, {"id": tenant_id, "name": name, "time_zone": time_zone, "currency": currency}
    )
    values = {
        "name": admin["name"],
        "email": admin["email"],
        "roles": ["admin"],
        "room_ids": [],
        "personnel_number": None,
        "active": True,
    }
    await enter_employee(tx, {"id": admin_id, **values})
    return row


async def enter_company(tx: Tx, values: Mapping[str, Any]) -> Row:
    """A company; time zone and currency are the tenant's unless given."""
    tenant = await find(tx, TENANT, tx.tenant_id)
    defaults = {"time_zone": tenant["time_zone"], "currency": tenant["currency"]}
    return await enter(
        tx,
        COMPANY,
        {**values, **{name: values.get(name) or default for name, default in defaults.items()}},
    )


async def save_room(tx: Tx, values: Mapping[str, Any], id_: UUID | None = None) -> Row:
    """A room, new or changed, whose companies exist."""
    if "company_ids" in values:
        await _require_known(
            tx, stored.KNOWN_COMPANIES, values["company_ids"], "company", "company_ids"
        )
    return await change(tx, ROOM, id_, values) if id_ else await enter(tx, ROOM, values)


async def enter_employee(tx: Tx, values: Mapping[str, Any]) -> Row:
    """An employee, with a place in each of their rooms.

    Repeated for the same id, it answers what is there.
    """
    if (id_ := values.get("id")) and (there := await tx.row(EMPLOYEE.find, id=id_)):
        return there
    await _require_known(tx, stored.KNOWN_ROOMS, values["room_ids"], "room", "room_ids")
    row = await enter(tx, EMPLOYEE, values)
    await _say_who(tx, row)
    await tx.rows(stored.JOIN_ROOMS, employee_id=row["id"], room_ids=row["room_ids"])
    return row


async def change_employee(tx: Tx, id_: EmployeeId, changes: Mapping[str, Any]) -> Row:
    """Roles, rooms, name or whether they still work.

    Who leaves a room keeps the activities until a head assigns them or they reset.
    """
    if "room_ids" in changes:
        await _require_known(tx, stored.KNOWN_ROOMS, changes["room_ids"], "room", "room_ids")
    row = await change(tx, EMPLOYEE, id_, changes)
    if row["changed_at"] == tx.now:
        await _say_who(tx, row)
    await tx.rows(stored.JOIN_ROOMS, employee_id=id_, room_ids=row["room_ids"])
    await tx.rows(stored.LEAVE_ROOMS, employee_id=id_, room_ids=row["room_ids"])
    return row


async def enter_product(tx: Tx, values: Mapping[str, Any]) -> Row:
    """A product of a company, priced in the company's currency."""
    company = await find(tx, COMPANY, values["company_id"], "company_id")
    _require_currency(company, values["currency"])
    return await enter(tx, PRODUCT, values)


async def change_product(tx: Tx, id_: UUID, changes: Mapping[str, Any]) -> Row:
    """Activities keep the price at which they were registered."""
    if "currency" in changes:
        product = await find(tx, PRODUCT, id_)
        _require_currency(await find(tx, COMPANY, product["company_id"]), changes["currency"])
    return await change(tx, PRODUCT, id_, changes)


async def enter_source(tx: Tx, values: Mapping[str, Any]) -> Row:
    return await enter(tx, SOURCE, values)


async def settings(tx: Tx, room_id: UUID, company_id: UUID) -> Row:
    """The six numbers of a company in a room, defaults where none were set.

    Raises `NotFound` unless the room sells for the company.
    """
    await _require_sells_for(tx, room_id, company_id)
    row = await tx.row(stored.SETTINGS, room_id=room_id, company_id=company_id)
    return (
        row
        if row is not None
        else {"version": 0, **{name: getattr(RoomSettings(), name) for name in ROOM_SETTINGS}}
    )


async def set_settings(
    tx: Tx, room_id: UUID, company_id: UUID, room_settings: Mapping[str, int], caller: Caller
) -> tuple[Row, RoomSettingsChanged]:
    """Sets the six numbers and records who changed what from what.

    Deadlines follow in transactions of their own (`deadlines.realign_deadlines`). Moved in this one
    they would be locked while the numbers change, and a command that waits for such a lock has read
    the numbers before it waited.
    """
    await _require_sells_for(tx, room_id, company_id)
    await tx.read_clock()
    before = await tx.row(stored.SETTINGS_LOCKED, room_id=room_id, company_id=company_id)
    row = await tx.row(stored.SET_SETTINGS, room_id=room_id, company_id=company_id, **room_settings)
    assert row
    await tx.rows(
        stored.RECORD_SETTINGS,
        room_id=room_id,
        company_id=company_id,
        version=row["version"],
        changed_at=tx.now,
        changed_by=caller.employee_id,
        before={name: before[name] for name in ROOM_SETTINGS} if before else None,
        after=dict(room_settings),
    )
    fact = settings_fact(row, caller.employee_id)
    tx.publish(fact, derived_id(room_id, company_id), row["version"])
    return row, fact


def settings_fact(row: Row, by: EmployeeId | None) -> RoomSettingsChanged:
    """What others hear of the six numbers."""
    return RoomSettingsChanged(
        room_id=row["room_id"],
        company_id=row["company_id"],
        changed_by=by,
        **{name: row[name] for name in ROOM_SETTINGS},
    )


async def require_member(tx: Tx, employee: EmployeeId, room_id: UUID, field: str) -> None:
    """Raises `NotFound` naming the field unless the employee sells in the room now."""
    row = await tx.row(stored.MEMBER, employee_id=employee, room_id=room_id)
    if row is None or not sells_in(row["roles"], [room_id], row["active"], room_id):
        raise NotFound("seller_of_room", field)


async def still_works(tx: Tx, employee: EmployeeId, room_id: UUID) -> bool:
    row = await tx.row(stored.MEMBER, employee_id=employee, room_id=room_id)
    return row is not None and row["active"]


async def _say_who(tx: Tx, row: Row) -> None:
    tx.publish(
        PersonDescribed(kind="employee", name=row["name"], emails=[row["email"]]),
        row["id"],
        row["version"],
    )


async def _require_known(tx: Tx, known: Any, ids: Iterable[UUID], what: str, field: str) -> None:
    asked = set(ids)
    found = {row["id"] for row in await tx.rows(known, ids=list(asked))}
    if asked - found:
        raise NotFound(what, field)


async def _require_sells_for(tx: Tx, room_id: UUID, company_id: UUID) -> None:
    room = await find(tx, ROOM, room_id)
    if company_id not in room["company_ids"]:
        raise NotFound("company_of_room", "company_id")


def _require_currency(company: Row, currency: str) -> None:
    if currency != company["currency"]:
        raise Invalid("price.currency", "company_currency", currency=company["currency"])
