"""The directory's tables: one way to write and find each kind of thing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Table,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)

from services.activities.storage.tables.absences import absence
from services.activities.storage.tables.clients import contact_person
from services.activities.storage.tables.custom_fields import custom_field
from services.activities.storage.tables.directory import (
    company,
    employee,
    loss_reason,
    product,
    room,
    source,
    tenant,
)
from services.activities.storage.tables.inbound import our_number, site_form
from services.activities.storage.tables.source_costs import source_cost
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import new_id


@dataclass(frozen=True, eq=False)
class DirectoryKind:
    """A kind of thing in the directory, with the statements on its table."""

    name: str
    table: Table
    find: Statement
    find_ids: Statement
    lock: Statement
    insert: Statement
    update: Statement


def _kind(table: Table) -> DirectoryKind:
    tenant_id, now = bindparam("tenant_id", type_=Uuid), bindparam("now", type_=Moment)
    of_tenant = table.c.tenant_id == tenant_id
    is_it = and_(of_tenant, table.c.id == bindparam("id", type_=Uuid))
    own = {
        column.name: bindparam(column.name, type_=column.type)
        for column in table.c
        if column.name not in ("tenant_id", "version", "created_at", "changed_at")
    }
    new = {"tenant_id": tenant_id, "version": literal(1), "created_at": now, "changed_at": now}
    changed = {"version": table.c.version + 1, "changed_at": now}
    locked = select(table).where(is_it).with_for_update().subquery("locked")
    return DirectoryKind(
        table.name,
        table,
        find=compiled(select(table).where(is_it)),
        find_ids=compiled(
            select(table.c.id).where(
                of_tenant, table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
            )
        ),
        lock=compiled(select(func.clock_timestamp().label("now"), locked)),
        insert=compiled(insert(table).values({**new, **own}).returning(table)),
        update=compiled(
            update(table)
            .where(is_it)
            .values({**changed, **{name: own[name] for name in own if name != "id"}})
            .returning(table)
        ),
    )


TENANT, COMPANY, ROOM = _kind(tenant), _kind(company), _kind(room)
EMPLOYEE, PRODUCT, SOURCE = _kind(employee), _kind(product), _kind(source)
LOSS_REASON, CUSTOM_FIELD = _kind(loss_reason), _kind(custom_field)
CONTACT_PERSON = _kind(contact_person)
ABSENCE = _kind(absence)
OUR_NUMBER, SITE_FORM = _kind(our_number), _kind(site_form)
SOURCE_COST = _kind(source_cost)


async def find(tx: Tx, kind: DirectoryKind, id_: UUID) -> Row | None:
    """A thing by its id."""
    return await tx.row(kind.find, id=id_)


async def get(tx: Tx, kind: DirectoryKind, id_: UUID, field: str | None = None) -> Row:
    """A thing by its id. Raises `NotFound`, naming the `field` that held the id."""
    row = await find(tx, kind, id_)
    if row is None:
        raise NotFound(kind.name, field)
    return row


async def require_all(tx: Tx, kind: DirectoryKind, ids: Collection[UUID], field: str) -> None:
    """Raises `NotFound`, naming the `field`, unless every one of `ids` exists."""
    rows = await tx.rows(kind.find_ids, ids=list(ids))
    if set(ids) - {row["id"] for row in rows}:
        raise NotFound(kind.name, field)


async def lock(tx: Tx, kind: DirectoryKind, id_: UUID) -> Row:
    """A thing, locked until the transaction ends. Raises `NotFound`."""
    row = await tx.row(kind.lock, id=id_)
    if row is None:
        raise NotFound(kind.name)
    tx.at(row["now"])
    return row


async def insert_new(tx: Tx, kind: DirectoryKind, values: Mapping[str, Any]) -> Row:
    """Writes a new thing; `values` may hold its id."""
    await tx.read_clock()
    new = {"id": new_id(), "now": tx.now, "archived": False}
    row = await tx.row(kind.insert, **{**new, **values})
    assert row
    return row


async def save(tx: Tx, kind: DirectoryKind, values: Mapping[str, Any]) -> Row:
    """Writes a locked thing, one version later."""
    row = await tx.row(kind.update, **{**values, "now": tx.now})
    assert row
    return row
