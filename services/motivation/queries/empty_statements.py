"""Why an employee's month has no lines of pay."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Date, Text, Uuid, and_, any_, bindparam, func, or_, select
from sqlalchemy import cast as as_type

from services.motivation.domain.unpaid import EmptyCause
from services.motivation.queries.empty_words import TEXTS
from services.motivation.queries.unpaid import load_causes
from services.motivation.storage.activities import STORED, StoredActivity, stored_of
from services.motivation.storage.tables import activity, entry
from shared.clock import following_period
from shared.context import language
from shared.db import Tx, compiled
from shared.events.activities import ActivityState
from shared.ids import EmployeeId, RoomId
from shared.vocabulary import Language

_a = activity.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_EMPLOYEE = bindparam("employee_id", type_=Uuid)
_of_month = and_(
    _a.won_on >= bindparam("first_on", type_=Date), _a.won_on < bindparam("next_on", type_=Date)
)
_WINS = compiled(
    select(*STORED, _a.refusal_cause).where(
        _a.tenant_id == _TENANT,
        _of_month,
        or_(
            _a.state["responsible_id"].astext == as_type(_EMPLOYEE, Text),
            _a.state["shares"].contains(
                func.jsonb_build_array(func.jsonb_build_object("employee_id", _EMPLOYEE))
            ),
        ),
        or_(
            bindparam("every_room", type_=Boolean),
            _a.room_id == any_(bindparam("rooms", type_=ARRAY(Uuid))),
        ),
    )
)
_POSTED = compiled(
    select(entry.c.activity_id)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.activity_id == any_(bindparam("activities", type_=ARRAY(Uuid))),
        entry.c.employee_id == _EMPLOYEE,
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class EmptyMonth:
    """An employee's month, as `2026-11`, in `rooms`; None is all."""

    employee_id: EmployeeId
    period: str
    rooms: Collection[RoomId] | None


async def why_empty(tx: Tx, month: EmptyMonth) -> list[dict[str, Any]]:
    """The causes for which the month has no lines, the most frequent first, each with how many of
    the employee's wins it concerns; `no_wins` where there are none.
    """
    rows = await tx.rows(
        _WINS,
        employee_id=month.employee_id,
        first_on=date.fromisoformat(f"{month.period}-01"),
        next_on=date.fromisoformat(f"{following_period(month.period)}-01"),
        every_room=month.rooms is None,
        rooms=sorted(month.rooms or ()),
    )
    wins = [
        (stored, row["refusal_cause"])
        for stored, row in zip(stored_of(rows), rows, strict=True)
        if _has_share(stored.state, month.employee_id)
    ]
    if not wins:
        return [_view("no_wins", 0)]
    counts = Counter(await _causes(tx, month.employee_id, wins))
    return [
        _view(cause, count)
        for cause, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _has_share(state: ActivityState, employee_id: EmployeeId) -> bool:
    shares = {share.employee_id for share in state.shares if share.share > 0}
    return employee_id in shares if shares else state.responsible_id == employee_id


async def _causes(
    tx: Tx, employee_id: EmployeeId, wins: Sequence[tuple[StoredActivity, EmptyCause | None]]
) -> list[EmptyCause]:
    find_cause = await load_causes(tx, [win for win, _ in wins])
    accrued = [win.id for win, _ in wins if win.plan_id]
    posted = await tx.rows(_POSTED, activities=accrued, employee_id=employee_id)
    elsewhere: set[UUID] = {row["activity_id"] for row in posted}

    def cause_of_win(win: StoredActivity, refusal: EmptyCause | None) -> EmptyCause:
        if refusal:
            return refusal
        if win.id in elsewhere:
            return "in_another_month"
        cause = find_cause(win)
        return "pays_nothing" if win.plan_id and cause != "cost_unknown" else cause

    return [cause_of_win(win, refusal) for win, refusal in wins]


def _view(cause: EmptyCause, wins: int) -> dict[str, Any]:
    texts = TEXTS[cast(Language, language.get())]
    return {"code": cause, "wins": wins, "text": texts[cause]}
