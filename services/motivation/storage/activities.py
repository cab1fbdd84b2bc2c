"""Activities as heard: the latest state of each, and the chain of facts that led to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.motivation.storage.deals import won_at
from services.motivation.storage.tables import activity, activity_fact
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.events import Envelope
from shared.events.activities import ActivityEvent, ActivityState
from shared.ids import ActivityId, PlanId


@dataclass(frozen=True, slots=True)
class Held:
    """An activity's row, locked.

    `version` is 0 where nothing was known; `plan_id` is the plan it has accrued under, if it has.
    """

    id: ActivityId
    version: int
    plan_id: PlanId | None


@dataclass(frozen=True, slots=True)
class Kept(Held):
    """The same with the latest state."""

    state: ActivityState


_TENANT = bindparam("tenant_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_told = BulkRows(
    "fact",
    {
        "activity_id": Uuid(),
        "version": BigInteger(),
        "event_id": Uuid(),
        "type": Text(),
        "at": Moment,
    },
)
_KEEP_FACTS = compiled(
    insert(activity_fact)
    .from_select(
        ["tenant_id", "activity_id", "version", "event_id", "type", "at"],
        select(_TENANT, *_told.c).order_by(_told.c.activity_id, _told.c.version),
    )
    .on_conflict_do_nothing()
)

_named = BulkRows("place", {"activity_id": Uuid(), "company_id": Uuid(), "room_id": Uuid()})
_PLACE = compiled(
    insert(activity)
    .from_select(
        ["tenant_id", "activity_id", "company_id", "room_id", "version", "state"],
        select(
            _TENANT, *_named.c, literal(0, BigInteger), cast(literal("{}", Text), JSONB)
        ).order_by(_named.c.activity_id),
    )
    .on_conflict_do_nothing()
)

_HELD = (activity.c.activity_id, activity.c.version, activity.c.plan_id)
_KEPT = (*_HELD, activity.c.state)
_locked = (
    select(*_HELD)
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
_KEEP_STATES = writing(
    update(activity)
    .values(
        {name: _states.c[name] for name in ("version", "company_id", "room_id", "won_at")}
        | {"state": cast(_states.c.json, JSONB)}
    )
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == _states.c.activity_id)
)

_won_on = cast(
    func.timezone(bindparam("time_zone", type_=Text), activity.c.won_at, type_=DateTime), Date
)
_unpaid = (
    select(*_KEPT)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.company_id == bindparam("company_id", type_=Uuid),
        activity.c.room_id == bindparam("room_id", type_=Uuid),
        activity.c.won_at.is_not(None),
        activity.c.plan_id.is_(None),
        activity.c.activity_id > bindparam("after", type_=Uuid),
        _won_on >= bindparam("since", type_=Date),
    )
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update()
    .subquery()
)
_LOCK_UNPAID = compiled(select(func.clock_timestamp().label("now"), _unpaid))

_CHAIN = compiled(
    select(activity_fact)
    .where(
        activity_fact.c.tenant_id == _TENANT,
        activity_fact.c.activity_id == bindparam("activity_id", type_=Uuid),
        activity_fact.c.version <= bindparam("version", type_=BigInteger),
    )
    .order_by(activity_fact.c.version)
)
_PAGE = compiled(
    select(*_KEPT)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.activity_id > bindparam("after", type_=Uuid),
        activity.c.version > 0,
    )
    .order_by(activity.c.activity_id)
    .limit(bindparam("count", type_=Integer))
)


def _kept(rows: Iterable[Any]) -> list[Kept]:
    return [
        Kept(
            row["activity_id"],
            row["version"],
            row["plan_id"],
            ActivityState.model_validate(row["state"]),
        )
        for row in rows
    ]


async def keep_facts(tx: Tx, facts: Iterable[Envelope]) -> None:
    """Adds to the chains of facts; repeats change nothing."""
    told = [
        {
            "activity_id": one.subject,
            "version": one.version,
            "event_id": one.id,
            "type": one.type,
            "at": one.time,
        }
        for one in facts
    ]
    await tx.rows(_KEEP_FACTS, **_told.of(told))


async def lock(tx: Tx, firsts: Collection[ActivityEvent]) -> list[Held]:
    """The rows of the activities that `firsts` are about, made where missing, locked in the order
    of their ids; reads the clock.
    """
    places = (
        {
            "activity_id": one.activity_id,
            "company_id": one.state.company_id,
            "room_id": one.state.room_id,
        }
        for one in firsts
    )
    await tx.rows(_PLACE, **_named.of(places))
    rows = await tx.rows(_LOCK, ids=sorted(one.activity_id for one in firsts))
    tx.at(rows[0]["now"])
    return [Held(row["activity_id"], row["version"], row["plan_id"]) for row in rows]


async def lock_unpaid(
    tx: Tx, company_id: UUID, room_id: UUID, since: date, time_zone: str, after: UUID, count: int
) -> list[Kept]:
    """Wins of a company in a room from `since` on (its days) that have not accrued, by id after
    `after`, locked; reads the clock.
    """
    rows = await tx.rows(
        _LOCK_UNPAID,
        company_id=company_id,
        room_id=room_id,
        since=since,
        time_zone=time_zone,
        after=after,
        count=count,
    )
    if rows:
        tx.at(rows[0]["now"])
    return _kept(rows)


async def keep_states(tx: Tx, newest: Iterable[tuple[int, ActivityState, UUID]]) -> None:
    """Stores the states, each (version, state, activity), of activities that this transaction has
    locked.
    """
    rows = (
        {
            "activity_id": activity_id,
            "version": version,
            "company_id": state.company_id,
            "room_id": state.room_id,
            "won_at": won_at(state),
            "json": state.model_dump_json(),
        }
        for version, state, activity_id in newest
    )
    await tx.save(_KEEP_STATES, **_states.of(rows))


async def chain(tx: Tx, activity_id: UUID, version: int) -> list[Any]:
    """The facts about an activity up to `version`, oldest first."""
    return list(await tx.rows(_CHAIN, activity_id=activity_id, version=version))


async def page(tx: Tx, after: UUID, count: int) -> list[Kept]:
    """Up to `count` activities by id after `after`, not locked."""
    return _kept(await tx.rows(_PAGE, after=after, count=count))
