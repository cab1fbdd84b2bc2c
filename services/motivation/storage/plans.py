"""Plans as rows, and their rules as JSON."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule
from services.motivation.storage.tables import plan, plan_series
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import CompanyId, PlanId, RoomId
from shared.money import Money

Series = tuple[CompanyId, RoomId]

_TENANT = bindparam("tenant_id", type_=Uuid)
_PLAN_ID = bindparam("plan_id", type_=Uuid)
_pairs = BulkRows("pair", {"company_id": Uuid(), "room_id": Uuid()})

_PLACE_SERIES = compiled(
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
        company_id=bindparam("company_id", type_=Uuid),
        room_id=bindparam("room_id", type_=Uuid),
        name=bindparam("name", type_=Text),
        effective_from=bindparam("effective_from", type_=Date),
        rules=bindparam("rules", type_=JSONB),
        created_at=bindparam("created_at", type_=Moment),
        created_by=bindparam("created_by", type_=Uuid),
    )
)
_NUMBER = bindparam("number", type_=Integer)
_PUBLISH = writing(
    update(plan)
    .values(version=1, plan_version=_NUMBER, published_at=bindparam("published_at", type_=Moment))
    .where(plan.c.tenant_id == _TENANT, plan.c.plan_id == _PLAN_ID, plan.c.plan_version.is_(None)),
    update(plan_series)
    .values(last_version=_NUMBER)
    .where(
        plan_series.c.tenant_id == _TENANT,
        plan_series.c.company_id == bindparam("company_id", type_=Uuid),
        plan_series.c.room_id == bindparam("room_id", type_=Uuid),
    ),
)
_SETTLED = compiled(
    update(plan)
    .values(settled_at=bindparam("settled_at", type_=Moment))
    .where(plan.c.tenant_id == _TENANT, plan.c.plan_id == _PLAN_ID, plan.c.settled_at.is_(None))
)
_ROOMS = bindparam("rooms", type_=ARRAY(Uuid))
_COMPANY = bindparam("company_id", type_=Uuid)
_BEFORE = bindparam("before", type_=Uuid)
_PAGE = compiled(
    select(plan)
    .where(
        plan.c.tenant_id == _TENANT,
        or_(_ROOMS.is_(None), plan.c.room_id == any_(_ROOMS)),
        or_(_COMPANY.is_(None), plan.c.company_id == _COMPANY),
        or_(_BEFORE.is_(None), plan.c.plan_id < _BEFORE),
    )
    .order_by(plan.c.plan_id.desc())
    .limit(bindparam("count", type_=Integer))
)


def rule_of(told: dict[str, Any]) -> Rule:
    """The rule in its JSON, as the API takes it."""
    limits = Limits(
        product_category=told.get("product_category"),
        source_kind=told.get("source_kind"),
        sale=told.get("sale"),
    )
    if told["kind"] == "fixed":
        return Fixed(Money.model_validate(told["amount"]), limits)
    return PercentOfReceipts(Decimal(told["percent"]), limits)


def plan_of(row: Any) -> Plan:
    rules = tuple(rule_of(told) for told in row["rules"])
    return Plan(
        row["plan_id"],
        row["company_id"],
        row["room_id"],
        row["effective_from"],
        row["plan_version"],
        rules,
    )


def _told(pairs: Collection[Series]) -> dict[str, list[Any]]:
    return _pairs.of(
        {"company_id": company_id, "room_id": room_id} for company_id, room_id in sorted(set(pairs))
    )


async def published(tx: Tx, pairs: Collection[Series]) -> list[Plan]:
    """The published plans of these companies and rooms.

    None of them gets another one before this transaction ends.
    """
    if not pairs:
        return []
    told = _told(pairs)
    await tx.rows(_PLACE_SERIES, **told)
    await tx.rows(_SHARE_SERIES, **told)
    return [plan_of(row) for row in await tx.rows(_PUBLISHED, **told)]


async def published_as_of_now(tx: Tx, pairs: Collection[Series]) -> list[Plan]:
    """The same for a reader, who locks nothing."""
    return [plan_of(row) for row in await tx.rows(_PUBLISHED, **_told(pairs))]


async def by_ids(tx: Tx, ids: Iterable[PlanId]) -> dict[PlanId, Plan]:
    wanted = sorted(set(ids))
    return (
        {row["plan_id"]: plan_of(row) for row in await tx.rows(_BY_IDS, ids=wanted)}
        if wanted
        else {}
    )


async def row(tx: Tx, plan_id: UUID) -> Any:
    """The plan's row as it is, or None."""
    return await tx.row(_BY_IDS, ids=[plan_id])


async def lock_for_publishing(
    tx: Tx, plan_id: PlanId, company_id: CompanyId, room_id: RoomId
) -> tuple[Plan, int]:
    """The plan, and the last version of its company and room; nobody looks for their plan until
    this transaction ends.
    """
    told = _told([(company_id, room_id)])
    await tx.rows(_PLACE_SERIES, **told)
    last = await tx.row(_LOCK_SERIES, **told)
    found = await tx.row(_LOCK, plan_id=plan_id)
    assert last
    return plan_of(found), last["last_version"]


async def add(
    tx: Tx,
    plan_id: UUID,
    company_id: UUID,
    room_id: UUID,
    name: str,
    effective_from: date,
    rules: list[dict[str, Any]],
    by: UUID,
) -> None:
    await tx.save(
        _ADD,
        plan_id=plan_id,
        company_id=company_id,
        room_id=room_id,
        name=name,
        effective_from=effective_from,
        rules=rules,
        created_at=tx.now,
        created_by=by,
    )


async def publish(tx: Tx, found: Plan, number: int) -> None:
    await tx.save(
        _PUBLISH,
        plan_id=found.id,
        number=number,
        published_at=tx.now,
        company_id=found.company_id,
        room_id=found.room_id,
    )


async def settled(tx: Tx, plan_id: PlanId) -> None:
    """Every win that the plan covers has been looked at."""
    await tx.rows(_SETTLED, plan_id=plan_id, settled_at=await tx.read_clock())


async def page(
    tx: Tx, rooms: list[UUID] | None, company_id: UUID | None, before: UUID | None, count: int
) -> list[Any]:
    """Rows of plans of `rooms` (None: all), newest first."""
    return list(
        await tx.rows(_PAGE, rooms=rooms, company_id=company_id, before=before, count=count)
    )
