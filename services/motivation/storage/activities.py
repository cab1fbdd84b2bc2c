"""The latest state of each activity that the activities service published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.motivation.domain.plans import WinCover
from services.motivation.domain.sales import Buyer
from services.motivation.storage.deals import won_at
from services.motivation.storage.tables import activity, entry, statement
from shared.clock import following_period
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.events.activities import ActivityState
from shared.ids import ActivityId, PlanId
from shared.vocabulary import Sale


@dataclass(frozen=True, slots=True)
class LockedActivity:
    """An activity's row under lock.

    `version` is 0 where no event has come; `plan_id` is the plan it has accrued under last, if it
    has, `cover` the version that its win belongs to. `won_on` and `sale` are None unless it is won.
    """

    id: ActivityId
    version: int
    plan_id: PlanId | None
    cover: WinCover | None
    buyer: Buyer | None
    won_on: date | None
    sale: Sale | None


@dataclass(frozen=True, slots=True)
class StoredActivity(LockedActivity):
    """An activity with its latest state."""

    state: ActivityState


@dataclass(frozen=True, slots=True)
class NewState:
    """An activity's state after the last of its events, with its win's place and class."""

    id: ActivityId
    version: int
    state: ActivityState
    won_on: date | None
    sale: Sale | None


_TENANT = bindparam("tenant_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_MONTH = bindparam("month", type_=Text)

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

_LOCKED = tuple(
    activity.c[name]
    for name in (
        "activity_id",
        "version",
        "plan_id",
        "cover_plan_id",
        "covered_won_at",
        "company_id",
        "client_id",
        "won_at",
        "won_on",
        "sale",
    )
)
STORED = (*_LOCKED, activity.c.state)
"""What `stored_of` reads."""
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
        "client_id": Uuid(),
        "won_at": Moment,
        "won_on": Date(),
        "sale": Text(),
        "json": Text(),
    },
)
_COLUMNS_OF_STATE = (
    "version",
    "company_id",
    "room_id",
    "client_id",
    "won_at",
    "won_on",
    "sale",
)
_SAVE_STATES = writing(
    update(activity)
    .values(
        {name: _states.c[name] for name in _COLUMNS_OF_STATE}
        | {"state": cast(_states.c.json, JSONB), "refusal_cause": null(), "refusal": null()}
    )
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == _states.c.activity_id)
)

_BY_IDS = compiled(
    select(*STORED).where(activity.c.tenant_id == _TENANT, activity.c.activity_id == any_(_IDS))
)
_sales = BulkRows("class", {"activity_id": Uuid(), "sale": Text()})
_SAVE_SALES = writing(
    update(activity)
    .values(sale=_sales.c.sale)
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == _sales.c.activity_id)
)

_PAGE = compiled(
    select(*STORED)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.activity_id > bindparam("after", type_=Uuid),
        activity.c.version > 0,
    )
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
)
_IDS_OF_MONTH = compiled(
    select(activity.c.activity_id)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.won_on >= bindparam("first_on", type_=Date),
        activity.c.won_on < bindparam("next_on", type_=Date),
    )
    .union(
        select(entry.c.activity_id)
        .join_from(
            entry,
            statement,
            and_(
                statement.c.tenant_id == entry.c.tenant_id,
                statement.c.statement_id == entry.c.statement_id,
            ),
        )
        .where(
            entry.c.tenant_id == _TENANT,
            entry.c.activity_id.is_not(None),
            or_(statement.c.period == _MONTH, entry.c.corrected_period == _MONTH),
        )
    )
)


def _locked_values(row: Any) -> dict[str, Any]:
    return {
        "id": row["activity_id"],
        "cover": _cover(row),
        "buyer": (row["company_id"], row["client_id"]) if row["client_id"] else None,
        **{name: row[name] for name in ("version", "plan_id", "won_on", "sale")},
    }


def _cover(row: Any) -> WinCover | None:
    """The version that the win belongs to; the one that it accrued under where the release before
    has written the row.
    """
    if row["covered_won_at"]:
        return WinCover(row["cover_plan_id"], row["covered_won_at"])
    if row["client_id"] is None and row["plan_id"] and row["won_at"]:
        return WinCover(row["plan_id"], row["won_at"])
    return None


def stored_of(rows: Iterable[Any]) -> list[StoredActivity]:
    """The activities in rows that have their states."""
    return [
        StoredActivity(**_locked_values(row), state=ActivityState.model_validate(row["state"]))
        for row in rows
    ]


async def lock(
    tx: Tx, states: Mapping[ActivityId, ActivityState], others: Iterable[ActivityId] = ()
) -> list[LockedActivity]:
    """The rows of the activities of `states`, inserted where missing, and of `others`, locked in
    the order of their ids; reads the clock.
    """
    new = (
        {"activity_id": activity_id, "company_id": state.company_id, "room_id": state.room_id}
        for activity_id, state in states.items()
    )
    await tx.rows(_INSERT_MISSING, **_new.of(new))
    rows = await tx.rows(_LOCK, ids=sorted({*states, *others}))
    if rows:
        tx.at(rows[0]["now"])
    return [LockedActivity(**_locked_values(row)) for row in rows]


async def by_ids(tx: Tx, ids: Iterable[ActivityId]) -> list[StoredActivity]:
    """Activities that this transaction has locked, with their states."""
    distinct = sorted(ids)
    return stored_of(await tx.rows(_BY_IDS, ids=distinct)) if distinct else []


async def save_states(tx: Tx, activities: Iterable[NewState]) -> None:
    """Stores the states of activities that this transaction has locked."""
    rows = (
        {
            "activity_id": new.id,
            "version": new.version,
            "company_id": new.state.company_id,
            "room_id": new.state.room_id,
            "client_id": new.state.client_id,
            "won_at": won_at(new.state),
            "won_on": new.won_on,
            "sale": new.sale,
            "json": new.state.model_dump_json(),
        }
        for new in activities
    )
    await tx.save(_SAVE_STATES, **_states.of(rows))


async def save_sales(tx: Tx, sales: Mapping[ActivityId, Sale | None]) -> None:
    """Stores the classes of wins that this transaction has locked."""
    rows = ({"activity_id": activity_id, "sale": sale} for activity_id, sale in sales.items())
    await tx.save(_SAVE_SALES, **_sales.of(rows))


async def page(tx: Tx, after: UUID, count: int) -> list[StoredActivity]:
    """Up to `count` activities by id after `after`, not locked."""
    return stored_of(await tx.rows(_PAGE, after=after, count=count))


async def ids_of_month(tx: Tx, month: str) -> list[ActivityId]:
    """Those won in a month, by business day, or with entries in its statements or of it, by id."""
    rows = await tx.rows(
        _IDS_OF_MONTH,
        month=month,
        first_on=date.fromisoformat(f"{month}-01"),
        next_on=date.fromisoformat(f"{following_period(month)}-01"),
    )
    return sorted(row["activity_id"] for row in rows)
