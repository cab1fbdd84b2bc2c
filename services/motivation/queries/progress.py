"""An employee's month as it stands: what is earned, how far tiers are attained, and what more they
would get if these deals closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.motivation.domain.catalogue import Catalogue
from services.motivation.domain.plans import Plan
from services.motivation.domain.progress import RuleProgress, rule_progress
from services.motivation.domain.settlement import CreditedDeal, Month, settle
from services.motivation.queries.months import RoomMonth, credited, month_as_paid
from services.motivation.queries.plan_preview import NOTHING, earned_by
from services.motivation.storage import activities, catalogue, directory, plans
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.rules import plain
from shared.clock import local_day, period_of
from shared.db import Tx
from shared.errors import Invalid, NotFound
from shared.ids import ActivityId, CompanyId, EmployeeId, RoomId
from shared.money import MoneySum
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class ProgressQuery:
    """Whose month of a company in a room; None is the caller, and the present month. `activity_ids`
    are open deals of the employee, as if they closed today with all that was agreed.
    """

    company_id: CompanyId
    room_id: RoomId
    employee_id: EmployeeId | None = None
    period: str | None = None
    activity_ids: Sequence[ActivityId] = ()


async def get_progress(tx: Tx, caller: Caller, query: ProgressQuery) -> dict[str, Any]:
    """The employee's progress.

    Raises:
        NotFound: there is no such company or activity of the employee in work there, or the room or
            the employee's pay in it is not the caller's to see.
        Invalid: the month has not begun.
    """
    employee_id = query.employee_id or caller.employee_id
    _require_visible(caller, query.room_id, employee_id)
    company = await directory.company(tx, query.company_id)
    now = await tx.read_clock()
    current = period_of(now, company.time_zone)
    if query.period and query.period > current:
        raise Invalid("period", "begun", max=current)
    month = RoomMonth(company, query.room_id, query.period or current)
    facts = await month_as_paid(tx, month, ended=month.period < current)
    settlement = settle(facts)
    earned = earned_by(settlement).get(employee_id, NOTHING)
    expected = None
    if query.activity_ids:
        today = local_day(now, company.time_zone)
        with_these = await _with(tx, month, facts, employee_id, query.activity_ids, today)
        more = earned_by(settle(with_these)).get(employee_id, NOTHING) - earned
        expected = MoneySum.build(amount=more, currency=company.currency)
    plan = facts.last_plan
    rules = rule_progress(plan, employee_id, settlement, facts.targets) if plan else []
    return {
        "employee_id": employee_id,
        "company_id": company.id,
        "room_id": month.room_id,
        "period": month.period,
        "plan_id": plan.id if plan else None,
        "plan_version": plan.plan_version if plan else None,
        "earned": MoneySum.build(amount=earned, currency=company.currency),
        "expected": expected,
        "rules": [_view(progress) for progress in rules],
    }


def _require_visible(caller: Caller, room_id: RoomId, employee_id: EmployeeId) -> None:
    if caller.sees_every_room or room_id in caller.headed_rooms:
        return
    if room_id not in caller.room_ids:
        raise NotFound("room", "room_id")
    if employee_id != caller.employee_id:
        raise NotFound("employee", "employee_id")


async def _with(
    tx: Tx,
    month: RoomMonth,
    facts: Month,
    employee_id: EmployeeId,
    activity_ids: Sequence[ActivityId],
    today: date,
) -> Month:
    """The month with open deals that close on `today`."""
    stored = {each.id: each for each in await activities.by_ids(tx, activity_ids)}
    published = await plans.published_unlocked(tx, [(month.company.id, month.room_id)])
    terms = await catalogue.load(tx, published, (each.state for each in stored.values()))
    closing = []
    for id_ in dict.fromkeys(activity_ids):
        deal = stored.get(id_)
        if deal is None or not _is_open(deal, month, employee_id):
            raise NotFound("activity", "activity_id")
        if closed := _closed(deal, month, today, published, terms):
            closing.append(closed)
    return replace(facts, deals=[*facts.deals, *closing])


def _is_open(deal: StoredActivity, month: RoomMonth, employee_id: EmployeeId) -> bool:
    state = deal.state
    return (
        (state.company_id, state.room_id) == (month.company.id, month.room_id)
        and state.status == "in_work"
        and state.responsible_id == employee_id
    )


def _closed(
    deal: StoredActivity,
    month: RoomMonth,
    today: date,
    published: Sequence[Plan],
    terms: Catalogue | None,
) -> CreditedDeal | None:
    """The deal as if it were won on `today`, or on the month's last day where that is over, with
    what was agreed.
    """
    state, day = deal.state, min(today, month.last_on)
    amounts = [product.amount.amount for product in state.products]
    agreed = state.agreed.amount if state.agreed else sum(amounts, Decimal(0))
    paid = MoneySum.build(amount=max(agreed, state.paid.amount), currency=state.paid.currency)
    won = state.model_copy(
        update={"status": "won", "won_at": state.progress_at, "won_on": day, "paid": paid}
    )
    return credited(replace(deal, state=won, sale=None), month, None, published, terms)


def _view(progress: RuleProgress) -> dict[str, Any]:
    attainment, following = progress.terms.attainment, progress.next_tier
    return {
        "rule": progress.rule,
        "measure": attainment.measure,
        "scope": attainment.scope,
        "attained": plain(progress.attained),
        "target": _text(progress.target),
        "rate": _text(progress.rate),
        "next": following
        and {
            "from": plain(following.start),
            "missing": plain(following.missing),
            "rate": plain(following.rate),
        },
        "missing_to_threshold": _text(progress.missing_to_threshold),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
