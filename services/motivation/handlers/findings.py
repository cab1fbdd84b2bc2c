"""What is to be known before a company's month is closed."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from services.motivation.domain.closing import Finding, count_behind, worth_knowing
from services.motivation.domain.rules import lacks_terms
from services.motivation.domain.unpaid import Cause
from services.motivation.handlers.company_months import CompanyMonth
from services.motivation.queries.unpaid import load_causes
from services.motivation.storage import (
    adjustments,
    catalogue,
    company_months,
    disputes,
    month_ends,
)
from services.motivation.storage.deals import deal_of
from services.motivation.storage.directory import Company
from shared.clock import following_period, start_of_period
from shared.db import Tx
from shared.vocabulary import ClosingFinding

PAGE = 500
_CAUSES: dict[Cause, ClosingFinding | None] = {
    "refused": "pay_refused",
    "failed": "pay_refused",
    "unknown_time_zone": "pay_refused",
    "company_missing": "pay_pending",
    "not_yet_applied": "pay_pending",
    "no_plan": "wins_without_plan",
    "nobody_responsible": "nobody_responsible",
    "pays_nothing": None,
    "cost_unknown": None,
}


async def find_findings(
    tx: Tx, company: Company, period: str, month: CompanyMonth | None
) -> list[Finding]:
    """The findings, what blocks first; `month` is None where activities could not be asked."""
    negative = await company_months.negative_totals(tx, company.id, period)
    unnumbered = await company_months.without_personnel_number(tx, company.id, period)
    findings = [
        Finding("consumer_parked", int(await company_months.is_parked(tx))),
        *await _compared(tx, company, period, month),
        *await _without_pay(tx, company, period),
        Finding("cost_unknown", await _without_cost(tx, company, period)),
        Finding("month_end_pending", await _rooms_without_end(tx, company, period)),
        Finding("adjustments_proposed", await adjustments.count_proposed(tx, company.id, period)),
        Finding("open_disputes", await disputes.count_unresolved(tx, company.id, period)),
        Finding(
            "negative_totals",
            len(negative),
            tuple(total for _, total in negative),
            tuple(employee_id for employee_id, _ in negative),
        ),
        Finding("no_personnel_number", len(unnumbered), (), tuple(unnumbered)),
    ]
    return worth_knowing(findings)


async def _compared(
    tx: Tx, company: Company, period: str, month: CompanyMonth | None
) -> list[Finding]:
    """What the owner of activities knows, beside what has come here."""
    if month is None:
        return [Finding("activities_unavailable", 1)]
    here = await company_months.wins(tx, company.id, *_bounds(company, period))
    return [
        Finding("events_behind", count_behind(month.wins, here, month.as_of)),
        Finding("claimed_money", month.claimed.count, month.claimed.totals),
        Finding("unmatched_money", month.unmatched.count, month.unmatched.totals),
    ]


async def _without_pay(tx: Tx, company: Company, period: str) -> list[Finding]:
    counts: Counter[ClosingFinding] = Counter()
    after = UUID(int=0)
    while page := await company_months.page_without_pay(tx, company.id, period, after, PAGE):
        find_cause = await load_causes(tx, [stored for stored, _ in page])
        for stored, row in page:
            if code := _CAUSES[row["refusal_cause"] or find_cause(stored)]:
                counts[code] += 1
        after = page[-1][0].id
    return [Finding(code, count) for code, count in counts.items()]


async def _without_cost(tx: Tx, company: Company, period: str) -> int:
    """How many wins of the month have products of which a rule looks at the cost or the tax, and
    they are not known.
    """
    plans = {plan.id: plan for plan in await catalogue.plans_concerned(tx, [company.id])}
    count, after = 0, UUID(int=0)
    while plans and (
        page := await company_months.page_under(tx, company.id, period, list(plans), after, PAGE)
    ):
        terms = await catalogue.load(tx, plans.values(), (win.state for win in page))
        for win in page:
            assert win.cover
            deal = deal_of(win.state, company.time_zone, win.sale, terms)
            count += lacks_terms(deal, plans[win.cover.plan_id].rules)
        after = page[-1].id
    return count


async def _rooms_without_end(tx: Tx, company: Company, period: str) -> int:
    """In how many rooms a month that is over lacks the lines of its end: floors, draws."""
    _, end = _bounds(company, period)
    if end > await tx.read_clock():
        return 0
    return await month_ends.count_waiting(tx, company.id, period)


def _bounds(company: Company, period: str) -> tuple[datetime, datetime]:
    """The month's first moment and the one after its last, UTC."""
    return (
        start_of_period(period, company.time_zone),
        start_of_period(following_period(period), company.time_zone),
    )
