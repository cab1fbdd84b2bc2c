"""The plan versions that wins belong to, and the wins that belong to none."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Uuid, any_, bindparam, func, null, select, update

from services.motivation.domain.plans import WinCover
from services.motivation.storage.activities import STORED, StoredActivity, stored_of
from services.motivation.storage.tables import activity
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import ActivityId, CompanyId, PlanId, RoomId


@dataclass(frozen=True, slots=True)
class WinPlan:
    """The plan that an activity has accrued under, and the version that its win belongs to."""

    activity_id: ActivityId
    accrued: PlanId | None
    cover: WinCover | None


@dataclass(frozen=True, slots=True)
class WinsSince:
    """Wins of a company in a room from the business day `since` on."""

    company_id: CompanyId
    room_id: RoomId
    since: date


_TENANT = bindparam("tenant_id", type_=Uuid)
_without_plan = (
    activity.c.tenant_id == _TENANT,
    activity.c.company_id == bindparam("company_id", type_=Uuid),
    activity.c.room_id == bindparam("room_id", type_=Uuid),
    activity.c.won_at.is_not(None),
    activity.c.cover_plan_id.is_(None),
    activity.c.won_on >= bindparam("since", type_=Date),
)
_COUNT_WITHOUT_PLAN = compiled(
    select(func.count().label("wins")).select_from(activity).where(*_without_plan)
)
_first_without_plan = (
    select(*STORED)
    .where(*_without_plan, activity.c.activity_id > bindparam("after", type_=Uuid))
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update()
    .subquery()
)
_LOCK_WITHOUT_PLAN = compiled(select(func.clock_timestamp().label("now"), _first_without_plan))

_win_plans = BulkRows(
    "win_plan",
    {
        "activity_id": Uuid(),
        "plan_id": Uuid(),
        "cover_plan_id": Uuid(),
        "covered_won_at": Moment,
    },
)
UPDATE_WIN_PLANS = (
    update(activity)
    .values(
        plan_id=_win_plans.c.plan_id,
        cover_plan_id=_win_plans.c.cover_plan_id,
        covered_won_at=_win_plans.c.covered_won_at,
        refusal_cause=null(),
        refusal=null(),
    )
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == _win_plans.c.activity_id)
)
"""A part of a statement whose parameters are those of `win_plan_values`."""
_SAVE_WIN_PLANS = writing(UPDATE_WIN_PLANS)


_under = (
    select(*STORED)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.won_at.is_not(None),
        activity.c.cover_plan_id == any_(bindparam("plan_ids", type_=ARRAY(Uuid))),
        activity.c.activity_id > bindparam("after", type_=Uuid),
    )
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update()
    .subquery()
)
_LOCK_UNDER = compiled(select(func.clock_timestamp().label("now"), _under))


async def lock_wins_under(
    tx: Tx, plan_ids: Collection[PlanId], after: UUID, count: int
) -> list[StoredActivity]:
    """Up to `count` wins that belong to these plan versions, by id after `after`, locked.

    Reads the clock where there is one.
    """
    rows = await tx.rows(_LOCK_UNDER, plan_ids=sorted(plan_ids), after=after, count=count)
    if rows:
        tx.at(rows[0]["now"])
    return stored_of(rows)


async def count_wins_without_plan(tx: Tx, wins: WinsSince) -> int:
    """How many of `wins` have not accrued."""
    row = await tx.row(_COUNT_WITHOUT_PLAN, **asdict(wins))
    assert row
    count: int = row["wins"]
    return count


async def lock_wins_without_plan(
    tx: Tx, wins: WinsSince, after: UUID, count: int
) -> list[StoredActivity]:
    """Up to `count` of `wins` that have not accrued, by id after `after`, locked.

    Reads the clock where there is one.
    """
    rows = await tx.rows(_LOCK_WITHOUT_PLAN, **asdict(wins), after=after, count=count)
    if rows:
        tx.at(rows[0]["now"])
    return stored_of(rows)


def win_plan_values(win_plans: Iterable[WinPlan]) -> dict[str, list[Any]]:
    """The parameters of `UPDATE_WIN_PLANS`."""
    return _win_plans.of(
        {
            "activity_id": each.activity_id,
            "plan_id": each.accrued,
            "cover_plan_id": each.cover.plan_id if each.cover else None,
            "covered_won_at": each.cover.won_at if each.cover else None,
        }
        for each in win_plans
    )


async def save_win_plans(tx: Tx, win_plans: Iterable[WinPlan]) -> None:
    """Stores the plans of activities that this transaction has locked."""
    await tx.save(_SAVE_WIN_PLANS, **win_plan_values(win_plans))
