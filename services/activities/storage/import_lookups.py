"""What rows of an import name by words: sources, products, employees; and what a registration must
know of many clients at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, bindparam, cast, func, or_, select

from services.activities.domain.registering import OfferedProduct
from services.activities.domain.vip_hold import is_in_force
from services.activities.storage.locking import won_by
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import employee, product, source
from services.activities.storage.tables.vips import vip_holder
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import CompanyId, EmployeeId, ProductId
from shared.membership import works_in
from shared.money import Money

_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_s, _p, _e, _c, _v = source.c, product.c, employee.c, client.c, vip_holder.c
_SOURCES = compiled(select(source).where(_s.tenant_id == _tenant_id))
_PRODUCTS = compiled(
    select(product, cast(_p.price, Text).label("price_text")).where(
        _p.tenant_id == _tenant_id, _p.company_id == _company_id
    )
)
_EMPLOYEES = compiled(
    select(employee).where(
        _e.tenant_id == _tenant_id,
        bindparam("room_id", type_=Uuid) == func.any(_e.room_ids),
        _e.active,
    )
)
_CLIENTS = compiled(
    select(
        _c.id,
        won_by(_company_id, _c.id).label("won_before"),
        _v.responsible_id.label("holder_id"),
        _v.room_id.label("held_from"),
        _e.room_ids.label("holder_room_ids"),
        _e.active.label("holder_active"),
    )
    .select_from(
        client.outerjoin(
            vip_holder,
            and_(
                _v.tenant_id == _c.tenant_id,
                _v.company_id == _company_id,
                _v.client_id == _c.id,
                or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
            ),
        ).outerjoin(employee, and_(_e.tenant_id == _v.tenant_id, _e.id == _v.responsible_id))
    )
    .where(_c.tenant_id == _tenant_id, _c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
)


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What a registration must know of a client: whether it has bought of the company, and who
    holds it now and works in the room, or that somebody does who works in others.
    """

    won_before: bool
    vip_holder: EmployeeId | None
    is_held_elsewhere: bool = False


async def sources_of(tx: Tx) -> list[Row]:
    """Every source of the tenant."""
    return await tx.rows(_SOURCES)


async def products_of(tx: Tx, company_id: UUID) -> list[OfferedProduct]:
    """Every product of the company, those that are no longer sold too."""
    return [
        OfferedProduct(
            id=ProductId(row["id"]),
            company_id=CompanyId(row["company_id"]),
            category=row["category"],
            price=Money(amount=row["price_text"], currency=row["currency"]),
            delivered=row["delivered"],
            term_months=row["term_months"],
            active=row["active"],
            name=row["name"],
        )
        for row in await tx.rows(_PRODUCTS, company_id=company_id)
    ]


async def employees_of(tx: Tx, room_id: UUID) -> list[Row]:
    """Everybody who works in the room."""
    return await tx.rows(_EMPLOYEES, room_id=room_id)


async def facts_of(
    tx: Tx, client_ids: Sequence[UUID], company_id: UUID, room_id: UUID
) -> dict[UUID, ClientFacts]:
    """What a registration in the room must know of each client."""
    rows = await tx.rows(_CLIENTS, ids=sorted(set(client_ids)), company_id=company_id)
    return {row["id"]: _facts(row, room_id) for row in rows}


def _facts(row: Row, room_id: UUID) -> ClientFacts:
    rooms = row["holder_room_ids"]
    if rooms is None or not is_in_force(row["held_from"], rooms, row["holder_active"]):
        return ClientFacts(row["won_before"], None)
    if works_in(rooms, True, room_id):
        return ClientFacts(row["won_before"], EmployeeId(row["holder_id"]))
    return ClientFacts(row["won_before"], None, is_held_elsewhere=True)
