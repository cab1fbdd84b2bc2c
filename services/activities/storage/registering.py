"""Everything that a registration must know, in one trip."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    FromClause,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal,
    select,
)

from services.activities.domain.registering import OfferedProduct
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.vip_hold import is_in_force
from services.activities.storage.absences import absences_of, absences_since
from services.activities.storage.locking import won_by
from services.activities.storage.mapping import (
    SETTINGS_COLUMNS,
    client_summary,
    room_settings_of,
)
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, employee, product, room, source
from services.activities.storage.tables.settings import room_settings
from services.activities.storage.tables.vips import vip_holder
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import ClientId, CompanyId, EmployeeId, ProductId, RoomId
from shared.membership import sells_in, works_in
from shared.money import Money
from shared.vocabulary import SourceKind


@dataclass(frozen=True, slots=True)
class RegistrationContext:
    """The things that a registration names, None where they do not exist, and what its rules need.

    `room_settings` are as they are for who will be responsible, the VIP's holder or the caller.
    `room_company_ids` are the companies that the room sells for; `vip_holder` holds the client now
    and works in the room; with `is_held_elsewhere` somebody does who works in other rooms.
    `client_room_ids` are the rooms whose people have entered the client; `merged_into` is the
    client that took its place. `archived` names those of company, room and source that take no new
    activities, by their fields.
    """

    currency: str | None
    room_company_ids: Collection[CompanyId] | None
    source_kind: SourceKind | None
    client: Mapping[str, Any] | None
    client_room_ids: Collection[RoomId]
    merged_into: ClientId | None
    products: Mapping[ProductId, OfferedProduct]
    room_settings: RoomSettings
    caller_sells: bool
    won_before: bool
    vip_holder: EmployeeId | None
    is_held_elsewhere: bool = False
    archived: Sequence[str] = ()


_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id, _room_id = bindparam("company_id", type_=Uuid), bindparam("room_id", type_=Uuid)
_source_id, _client_id = bindparam("source_id", type_=Uuid), bindparam("client_id", type_=Uuid)
_employee_id = bindparam("employee_id", type_=Uuid)
_p, _v = product.c, vip_holder.c
_caller, _holder = employee.alias("caller"), employee.alias("holder")
_ARCHIVABLE = {"company_id": company, "room_id": room, "source_id": source}
_PRODUCT_FIELDS = (
    "id",
    "company_id",
    "name",
    "category",
    "currency",
    "delivered",
    "term_months",
    "active",
)
_products = (
    select(
        func.json_agg(
            func.json_build_object(
                *(part for name in _PRODUCT_FIELDS for part in (literal(name), _p[name])),
                literal("price"),
                cast(_p.price, Text),
            )
        )
    )
    .where(
        _p.tenant_id == _tenant_id, _p.id == func.any(bindparam("product_ids", type_=ARRAY(Uuid)))
    )
    .scalar_subquery()
)


def _with_keys(table: Any, **keys: Any) -> Any:
    return and_(table.c.tenant_id == _tenant_id, *(table.c[name] == keys[name] for name in keys))


def _labelled(table: FromClause, prefix: str, *names: str) -> list[Any]:
    return [table.c[name].label(f"{prefix}_{name}") for name in names]


# Its key is held, as the activity's reference will hold it: a merge waits until the registration is
# through, or the registration finds the client merged.
_registered = (
    select(client)
    .where(client.c.tenant_id == _tenant_id, client.c.id == _client_id)
    .with_for_update(read=True, key_share=True)
    .subquery("registered")
)
_CONTEXT = compiled(
    select(
        func.clock_timestamp().label("now"),
        company.c.currency,
        room.c.company_ids.label("room_company_ids"),
        source.c.kind.label("source_kind"),
        *(table.c.archived.label(f"{name}_archived") for name, table in _ARCHIVABLE.items()),
        *_labelled(
            _registered,
            "client",
            "id",
            "name",
            "large",
            "do_not_call",
            "room_ids",
            "merged_into",
        ),
        *_labelled(
            _caller,
            "caller",
            "roles",
            "room_ids",
            "active",
            "headed_room_ids",
        ),
        _v.responsible_id.label("holder_id"),
        _v.reset_due_at.label("holder_until"),
        _v.room_id.label("held_from"),
        *_labelled(_holder, "holder", "room_ids", "active"),
        company.c.time_zone,
        absences_since(_employee_id, func.clock_timestamp()).label("caller_absences"),
        absences_since(_v.responsible_id, func.clock_timestamp()).label("holder_absences"),
        _products.label("products"),
        won_by(_company_id, _client_id).label("won_before"),
        *SETTINGS_COLUMNS,
    ).select_from(
        select(literal(1).label("one"))
        .subquery("one")
        .outerjoin(company, _with_keys(company, id=_company_id))
        .outerjoin(room, _with_keys(room, id=_room_id))
        .outerjoin(source, _with_keys(source, id=_source_id))
        .outerjoin(_registered, literal(True))
        .outerjoin(_caller, _with_keys(_caller, id=_employee_id))
        .outerjoin(
            room_settings, _with_keys(room_settings, room_id=_room_id, company_id=_company_id)
        )
        .outerjoin(vip_holder, _with_keys(vip_holder, company_id=_company_id, client_id=_client_id))
        .outerjoin(_holder, _with_keys(_holder, id=_v.responsible_id))
    )
)


_OFFERED = compiled(select(_products.label("products")))


async def find_offered(tx: Tx, product_ids: Sequence[ProductId]) -> dict[ProductId, OfferedProduct]:
    """These products as the directory has them now; those that exist."""
    row = await tx.row(_OFFERED, product_ids=product_ids)
    offered = [_offered(stored) for stored in (row and row["products"]) or ()]
    return {product.id: product for product in offered}


async def find_context(
    tx: Tx,
    *,
    company_id: UUID,
    room_id: UUID,
    source_id: UUID,
    client_id: UUID | None,
    product_ids: Sequence[UUID],
    employee_id: EmployeeId,
) -> RegistrationContext:
    """Reads the context of a registration by `employee_id`, and the transaction's clock."""
    row = await tx.row(
        _CONTEXT,
        company_id=company_id,
        room_id=room_id,
        source_id=source_id,
        client_id=client_id,
        product_ids=product_ids,
        employee_id=employee_id,
    )
    assert row
    tx.at(row["now"])
    offered = [_offered(stored) for stored in row["products"] or ()]
    holder = _vip_holder(row, tx.now)
    is_here = works_in(row["holder_room_ids"] or (), holder is not None, room_id)
    absent = row["holder_absences" if is_here else "caller_absences"]
    return RegistrationContext(
        currency=row["currency"],
        room_company_ids=row["room_company_ids"],
        source_kind=row["source_kind"],
        client=client_summary(row) if row["client_id"] else None,
        client_room_ids=row["client_room_ids"] or (),
        merged_into=row["client_merged_into"],
        products={product.id: product for product in offered},
        room_settings=room_settings_of(row).of_seller(
            absences_of(absent, row["time_zone"]) if absent else None
        ),
        caller_sells=_caller_sells(row, room_id),
        won_before=row["won_before"],
        vip_holder=holder if is_here else None,
        is_held_elsewhere=holder is not None and not is_here,
        archived=[name for name in _ARCHIVABLE if row[f"{name}_archived"]],
    )


def _caller_sells(row: Row, room_id: UUID) -> bool:
    return row["caller_roles"] is not None and sells_in(
        row["caller_roles"],
        row["caller_room_ids"],
        row["caller_active"],
        room_id,
        row["caller_headed_room_ids"],
    )


def _vip_holder(row: Row, now: datetime) -> EmployeeId | None:
    until, room_ids = row["holder_until"], row["holder_room_ids"]
    if room_ids is None or (until is not None and until <= now):
        return None
    holds = is_in_force(row["held_from"], room_ids, row["holder_active"])
    return EmployeeId(row["holder_id"]) if holds else None


def _offered(stored: Mapping[str, Any]) -> OfferedProduct:
    return OfferedProduct(
        id=ProductId(UUID(stored["id"])),
        company_id=CompanyId(UUID(stored["company_id"])),
        category=stored["category"],
        price=Money(amount=stored["price"], currency=stored["currency"]),
        delivered=stored["delivered"],
        term_months=stored["term_months"],
        active=stored["active"],
        name=stored["name"],
    )
