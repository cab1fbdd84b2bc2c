"""The latest state of each activity that the activities service published."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.motivation.storage.deals import won_at
from services.motivation.storage.tables import activity
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.events.activities import ActivityState
from shared.ids import ActivityId, CompanyId, PlanId, RoomId


@dataclass(frozen=True, slots=True)
class LockedActivity:
    """An activity's row under lock.

    `version` is 0 where no event has come; `plan_id` is the plan it has accrued under, if it has.
    """

    id: ActivityId
    version: int
    plan_id: PlanId | None


@dataclass(frozen=True, slots=True)
class StoredActivity(LockedActivity):
    """An activity with its latest state."""

    state: ActivityState


@dataclass(frozen=True, slots=True)
class WinsSince:
    """Wins of a company in a room from the moment `since` (UTC) on."""

    company_id: CompanyId
    room_id: RoomId
    since: datetime


_TENANT = bindparam("tenant_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_new = BulkRows("new", {"activity_id": Uuid(), "company_id": Uuid(), "room_id": Uuid()})
_INSERT_MISSING = compiled(
    insert(activity)
    .from_select(
        ["tenant_id", "activity_id", "company_id", "room_id", "version", "state"],
        select(_TENANT, *_new.c, literal(0, BigInteger), cast(literal("{}", Text), JSONB)).order_by(
            _new.c.activity_id
        ),
    )
    .on_conflict_do_nothing()
)

_LOCKED = (activity.c.activity_id, activity.c.version, activity.c.plan_id)
_STORED = (*_LOCKED, activity.c.state)
_locked = (
    select(*_LOCKED)
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == any_(_IDS))
    .order_by(activity.c.activity_id)
)
_LOCK = compiled(select(func.clock_timestamp().label("now"), _locked.with_for_update().subquery()))

_states = BulkRows(
    "state",
    # The state comes as JSON already: it is only stored.
    {
        "activity_id": Uuid(),
        "version": BigInteger(),
        "company_id": Uuid(),
        "room_id": Uuid(),
        "won_at": Moment,
        "json": Text(),
    },
)
_SAVE_STATES = writing(
    update(activity)
    .values(
        {name: _states.c[name] for name in ("version", "company_id", "room_id", "won_at")}
        | {"state": cast(_states.c.json, JSONB), "refusal_cause": null(), "refusal": null()}
    )
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == _states.c.activity_id)
)

_without_plan = (
    activity.c.tenant_id == _TENANT,
    activity.c.company_id == bindparam("company_id", type_=Uuid),
    activity.c.room_id == bindparam("room_id", type_=Uuid),
    activity.c.won_at.is_not(None),
    activity.c.plan_id.is_(None),
    activity.c.won_at >= bindparam("since", type_=Moment),
)
_COUNT_WITHOUT_PLAN = compiled(
    select(func.count().label("wins")).select_from(activity).where(*_without_plan)
)
_first_without_plan = (
    select(*_STORED)
    .where(*_without_plan, activity.c.activity_id > bindparam("after", type_=Uuid))
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update()
    .subquery()
)
_LOCK_WITHOUT_PLAN = compiled(select(func.clock_timestamp().label("now"), _first_without_plan))

_PAGE = compiled(
    select(*_STORED)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.activity_id > bindparam("after", type_=Uuid),
        activity.c.version > 0,
    )
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
)


def stored_of(rows: Iterable[Any]) -> list[StoredActivity]:
    """The activities in rows that have their states."""
    return [
        StoredActivity(
            row["activity_id"],
            row["version"],
            row["plan_id"],
            ActivityState.model_validate(row["state"]),
        )
        for row in rows
    ]


async def lock(tx: Tx, states: Mapping[ActivityId, ActivityState]) -> list[LockedActivity]:
    """The rows of these activities, inserted where missing, locked in the order of their ids; reads
    the clock.
    """
    new = (
        {"activity_id": activity_id, "company_id": state.company_id, "room_id": state.room_id}
        for activity_id, state in states.items()
    )
    await tx.rows(_INSERT_MISSING, **_new.of(new))
    rows = await tx.rows(_LOCK, ids=sorted(states))
    tx.at(rows[0]["now"])
    return [LockedActivity(row["activity_id"], row["version"], row["plan_id"]) for row in rows]


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


async def save_states(tx: Tx, activities: Iterable[StoredActivity]) -> None:
    """Stores the states of activities that this transaction has locked."""
    rows = (
        {
            "activity_id": stored.id,
            "version": stored.version,
            "company_id": stored.state.company_id,
            "room_id": stored.state.room_id,
            "won_at": won_at(stored.state),
            "json": stored.state.model_dump_json(),
        }
        for stored in activities
    )
    await tx.save(_SAVE_STATES, **_states.of(rows))


async def page(tx: Tx, after: UUID, count: int) -> list[StoredActivity]:
    """Up to `count` activities by id after `after`, not locked."""
    return stored_of(await tx.rows(_PAGE, after=after, count=count))
