"""Plans, and the series of their versions for each company and room."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Date,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.motivation.domain.plans import Plan
from services.motivation.storage.plan_tables import plan, plan_series
from services.motivation.storage.rules import rule_from_json, rule_to_json
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import CompanyId, EmployeeId, PlanId, RoomId

Series = tuple[CompanyId, RoomId]

_TENANT = bindparam("tenant_id", type_=Uuid)
_PLAN_ID = bindparam("plan_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_ROOM = bindparam("room_id", type_=Uuid)
_pairs = BulkRows("pair", {"company_id": Uuid(), "room_id": Uuid()})

_INSERT_MISSING_SERIES = compiled(
    insert(plan_series)
    .from_select(
        ["tenant_id", "company_id", "room_id", "last_version"],
        select(_TENANT, _pairs.c.company_id, _pairs.c.room_id, literal(0, Integer)).order_by(
            _pairs.c.company_id, _pairs.c.room_id
        ),
    )
    .on_conflict_do_nothing()
)
_series = (
    select(plan_series.c.last_version)
    .join(
        _pairs.table,
        (plan_series.c.company_id == _pairs.c.company_id)
        & (plan_series.c.room_id == _pairs.c.room_id),
    )
    .where(plan_series.c.tenant_id == _TENANT)
    .order_by(plan_series.c.company_id, plan_series.c.room_id)
)
_SHARE_SERIES = compiled(_series.with_for_update(of=plan_series, read=True))
_LOCK_SERIES = compiled(_series.with_for_update(of=plan_series))

_PUBLISHED = compiled(
    select(plan)
    .join(
        _pairs.table,
        (plan.c.company_id == _pairs.c.company_id) & (plan.c.room_id == _pairs.c.room_id),
    )
    .where(plan.c.tenant_id == _TENANT, plan.c.plan_version.is_not(None))
)
_BY_IDS = compiled(
    select(plan).where(
        plan.c.tenant_id == _TENANT, plan.c.plan_id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_LOCK = compiled(
    select(plan).where(plan.c.tenant_id == _TENANT, plan.c.plan_id == _PLAN_ID).with_for_update()
)

_ADD = writing(
    insert(plan).values(
        tenant_id=_TENANT,
        plan_id=_PLAN_ID,
        version=literal(0, Integer),
        company_id=_COMPANY,
        room_id=_ROOM,
        name=bindparam("name", type_=Text),
        effective_from=bindparam("effective_from", type_=Date),
        rules=bindparam("rules", type_=JSONB),
        created_at=bindparam("created_at", type_=Moment),
        created_by=bindparam("created_by", type_=Uuid),
    )
)
_CHANGE = writing(
    update(plan)
    .values(
        name=bindparam("name", type_=Text),
        effective_from=bindparam("effective_from", type_=Date),
        rules=bindparam("rules", type_=JSONB),
        draft_version=bindparam("draft_version", type_=Integer),
    )
    .where(plan.c.tenant_id == _TENANT, plan.c.plan_id == _PLAN_ID, plan.c.plan_version.is_(None))
)
_DELETE = writing(
    delete(plan).where(
        plan.c.tenant_id == _TENANT, plan.c.plan_id == _PLAN_ID, plan.c.plan_version.is_(None)
    )
)
_PLAN_VERSION = bindparam("plan_version", type_=Integer)
_PUBLISH = writing(
    update(plan)
    .values(
        version=1, plan_version=_PLAN_VERSION, published_at=bindparam("published_at", type_=Moment)
    )
    .where(plan.c.tenant_id == _TENANT, plan.c.plan_id == _PLAN_ID, plan.c.plan_version.is_(None)),
    update(plan_series)
    .values(last_version=_PLAN_VERSION)
    .where(
        plan_series.c.tenant_id == _TENANT,
        plan_series.c.company_id == _COMPANY,
        plan_series.c.room_id == _ROOM,
    ),
)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan with its name and, for a draft, how often it was stored."""

    plan: Plan
    name: str
    draft_version: int


def plan_of(row: Any) -> Plan:
    """The plan in a row."""
    return Plan(
        row["plan_id"],
        row["company_id"],
        row["room_id"],
        row["effective_from"],
        row["plan_version"],
        tuple(rule_from_json(rule) for rule in row["rules"]),
    )


def _pair_values(pairs: Collection[Series]) -> dict[str, list[Any]]:
    return _pairs.of(
        {"company_id": company_id, "room_id": room_id} for company_id, room_id in sorted(set(pairs))
    )


async def published(tx: Tx, pairs: Collection[Series]) -> list[Plan]:
    """The published plans of these companies and rooms.

    None of them gets another one before this transaction ends.
    """
    if not pairs:
        return []
    values = _pair_values(pairs)
    await tx.rows(_INSERT_MISSING_SERIES, **values)
    await tx.rows(_SHARE_SERIES, **values)
    return await published_unlocked(tx, pairs)


async def published_unlocked(tx: Tx, pairs: Collection[Series]) -> list[Plan]:
    """The same for a reader: locks nothing, so another plan may be published meanwhile."""
    return [plan_of(row) for row in await tx.rows(_PUBLISHED, **_pair_values(pairs))]


async def by_ids(tx: Tx, ids: Iterable[PlanId]) -> dict[PlanId, Plan]:
    """Those of `ids` that exist."""
    distinct = sorted(set(ids))
    rows = await tx.rows(_BY_IDS, ids=distinct) if distinct else []
    return {row["plan_id"]: plan_of(row) for row in rows}


async def lock_for_publishing(tx: Tx, draft: Plan) -> tuple[Plan, int]:
    """The plan as it is now, and the last version of its company and room; nobody looks for their
    plan until this transaction ends.
    """
    values = _pair_values([(draft.company_id, draft.room_id)])
    await tx.rows(_INSERT_MISSING_SERIES, **values)
    series = await tx.row(_LOCK_SERIES, **values)
    row = await tx.row(_LOCK, plan_id=draft.id)
    assert series
    return plan_of(row), series["last_version"]


async def lock(tx: Tx, plan_id: PlanId) -> StoredPlan | None:
    """The plan, locked to be changed; None where there is none."""
    row = await tx.row(_LOCK, plan_id=plan_id)
    return StoredPlan(plan_of(row), row["name"], row["draft_version"]) if row else None


async def change_draft(tx: Tx, draft: Plan, name: str, draft_version: int) -> None:
    """Stores a locked draft as it is now."""
    await tx.save(
        _CHANGE,
        plan_id=draft.id,
        name=name,
        effective_from=draft.effective_from,
        rules=[rule_to_json(rule) for rule in draft.rules],
        draft_version=draft_version,
    )


async def delete_draft(tx: Tx, plan_id: PlanId) -> None:
    """Deletes a locked draft."""
    await tx.save(_DELETE, plan_id=plan_id)


async def add_draft(tx: Tx, draft: Plan, name: str, created_by: EmployeeId) -> None:
    """Stores a draft."""
    await tx.save(
        _ADD,
        plan_id=draft.id,
        company_id=draft.company_id,
        room_id=draft.room_id,
        name=name,
        effective_from=draft.effective_from,
        rules=[rule_to_json(rule) for rule in draft.rules],
        created_at=tx.now,
        created_by=created_by,
    )


async def publish(tx: Tx, draft: Plan, plan_version: int) -> None:
    """Stores that the draft was published as `plan_version`, the last of its series."""
    await tx.save(
        _PUBLISH,
        plan_id=draft.id,
        plan_version=plan_version,
        published_at=tx.now,
        company_id=draft.company_id,
        room_id=draft.room_id,
    )
