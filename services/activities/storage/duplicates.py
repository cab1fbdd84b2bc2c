"""Things of the directory that would be there twice, and the activities that an archived one still
has.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, bindparam, func, literal_column, or_, select

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.directory import company, employee, room, source
from shared.db import Tx, compiled
from shared.db.transaction import Row

COUNTED = 10_000
"""Open activities are counted up to this many."""

_tenant_id, _own_id = bindparam("tenant_id", type_=Uuid), bindparam("own_id", type_=Uuid)
_a, _c, _e, _r, _s = activity.c, company.c, employee.c, room.c, source.c
_COMPANY = compiled(
    select(_c.id, _c.archived)
    .where(
        _c.tenant_id == _tenant_id,
        _c.inn == bindparam("inn", type_=Text),
        _c.id.is_distinct_from(_own_id),
    )
    .order_by(_c.id)
    .limit(literal_column("1"))
)

_EMPLOYEE = compiled(
    select(_e.id, _e.active)
    .where(
        _e.tenant_id == _tenant_id,
        _e.personnel_number == bindparam("personnel_number", type_=Text),
        _e.id.is_distinct_from(_own_id),
    )
    .order_by(_e.id)
    .limit(literal_column("1"))
)


def _folded(text: Any) -> Any:
    return func.lower(func.coalesce(text, ""))


_SOURCE = compiled(
    select(_s.id, _s.archived)
    .where(
        _s.tenant_id == _tenant_id,
        *(
            _folded(_s[name]) == _folded(bindparam(name, type_=Text))
            for name in ("name", "channel", "campaign")
        ),
        _s.id.is_distinct_from(_own_id),
    )
    .order_by(_s.id)
    .limit(literal_column("1"))
)


def _open_of(status: str) -> Any:
    """The open activities of that status in one room and of one company, or all of either; room by
    room, as their indexes have them.
    """
    room_id, company_id = bindparam("room_id", type_=Uuid), bindparam("company_id", type_=Uuid)
    counted = (
        select(literal_column("1"))
        .select_from(room.join(activity, and_(_a.tenant_id == _r.tenant_id, _a.room_id == _r.id)))
        .where(
            _r.tenant_id == _tenant_id,
            or_(room_id.is_(None), _r.id == room_id),
            or_(company_id.is_(None), _a.company_id == company_id),
            _a.status == literal_column(f"'{status}'"),
        )
        .limit(literal_column(str(COUNTED)))
        .subquery(status)
    )
    return select(func.count()).select_from(counted).scalar_subquery().label(status)


_OPEN = compiled(select(_open_of("free"), _open_of("in_work")))


async def company_with(tx: Tx, inn: str, own_id: UUID | None) -> Row | None:
    """Another company with this INN than `own_id`."""
    return await tx.row(_COMPANY, inn=inn, own_id=own_id)


async def employee_with(tx: Tx, personnel_number: str, own_id: UUID | None) -> Row | None:
    """Another employee with this personnel number than `own_id`."""
    return await tx.row(_EMPLOYEE, personnel_number=personnel_number, own_id=own_id)


async def source_with(
    tx: Tx, name: str, channel: str, campaign: str | None, own_id: UUID | None
) -> Row | None:
    """Another source of the same name, channel and campaign, whatever their case."""
    return await tx.row(_SOURCE, name=name, channel=channel, campaign=campaign, own_id=own_id)


async def count_open(
    tx: Tx, room_id: UUID | None = None, company_id: UUID | None = None
) -> dict[str, int]:
    """The open activities of a room or a company, those that are free and those in work."""
    row = await tx.row(_OPEN, room_id=room_id, company_id=company_id)
    assert row
    return {"free": row["free"], "in_work": row["in_work"]}
