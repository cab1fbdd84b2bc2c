"""Everything that a registration must know, in one trip."""

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from services.activities.storage.repository import won_by
from services.activities.storage.tables import (
    ROOM_SETTINGS,
    client,
    company,
    employee,
    membership,
    product,
    room,
    room_settings,
    source,
    vip_holder,
)
from shared.db import compiled
from shared.membership import SELLING_ROLES

_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id, _room_id = bindparam("company_id", type_=Uuid), bindparam("room_id", type_=Uuid)
_client_id = bindparam("client_id", type_=Uuid)
_p = product.c
_products = (
    select(
        func.json_agg(
            func.json_build_object(
                "id",
                _p.id,
                "company_id",
                _p.company_id,
                "category",
                _p.category,
                "price",
                cast(_p.price, Text),
                "currency",
                _p.currency,
                "delivered",
                _p.delivered,
                "term_months",
                _p.term_months,
                "active",
                _p.active,
            )
        )
    )
    .where(
        _p.tenant_id == _tenant_id, _p.id == func.any(bindparam("product_ids", type_=ARRAY(Uuid)))
    )
    .scalar_subquery()
)
_sells = exists(
    select(membership.c.room_id)
    .join(
        employee,
        and_(
            employee.c.tenant_id == membership.c.tenant_id,
            employee.c.id == membership.c.employee_id,
        ),
    )
    .where(
        membership.c.tenant_id == _tenant_id,
        membership.c.employee_id == bindparam("employee_id", type_=Uuid),
        membership.c.room_id == _room_id,
        employee.c.active,
        or_(*(literal(role) == func.any(employee.c.roles) for role in SELLING_ROLES)),
    )
)
_v = vip_holder.c
_holder_works = exists(
    select(membership.c.employee_id)
    .join(
        employee,
        and_(
            employee.c.tenant_id == membership.c.tenant_id,
            employee.c.id == membership.c.employee_id,
        ),
    )
    .where(
        membership.c.tenant_id == _v.tenant_id,
        membership.c.employee_id == _v.responsible_id,
        membership.c.room_id == _room_id,
        employee.c.active,
    )
)
_holder = (
    select(_v.responsible_id)
    .where(
        _v.tenant_id == _tenant_id,
        _v.company_id == _company_id,
        _v.client_id == _client_id,
        or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
        _holder_works,
    )
    .scalar_subquery()
)
_one = select(literal(1).label("one")).subquery("one")

CONTEXT = compiled(
    select(
        func.clock_timestamp().label("now"),
        company.c.id.label("company_id"),
        company.c.currency,
        room.c.id.label("room_id"),
        (company.c.id == func.any(room.c.company_ids)).label("sold_here"),
        source.c.kind.label("source_kind"),
        client.c.id.label("client_id"),
        client.c.name.label("client_name"),
        client.c.large.label("client_large"),
        _sells.label("sells"),
        _products.label("products"),
        won_by(_company_id, _client_id).label("won_before"),
        _holder.label("vip_holder"),
        *(room_settings.c[name] for name in ROOM_SETTINGS),
    ).select_from(
        _one.outerjoin(
            company, and_(true(), company.c.tenant_id == _tenant_id, company.c.id == _company_id)
        )
        .outerjoin(room, and_(room.c.tenant_id == _tenant_id, room.c.id == _room_id))
        .outerjoin(
            source,
            and_(
                source.c.tenant_id == _tenant_id, source.c.id == bindparam("source_id", type_=Uuid)
            ),
        )
        .outerjoin(client, and_(client.c.tenant_id == _tenant_id, client.c.id == _client_id))
        .outerjoin(
            room_settings,
            and_(
                room_settings.c.tenant_id == _tenant_id,
                room_settings.c.room_id == _room_id,
                room_settings.c.company_id == _company_id,
            ),
        )
    )
)
