"""Disputes as those see them whose lines they are about, and those who answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Text, Uuid, and_, any_, bindparam, func, or_, select

from services.motivation.domain.disputes import is_overdue
from services.motivation.queries.visibility import rooms_of_pay
from services.motivation.storage.month_tables import dispute, dispute_step
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller
from shared.vocabulary import DisputeState

_d, _t = dispute.c, dispute_step.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_company, _room, _employee, _before, _own = (
    bindparam(name, type_=Uuid)
    for name in ("company_id", "room_id", "employee_id", "before", "own")
)
_state, _period = bindparam("state", type_=Text), bindparam("period", type_=Text)
_rooms: Any = bindparam("rooms", type_=ARRAY(Uuid))
_overdue: Any = bindparam("overdue", type_=Boolean)
_late = and_(_d.state == "open", func.clock_timestamp() >= _d.overdue_at)
_DISPUTE = select(dispute, func.clock_timestamp().label("now"))
_ONE = compiled(
    _DISPUTE.where(_d.tenant_id == _TENANT, _d.dispute_id == bindparam("dispute_id", type_=Uuid))
)
_PAGE = compiled(
    _DISPUTE.where(
        _d.tenant_id == _TENANT,
        or_(_rooms.is_(None), _d.room_id == any_(_rooms), _d.employee_id == _own),
        or_(_company.is_(None), _d.company_id == _company),
        or_(_room.is_(None), _d.room_id == _room),
        or_(_employee.is_(None), _d.employee_id == _employee),
        or_(_state.is_(None), _d.state == _state),
        or_(_period.is_(None), _d.period == _period),
        or_(_overdue.is_(None), _late == _overdue),
        or_(_before.is_(None), _d.dispute_id < _before),
    )
    .order_by(_d.dispute_id.desc())
    .limit(bindparam("count", type_=Integer))
)
_STEPS = compiled(
    select(dispute_step)
    .where(_t.tenant_id == _TENANT, _t.dispute_id == bindparam("dispute_id", type_=Uuid))
    .order_by(_t.version)
)
_SHOWN = (
    "version",
    "entry_id",
    "employee_id",
    "company_id",
    "room_id",
    "period",
    "state",
    "due_on",
    "opened_at",
    "outcome",
    "adjustment_id",
)


@dataclass(frozen=True, slots=True)
class DisputeFilters:
    """The disputes that are listed; None is any."""

    company_id: UUID | None = None
    room_id: UUID | None = None
    employee_id: UUID | None = None
    state: DisputeState | None = None
    period: str | None = None
    overdue: bool | None = None


async def list_disputes(
    tx: Tx, caller: Caller, filters: DisputeFilters, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of disputes, the newest first: all for accountants and admins, those of the rooms that
    they head for heads, and everybody's own.

    Raises `Invalid` for a broken cursor.
    """
    before = read_cursor(cursor, UUID)
    rows = await tx.rows(
        _PAGE,
        rooms=None if caller.sees_every_room else sorted(caller.headed_rooms),
        own=caller.employee_id,
        company_id=filters.company_id,
        room_id=filters.room_id,
        employee_id=filters.employee_id,
        state=filters.state,
        period=filters.period,
        overdue=filters.overdue,
        before=before[0] if before else None,
        count=limit + 1,
    )
    more = cursor_of(rows[limit - 1]["dispute_id"]) if len(rows) > limit else None
    return page([_view(row) for row in rows], limit, more)


async def get_dispute(tx: Tx, caller: Caller, dispute_id: UUID) -> dict[str, Any]:
    """A dispute with its history. Raises `NotFound`, also for what is not the caller's to see."""
    row = await tx.row(_ONE, dispute_id=dispute_id)
    if row is None:
        raise NotFound("dispute")
    rooms = rooms_of_pay(caller, row["employee_id"])
    if rooms is not None and row["room_id"] not in rooms:
        raise NotFound("dispute")
    steps = await tx.rows(_STEPS, dispute_id=dispute_id)
    return _view(row) | {"history": [_step_view(step) for step in steps]}


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["dispute_id"],
        "overdue": is_overdue(row["state"], row["overdue_at"], row["now"]),
        **{name: row[name] for name in _SHOWN},
    }


def _step_view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("at", "who", "what", "text")}
