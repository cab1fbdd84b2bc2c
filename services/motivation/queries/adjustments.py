"""Adjustments by hand as those see them who make and confirm them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, or_, select

from services.motivation.queries.entries import amount_of
from services.motivation.storage import adjustments
from services.motivation.storage.month_tables import adjustment
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import EntryId
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller
from shared.vocabulary import AdjustmentState

_a = adjustment.c
_company, _employee, _before = (
    bindparam(name, type_=Uuid) for name in ("company_id", "employee_id", "before")
)
_state, _period = bindparam("state", type_=Text), bindparam("period", type_=Text)
_rooms: Any = bindparam("room_ids", type_=ARRAY(Uuid))
_PAGE = compiled(
    select(adjustment)
    .where(
        _a.tenant_id == bindparam("tenant_id", type_=Uuid),
        or_(_company.is_(None), _a.company_id == _company),
        or_(_employee.is_(None), _a.employee_id == _employee),
        or_(_state.is_(None), _a.state == _state),
        or_(_period.is_(None), _a.period == _period),
        or_(_rooms.is_(None), _a.room_id == any_(_rooms)),
        or_(_before.is_(None), _a.adjustment_id < _before),
    )
    .order_by(_a.adjustment_id.desc())
    .limit(bindparam("count", type_=Integer))
)
_SHOWN = (
    "company_id",
    "room_id",
    "employee_id",
    "period",
    "reason",
    "state",
    "dispute_id",
    "proposed_by",
    "proposed_at",
    "decided_by",
    "decided_at",
    "decision_reason",
)


@dataclass(frozen=True, slots=True)
class AdjustmentFilters:
    """The adjustments that are listed; None is any."""

    company_id: UUID | None = None
    employee_id: UUID | None = None
    state: AdjustmentState | None = None
    period: str | None = None


async def list_adjustments(
    tx: Tx, caller: Caller, filters: AdjustmentFilters, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of adjustments, the newest first: all for accountants and admins, of the rooms that
    they head for heads.

    Raises `Invalid` for a broken cursor.
    """
    before = read_cursor(cursor, UUID)
    rooms = None if caller.sees_every_room else sorted(caller.headed_rooms)
    rows = await tx.rows(
        _PAGE,
        company_id=filters.company_id,
        employee_id=filters.employee_id,
        state=filters.state,
        period=filters.period,
        room_ids=rooms,
        before=before[0] if before else None,
        count=limit + 1,
    )
    more = cursor_of(rows[limit - 1]["adjustment_id"]) if len(rows) > limit else None
    views = [adjustment_view(row) for row in rows]
    return page(views, limit, more)


async def get_adjustment(tx: Tx, adjustment_id: EntryId) -> dict[str, Any]:
    """An adjustment as it is now. Raises `NotFound`."""
    row = await adjustments.find(tx, adjustment_id)
    if row is None:
        raise NotFound("adjustment")
    return adjustment_view(row)


def adjustment_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """An adjustment's row as `AdjustmentView`."""
    return {
        "id": row["adjustment_id"],
        "amount": amount_of(row),
        **{name: row[name] for name in _SHOWN},
    }
