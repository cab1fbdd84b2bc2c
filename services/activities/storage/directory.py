"""The directory's tables: one way to enter, change and find each noun."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables import (
    ROOM_SETTINGS,
    company,
    employee,
    membership,
    product,
    room,
    room_settings,
    room_settings_change,
    source,
    tenant,
)
from shared.db import Statement, compiled
from shared.db.tables import Moment
from shared.events import Event
from shared.events.directory import (
    CompanyChanged,
    EmployeeChanged,
    ProductChanged,
    RoomChanged,
    SourceChanged,
    TenantChanged,
)
from shared.money import Money


@dataclass(frozen=True)
class DirectoryKind:
    """A kind of thing in the directory: its table, its statements, its fact."""

    name: str
    table: Table
    fact: Callable[[Mapping[str, Any]], Event]
    find: Statement
    lock: Statement
    page: Statement
    enter: Statement
    change: Statement


def _noun(name: str, table: Table, fact: Callable[[Mapping[str, Any]], Event]) -> DirectoryKind:
    own = [
        column
        for column in table.c
        if column.name not in ("tenant_id", "version", "created_at", "changed_at")
    ]
    mine = and_(
        table.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        table.c.id == bindparam("id", type_=Uuid),
    )
    values = {column.name: bindparam(column.name, type_=column.type) for column in own}
    now = bindparam("now", type_=Moment)
    inner = select(table).where(mine).with_for_update().subquery("found")
    return DirectoryKind(
        name,
        table,
        fact,
        find=compiled(select(table).where(mine)),
        lock=compiled(select(func.clock_timestamp().label("now"), inner)),
        page=compiled(
            select(table)
            .where(
                table.c.tenant_id == bindparam("tenant_id", type_=Uuid),
                table.c.id > bindparam("after", type_=Uuid),
            )
            .where(
                (bindparam("ids", type_=ARRAY(Uuid)).is_(None))
                | (table.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
            )
            .order_by(table.c.id)
            .limit(bindparam("limit", type_=BigInteger))
        ),
        enter=compiled(
            insert(table)
            .values(
                tenant_id=bindparam("tenant_id", type_=Uuid),
                version=literal(1),
                created_at=now,
                changed_at=now,
                **values,
            )
            .returning(table)
        ),
        change=compiled(
            update(table)
            .where(mine)
            .values(
                version=table.c.version + 1,
                changed_at=now,
                **{key: bind for key, bind in values.items() if key != "id"},
            )
            .returning(table)
        ),
    )


def _tenant_fact(row: Mapping[str, Any]) -> Event:
    return TenantChanged(tenant_id=row["id"], time_zone=row["time_zone"], currency=row["currency"])


def _company_fact(row: Mapping[str, Any]) -> Event:
    return CompanyChanged(
        company_id=row["id"], name=row["name"], time_zone=row["time_zone"], currency=row["currency"]
    )


def _room_fact(row: Mapping[str, Any]) -> Event:
    return RoomChanged(room_id=row["id"], name=row["name"], company_ids=row["company_ids"])


def _employee_fact(row: Mapping[str, Any]) -> Event:
    fields = ("roles", "room_ids", "personnel_number", "active")
    return EmployeeChanged(employee_id=row["id"], **{name: row[name] for name in fields})


def _product_fact(row: Mapping[str, Any]) -> Event:
    fields = ("company_id", "name", "category", "delivered", "term_months", "active")
    price = Money(amount=row["price"], currency=row["currency"])
    return ProductChanged(product_id=row["id"], price=price, **{name: row[name] for name in fields})


def _source_fact(row: Mapping[str, Any]) -> Event:
    return SourceChanged(
        source_id=row["id"], **{name: row[name] for name in ("name", "channel", "campaign", "kind")}
    )


TENANT = _noun("tenant", tenant, _tenant_fact)
COMPANY = _noun("company", company, _company_fact)
ROOM = _noun("room", room, _room_fact)
EMPLOYEE = _noun("employee", employee, _employee_fact)
PRODUCT = _noun("product", product, _product_fact)
SOURCE = _noun("source", source, _source_fact)

_m, _e, _s = membership.c, employee.c, room_settings.c
_tenant_id = bindparam("tenant_id", type_=Uuid)

JOIN_ROOMS = compiled(
    upsert(membership)
    .from_select(
        ["tenant_id", "employee_id", "room_id"],
        select(
            _tenant_id,
            bindparam("employee_id", type_=Uuid),
            func.unnest(bindparam("room_ids", type_=ARRAY(Uuid))),
        ),
    )
    .on_conflict_do_nothing()
)
LEAVE_ROOMS = compiled(
    delete(membership).where(
        _m.tenant_id == _tenant_id,
        _m.employee_id == bindparam("employee_id", type_=Uuid),
        _m.room_id != func.all(bindparam("room_ids", type_=ARRAY(Uuid))),
    )
)
MEMBER = compiled(
    select(_e.id, _e.active, _e.roles)
    .join(membership, and_(_m.tenant_id == _e.tenant_id, _m.employee_id == _e.id))
    .where(
        _e.tenant_id == _tenant_id,
        _e.id == bindparam("employee_id", type_=Uuid),
        _m.room_id == bindparam("room_id", type_=Uuid),
    )
)
KNOWN_COMPANIES = compiled(
    select(company.c.id).where(
        company.c.tenant_id == _tenant_id,
        company.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
    )
)
KNOWN_ROOMS = compiled(
    select(room.c.id).where(
        room.c.tenant_id == _tenant_id, room.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
ROOMS_PAGE_OF_EMPLOYEES = compiled(
    select(employee)
    .where(_e.tenant_id == _tenant_id, _e.id > bindparam("after", type_=Uuid))
    .where(
        (bindparam("rooms", type_=ARRAY(Uuid)).is_(None))
        | _e.room_ids.op("&&")(bindparam("rooms", type_=ARRAY(Uuid)))
    )
    .order_by(_e.id)
    .limit(bindparam("limit", type_=BigInteger))
)

_of_room = and_(
    _s.tenant_id == _tenant_id,
    _s.room_id == bindparam("room_id", type_=Uuid),
    _s.company_id == bindparam("company_id", type_=Uuid),
)
SETTINGS = compiled(select(room_settings).where(_of_room))
ALL_SETTINGS = compiled(select(room_settings).where(_s.tenant_id == _tenant_id))
SETTINGS_LOCKED = compiled(select(room_settings).where(_of_room).with_for_update())
_six = {name: bindparam(name, type_=_s[name].type) for name in ROOM_SETTINGS}
_set = upsert(room_settings).values(
    tenant_id=_tenant_id,
    room_id=bindparam("room_id", type_=Uuid),
    company_id=bindparam("company_id", type_=Uuid),
    version=literal(1),
    **_six,
)
SET_SETTINGS = compiled(
    _set.on_conflict_do_update(
        index_elements=["tenant_id", "room_id", "company_id"],
        set_={"version": _s.version + 1, **{name: _set.excluded[name] for name in ROOM_SETTINGS}},
    ).returning(room_settings)
)
_change = room_settings_change
RECORD_SETTINGS = compiled(
    insert(_change).values(
        tenant_id=_tenant_id,
        **{
            name: bindparam(name, type_=_change.c[name].type)
            for name in list(_change.c.keys())
            if name not in ("tenant_id", "settled_at")
        },
    )
)
UNSETTLED = compiled(
    select(_change.c.tenant_id, _change.c.room_id, _change.c.company_id)
    .where(_change.c.settled_at.is_(None))
    .group_by(_change.c.tenant_id, _change.c.room_id, _change.c.company_id)
    .order_by(func.min(_change.c.changed_at))
    .limit(bindparam("limit", type_=BigInteger))
)
SETTLED = compiled(
    update(_change)
    .where(
        _change.c.tenant_id == _tenant_id,
        _change.c.room_id == bindparam("room_id", type_=Uuid),
        _change.c.company_id == bindparam("company_id", type_=Uuid),
        _change.c.settled_at.is_(None),
        _change.c.changed_at < bindparam("before", type_=Moment),
    )
    .values(settled_at=func.now())
)
SETTINGS_HISTORY = compiled(
    select(_change)
    .where(
        _change.c.tenant_id == _tenant_id,
        _change.c.room_id == bindparam("room_id", type_=Uuid),
        _change.c.company_id == bindparam("company_id", type_=Uuid),
        _change.c.version < bindparam("before_version", type_=BigInteger),
    )
    .order_by(_change.c.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)

FIRST = UUID(int=0)
