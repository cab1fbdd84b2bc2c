"""Creating and changing the directory: tenants, companies, rooms, products, sources."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from services.activities.events import publish_directory
from services.activities.handlers.commands import Changes, values_of
from services.activities.handlers.deadlines import follow_time_zone
from services.activities.handlers.directory_commands import (
    CreateCompany,
    CreateProduct,
    CreateRoom,
    CreateSource,
    CreateTenant,
)
from services.activities.handlers.duplicates import require_new_company, require_new_source
from services.activities.handlers.room_defaults import begin_with_defaults
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, renewals
from services.activities.storage.directory import (
    COMPANY,
    EMPLOYEE,
    PRODUCT,
    ROOM,
    SOURCE,
    TENANT,
    DirectoryKind,
)
from services.activities.storage.duplicates import count_open
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid
from shared.tenancy import Caller
from shared.versions import differing, stale

View = dict[str, Any]
Check = Callable[[Tx, Changes, Row], Awaitable[None]]


async def create(tx: Tx, kind: DirectoryKind, values: Mapping[str, Any]) -> Row:
    """Writes a new thing and publishes it; `values` may hold its id."""
    row = await directory.insert_new(tx, kind, values)
    publish_directory(tx, kind.name, row)
    return row


async def change(
    tx: Tx, kind: DirectoryKind, id_: UUID, changes: Changes, check: Check | None = None
) -> Row:
    """Changes the given fields and publishes the result; without a difference nothing happens.

    Raises `NotFound`, `Stale`, and what `check` raises of the changes and the thing before them.
    """
    before = await lock_expected(tx, kind, id_, changes)
    if check:
        await check(tx, changes, before)
    if all(before[name] == value for name, value in changes.items()):
        return before
    row = await directory.save(tx, kind, {**before, **changes})
    publish_directory(tx, kind.name, row)
    return row


async def lock_expected(tx: Tx, kind: DirectoryKind, id_: UUID, changes: Changes) -> Row:
    """A thing that is to be changed, locked. Raises `NotFound`, and `Stale` where the caller has
    read another version.
    """
    row = await directory.lock(tx, kind, id_)
    if not tx.expects(row["version"]):
        view, changed = view_of_row(row), differing(row, changes)
        raise stale(row["version"], {name: view[name] for name in changed if name in view})
    return row


async def create_tenant(tx: Tx, command: CreateTenant, caller: Caller) -> View:
    """Creates the caller's tenant with the caller as its first admin; repeated, it returns the one
    that is there.
    """
    if not await directory.find(tx, TENANT, caller.tenant_id):
        values = {name: getattr(command, name) for name in ("name", "time_zone", "currency")}
        await create(tx, TENANT, {"id": caller.tenant_id, **values})
        await create(tx, EMPLOYEE, {"id": caller.employee_id, **_first_admin(command)})
    return {"id": caller.tenant_id, "admin": {"employee_id": caller.employee_id}}


def _first_admin(command: CreateTenant) -> dict[str, Any]:
    return {
        "name": command.admin_name,
        "email": command.admin_email,
        "roles": ["admin"],
        "room_ids": [],
        "headed_room_ids": None,
        "personnel_number": None,
        "active": True,
    }


async def create_company(tx: Tx, command: CreateCompany) -> View:
    """Creates a company; time zone and currency are the tenant's unless given.

    Raises `DuplicateCompany`.
    """
    tenant = await directory.get(tx, TENANT, tx.tenant_id)
    values = values_of(command) | {
        "time_zone": command.time_zone or tenant["time_zone"],
        "currency": command.currency or tenant["currency"],
    }
    await require_new_company(tx, values)
    return view_of_row(await create(tx, COMPANY, values))


async def change_company(tx: Tx, company_id: UUID, changes: Changes) -> View:
    """Changes name, INN, what payments need, or the time zone, by which renewals are due; or
    archives it: the view then says what goes on.

    Raises `NotFound`, `Stale`, `DuplicateCompany`.
    """
    row = await change(tx, COMPANY, company_id, changes, require_new_company)
    if "time_zone" in changes:
        await renewals.follow_time_zone(tx, company_id)
        await follow_time_zone(tx, company_id, row["time_zone"])
    view = view_of_row(row)
    if changes.get("archived"):
        view["open_activities"] = await count_open(tx, company_id=company_id)
    return view


async def create_room(tx: Tx, command: CreateRoom) -> View:
    """Creates a room, with the numbers that its companies have set for new rooms.

    Raises `NotFound` for an unknown company.
    """
    await directory.require_all(tx, COMPANY, command.company_ids, "company_ids")
    row = await create(tx, ROOM, values_of(command))
    await begin_with_defaults(tx, row["id"], row["company_ids"])
    return view_of_row(row)


async def change_room(tx: Tx, room_id: UUID, changes: Changes) -> View:
    """Changes a room's name or the companies that it sells for, or archives it: the view then says
    what goes on.

    Raises `NotFound`, `Stale`.
    """
    if "company_ids" in changes:
        await directory.require_all(tx, COMPANY, changes["company_ids"], "company_ids")
    before = await directory.lock(tx, ROOM, room_id)
    row = await change(tx, ROOM, room_id, changes)
    added = [id_ for id_ in row["company_ids"] if id_ not in before["company_ids"]]
    await begin_with_defaults(tx, room_id, added)
    view = view_of_row(row)
    if changes.get("archived"):
        view["open_activities"] = await count_open(tx, room_id=room_id)
    return view


async def create_product(tx: Tx, command: CreateProduct) -> View:
    """Creates a product of a company, priced in the company's currency.

    Raises `NotFound`, `Invalid`.
    """
    values = _with_price_columns(values_of(command)) | {"costs": []}
    company = await directory.get(tx, COMPANY, command.company_id, "company_id")
    _require_currency(company, values["currency"])
    return view_of_row(await create(tx, PRODUCT, values))


async def change_product(tx: Tx, product_id: UUID, changes: Changes) -> View:
    """Changes a product; activities keep the price at which they were registered.

    Raises `NotFound`, `Invalid`.
    """
    values = _with_price_columns(changes)
    if "currency" in values:
        product = await directory.get(tx, PRODUCT, product_id)
        company = await directory.get(tx, COMPANY, product["company_id"])
        _require_currency(company, values["currency"])
    return view_of_row(await change(tx, PRODUCT, product_id, values))


async def create_source(tx: Tx, command: CreateSource) -> View:
    """Creates an acquisition source. Raises `DuplicateSource`."""
    await require_new_source(tx, values_of(command))
    return view_of_row(await create(tx, SOURCE, values_of(command)))


async def change_source(tx: Tx, source_id: UUID, changes: Changes) -> View:
    """Changes a source, or archives it; what was registered keeps the kind it had.

    Raises `NotFound`, `Stale`, `DuplicateSource`.
    """
    return view_of_row(await change(tx, SOURCE, source_id, changes, require_new_source))


def _with_price_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The price in the table's two columns."""
    columns = dict(values)
    if price := columns.pop("price", None):
        columns |= {"price": price.amount, "currency": price.currency}
    return columns


def _require_currency(company: Row, currency: str) -> None:
    if currency != company["currency"]:
        raise Invalid("price.currency", "company_currency", currency=company["currency"])
