"""The snapshots that peers fetch: a thing of the directory as the events that describe it, who
works a client, and what is to be known of a company's month.
"""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select

from services.activities.events import (
    company_vat_event,
    company_vat_id,
    directory_events,
    room_settings_event,
)
from services.activities.queries import company_months
from services.activities.storage import clients, directory
from services.activities.storage import requisites as company_requisites
from services.activities.storage.directory import (
    COMPANY,
    EMPLOYEE,
    PRODUCT,
    ROOM,
    SOURCE,
    TENANT,
)
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.settings import room_settings
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import CompanyId, derived_id
from shared.replicas.snapshot import Snapshot

_KINDS = {kind.name: kind for kind in (COMPANY, ROOM, EMPLOYEE, SOURCE)}
_ALL_EMPLOYEES = compiled(
    select(EMPLOYEE.table).where(EMPLOYEE.table.c.tenant_id == bindparam("tenant_id", type_=Uuid))
)
_PRODUCTS_OF_COMPANY = compiled(
    select(PRODUCT.table).where(
        PRODUCT.table.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        PRODUCT.table.c.company_id == bindparam("company_id", type_=Uuid),
    )
)
_ALL_ROOM_SETTINGS = compiled(
    select(room_settings).where(room_settings.c.tenant_id == bindparam("tenant_id", type_=Uuid))
)

_a = activity.c
# Who let the deadline pass works the activity no more, whether or not the timer has come.
_IN_WORK = compiled(
    select(_a.company_id, _a.responsible_id)
    .where(
        _a.tenant_id == bindparam("tenant_id", type_=Uuid),
        _a.client_id == bindparam("client_id", type_=Uuid),
        _a.status == "in_work",
        _a.responsible_id.is_not(None),
        or_(_a.reset_due_at.is_(None), _a.reset_due_at > func.clock_timestamp()),
    )
    .distinct()
)


async def find_snapshots(tx: Tx, kind: str, subject: UUID) -> list[Snapshot]:
    """The present state of one thing. Raises `NotFound`."""
    if kind == "employees":
        return await _employee_snapshots(tx)
    if kind == "products_of_company":
        return await _product_snapshots(tx, subject)
    if kind == "company_vat":
        return await _company_vat_snapshots(tx, CompanyId(subject))
    if kind == "room_settings":
        return await _room_settings_snapshots(tx, subject)
    if kind == "client_work":
        return await _client_work(tx, subject)
    if kind.startswith(company_months.KIND):
        period = kind.removeprefix(company_months.KIND)
        return await company_months.company_month(tx, subject, period)
    if kind == "client":
        row = await clients.find(tx, subject)
    else:
        row = await directory.find(tx, _KINDS[kind], subject) if kind in _KINDS else None
    if row is None:
        raise NotFound(kind[:40])
    return [Snapshot.of(event, subject, row["version"]) for event in directory_events(kind, row)]


async def _employee_snapshots(tx: Tx) -> list[Snapshot]:
    """Every employee of the tenant; raises `NotFound` where the tenant itself is not known."""
    await directory.get(tx, TENANT, tx.tenant_id)
    return [
        Snapshot.of(event, row["id"], row["version"])
        for row in await tx.rows(_ALL_EMPLOYEES)
        for event in directory_events("employee", row)
    ]


async def _product_snapshots(tx: Tx, company_id: UUID) -> list[Snapshot]:
    """Every product of a company."""
    return [
        Snapshot.of(event, row["id"], row["version"])
        for row in await tx.rows(_PRODUCTS_OF_COMPANY, company_id=company_id)
        for event in directory_events("product", row)
    ]


async def _company_vat_snapshots(tx: Tx, company_id: CompanyId) -> list[Snapshot]:
    """How a company pays value added tax; nothing where it has given no requisites."""
    version, requisites = await company_requisites.find(tx, company_id)
    if not version:
        return []
    event = company_vat_event(company_id, requisites)
    return [Snapshot.of(event, company_vat_id(company_id), version)]


async def _client_work(tx: Tx, client_id: UUID) -> list[Snapshot]:
    """Which rooms have entered a client, and who works their activities at this moment.

    To look at, not to keep: no event brings it up to date.
    """
    client = await clients.find(tx, client_id)
    if client is None or client["merged_into"]:
        raise NotFound("client")
    work = [
        {"company_id": str(row["company_id"]), "responsible_id": str(row["responsible_id"])}
        for row in await tx.rows(_IN_WORK, client_id=client_id)
    ]
    room_ids = [str(room_id) for room_id in client["room_ids"]]
    data = {"room_ids": room_ids, "in_work": work}
    return [Snapshot(type="client_work", subject=client_id, version=client["version"], data=data)]


async def _room_settings_snapshots(tx: Tx, subject: UUID) -> list[Snapshot]:
    """A tenant has few of them, and none can be found by its derived id."""
    return [
        Snapshot.of(room_settings_event(row, None), subject, row["version"])
        for row in await tx.rows(_ALL_ROOM_SETTINGS)
        if derived_id(row["room_id"], row["company_id"]) == subject
    ]
