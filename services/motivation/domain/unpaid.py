"""Wins without pay, and why: what an accountant is to see instead of nothing."""

from collections.abc import Iterable
from typing import Literal

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.rules import earnings
from shared.clock import UnknownTimeZone
from shared.errors import Refusal

Cause = Literal[
    "refused",
    "failed",
    "unknown_time_zone",
    "company_missing",
    "no_plan",
    "nobody_responsible",
    "pays_nothing",
    "not_yet_applied",
]
REFUSED: tuple[Cause, ...] = ("refused", "failed", "unknown_time_zone")
"""The causes that are met as pay is posted; the others are read off the plans."""


def refusal_cause(failure: Exception) -> Cause:
    """The cause for which posting failed: a rule refused it, or we did."""
    if isinstance(failure, UnknownTimeZone):
        return "unknown_time_zone"
    return "refused" if isinstance(failure, Refusal) else "failed"


def cause_of(deal: Deal, published: Iterable[Plan], time_zone: str | None) -> Cause:
    """Why a win has not accrued, by the plans as they are now; `time_zone` is its company's, None
    where the company is not known yet.
    """
    if time_zone is None:
        return "company_missing"
    try:
        plan = plan_for(deal, published, time_zone)
    except UnknownTimeZone:
        return "unknown_time_zone"
    if plan is None:
        return "no_plan"
    if not deal.shares:
        return "nobody_responsible"
    return "not_yet_applied" if earnings(deal, plan.rules) else "pays_nothing"
