"""Plans as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, and_, any_, bindparam, or_, select

from services.motivation.domain.plan_checks import PlanCheck, plan_checks
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import employees_of
from services.motivation.queries.plan_phrases import PHRASES
from services.motivation.queries.plan_text import PlanText
from services.motivation.queries.visibility import rooms_of_plans
from services.motivation.storage import catalogue, confirmations, directory, products
from services.motivation.storage.plan_tables import plan
from services.motivation.storage.plans import plan_of
from services.motivation.storage.rules import DEFAULTS, plain
from shared.context import language
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import PlanId
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller
from shared.vocabulary import Language

_TENANT = bindparam("tenant_id", type_=Uuid)
_ROOM = bindparam("room_id", type_=Uuid)
_PUBLISHED_ROOMS = bindparam("published_rooms", type_=ARRAY(Uuid))
_DRAFT_ROOMS = bindparam("draft_rooms", type_=ARRAY(Uuid))
_COMPANY = bindparam("company_id", type_=Uuid)
_BEFORE = bindparam("before", type_=Uuid)


def _within(rooms: Any) -> Any:
    """The plan is of one of the rooms, or no room is named."""
    return or_(rooms.is_(None), plan.c.room_id == any_(rooms))


_BY_ID = compiled(
    select(plan).where(
        plan.c.tenant_id == _TENANT, plan.c.plan_id == bindparam("plan_id", type_=Uuid)
    )
)
_PAGE = compiled(
    select(plan)
    .where(
        plan.c.tenant_id == _TENANT,
        or_(_ROOM.is_(None), plan.c.room_id == _ROOM),
        or_(
            and_(plan.c.plan_version.is_not(None), _within(_PUBLISHED_ROOMS)),
            and_(plan.c.plan_version.is_(None), _within(_DRAFT_ROOMS)),
        ),
        or_(_COMPANY.is_(None), plan.c.company_id == _COMPANY),
        or_(_BEFORE.is_(None), plan.c.plan_id < _BEFORE),
    )
    .order_by(plan.c.plan_id.desc())
    .limit(bindparam("count", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class PlanFilters:
    """The room and the company whose plans are listed; None is any."""

    room_id: UUID | None = None
    company_id: UUID | None = None


async def get_plan(tx: Tx, caller: Caller, plan_id: PlanId) -> dict[str, Any]:
    """The plan, with what to know of it before it is published. Raises `NotFound` as
    `readable_plan`.
    """
    row = await readable_plan(tx, caller, plan_id)
    plan_ = plan_of(row)
    gaps = await catalogue.gaps(tx, plan_.company_id, plan_.effective_from)
    categories = await products.categories_of(tx, plan_.company_id)
    checks = plan_checks(plan_.rules, categories, gaps)
    return {**plan_view(row), "checks": [_check_view(check) for check in checks]}


async def get_plan_text(tx: Tx, caller: Caller, plan_id: PlanId) -> dict[str, Any]:
    """The plan as text in the language of the request. Raises `NotFound` as `readable_plan`."""
    row = await readable_plan(tx, caller, plan_id)
    plan_ = plan_of(row)
    words = cast(Language, language.get())
    paragraphs = PlanText(words, await _numbers_of(tx, plan_)).print(plan_, row["name"])
    return {"plan_id": plan_id, "language": words, "paragraphs": paragraphs}


async def _numbers_of(tx: Tx, plan_: Plan) -> dict[Any, str | None]:
    named = {employee_id for rule in plan_.rules for employee_id in employees_of(rule)}
    employees = await directory.employees(tx, named) if named else {}
    return {id_: employee.personnel_number for id_, employee in employees.items()}


async def list_confirmations(tx: Tx, caller: Caller, plan_id: PlanId) -> dict[str, Any]:
    """Who has confirmed a plan, the earliest first, then who works in its room and has not.

    Sellers see their own. Raises `NotFound` as `readable_plan`.
    """
    row = await readable_plan(tx, caller, plan_id)
    confirmed = await confirmations.of_plan(tx, plan_id)
    missing = await confirmations.expected(tx, row["room_id"], confirmed)
    items = [
        {"employee_id": employee_id, "confirmed_at": confirmed.get(employee_id)}
        for employee_id in [*confirmed, *missing]
    ]
    if not caller.sees_every_room and row["room_id"] not in caller.headed_rooms:
        items = [item for item in items if item["employee_id"] == caller.employee_id]
    return {"plan_id": plan_id, "plan_version": row["plan_version"], "items": items}


async def readable_plan(tx: Tx, caller: Caller, plan_id: PlanId) -> Any:
    """The plan's row.

    Raises `NotFound`, also for a plan of a room that the caller does not work in, and for a draft
    of a room that they do not head.
    """
    row = await tx.row(_BY_ID, plan_id=plan_id)
    if row is None:
        raise NotFound("plan")
    rooms = rooms_of_plans(caller)
    readable = rooms.drafts if row["plan_version"] is None else rooms.published
    if readable is not None and row["room_id"] not in readable:
        raise NotFound("plan")
    return row


async def list_plans(
    tx: Tx, caller: Caller, filters: PlanFilters, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of the plans that the caller may read, newest first.

    Raises `NotFound` for a room that is not theirs, `Invalid` for a broken cursor.
    """
    rooms = rooms_of_plans(caller)
    known = rooms.published
    if filters.room_id is not None and known is not None and filters.room_id not in known:
        raise NotFound("room", "room_id")
    before = read_cursor(cursor, UUID)
    rows = await tx.rows(
        _PAGE,
        room_id=filters.room_id,
        published_rooms=rooms.published,
        draft_rooms=rooms.drafts,
        company_id=filters.company_id,
        before=before[0] if before else None,
        count=limit + 1,
    )
    views = [plan_view(row) for row in rows]
    return page(views, limit, cursor_of(rows[limit - 1]["plan_id"]) if len(rows) > limit else None)


def plan_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """A plan's row as `PlanView`."""
    return {
        "id": row["plan_id"],
        "company_id": row["company_id"],
        "room_id": row["room_id"],
        "name": row["name"],
        "effective_from": row["effective_from"],
        "rules": [rule_view(rule) for rule in row["rules"]],
        "status": "draft" if row["plan_version"] is None else "published",
        "plan_version": row["plan_version"],
        "published_at": row["published_at"],
        "created_at": row["created_at"],
        "created_by": row["created_by"],
        "version": row["draft_version"],
        "checks": None,
    }


def rule_view(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A stored rule with all that it may have."""
    return {**DEFAULTS[rule["kind"]], **rule}


def _check_view(check: PlanCheck) -> dict[str, Any]:
    return {
        "code": check.code,
        "rules": list(check.rules),
        "deals": [
            {
                "product_category": limits.product_category,
                "source_kind": limits.source_kind,
                "sale": limits.sale,
            }
            for limits in check.deals
        ],
        "percent": None if check.percent is None else plain(check.percent),
        "text": PHRASES[language.get()][f"check_{check.code}"],
    }
