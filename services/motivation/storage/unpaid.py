"""Activities without the pay that would follow from them: wins that have not accrued, and whatever
was refused as pay was posted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from services.motivation.domain.unpaid import Cause
from services.motivation.storage.activities import STORED, StoredActivity, stored_of
from services.motivation.storage.tables import activity
from shared.db import BulkRows, Database, Tx, compiled
from shared.ids import ActivityId, CompanyId

NOT_ACCRUED = "not_accrued"
"""In counts: won, and neither accrued nor refused. Mostly there is no plan."""

_a = activity.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_company, _room = (bindparam(name, type_=Uuid) for name in ("company_id", "room_id"))
_before = bindparam("before", type_=Uuid)
_without_pay = or_(
    _a.refusal_cause.is_not(None), and_(_a.won_at.is_not(None), _a.plan_id.is_(None))
)
_of_company = or_(_company.is_(None), _a.company_id == _company)

_PAGE = compiled(
    select(*STORED, _a.refusal_cause, _a.refusal)
    .where(
        _a.tenant_id == _TENANT,
        _without_pay,
        _of_company,
        or_(_room.is_(None), _a.room_id == _room),
        or_(_before.is_(None), _a.activity_id < _before),
    )
    .order_by(_a.activity_id.desc())
    .limit(bindparam("count", type_=Integer))
)
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(*STORED)
        .where(
            _a.tenant_id == _TENANT,
            _without_pay,
            _of_company,
            _a.activity_id > bindparam("after", type_=Uuid),
        )
        .order_by(_a.activity_id)
        .limit(bindparam("count", type_=Integer))
        .with_for_update()
        .subquery(),
    )
)
_ANY = compiled(
    select(_a.activity_id).where(_a.tenant_id == _TENANT, _without_pay, _of_company).limit(1)
)
_refused = BulkRows("refused", {"activity_id": Uuid(), "cause": Text(), "json": Text()})
_REFUSE = compiled(
    update(activity)
    .values(refusal_cause=_refused.c.cause, refusal=cast(_refused.c.json, JSONB))
    .where(_a.tenant_id == _TENANT, _a.activity_id == _refused.c.activity_id)
)
_COUNT = compiled(
    select(func.coalesce(_a.refusal_cause, NOT_ACCRUED).label("cause"), func.count().label("wins"))
    .where(_without_pay)
    .group_by(func.coalesce(_a.refusal_cause, NOT_ACCRUED))
)


@dataclass(frozen=True, slots=True)
class Refused:
    """An activity whose pay could not be posted, and why; `json` is the refusal, if it is one."""

    activity_id: ActivityId
    cause: Cause
    json: str | None


async def page(
    tx: Tx, company_id: UUID | None, room_id: UUID | None, before: UUID | None, count: int
) -> list[tuple[StoredActivity, Mapping[str, Any]]]:
    """Up to `count` activities without pay by id before `before`, the newest first, each with its
    row.
    """
    rows = await tx.rows(_PAGE, company_id=company_id, room_id=room_id, before=before, count=count)
    return list(zip(stored_of(rows), rows, strict=True))


async def lock(tx: Tx, company_id: UUID | None, after: UUID, count: int) -> list[StoredActivity]:
    """Up to `count` activities without pay by id after `after`, locked; reads the clock where there
    is one.
    """
    rows = await tx.rows(_LOCK, company_id=company_id, after=after, count=count)
    if rows:
        tx.at(rows[0]["now"])
    return stored_of(rows)


async def has_any(tx: Tx, company_id: CompanyId) -> bool:
    """Whether the company has an activity without pay."""
    return await tx.row(_ANY, company_id=company_id) is not None


async def refuse(tx: Tx, refused: list[Refused]) -> None:
    """Stores why the pay of locked activities did not follow their states."""
    rows = (
        {"activity_id": one.activity_id, "cause": one.cause, "json": one.json} for one in refused
    )
    await tx.rows(_REFUSE, **_refused.of(rows))


async def counts(worker: Database) -> dict[str, int]:
    """How many activities of all tenants are without pay, by cause."""
    return {row["cause"]: row["wins"] for row in await worker.across_tenants(_COUNT)}
