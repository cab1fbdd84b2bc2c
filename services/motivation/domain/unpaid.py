"""Wins without pay, and why: what an accountant is to see instead of nothing."""

from typing import Literal

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import earnings, lacks_terms
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
    "cost_unknown",
    "not_yet_applied",
]
EmptyCause = Cause | Literal["no_wins", "in_another_month"]
"""Why a month of an employee has no lines: there are no wins, or none of them is paid in it."""
REFUSED: tuple[Cause, ...] = ("refused", "failed", "unknown_time_zone")
"""The causes that are met as pay is posted; the others are read off the plans."""


def refusal_cause(failure: Exception) -> Cause:
    """The cause for which posting failed: a rule refused it, or we did."""
    if isinstance(failure, UnknownTimeZone):
        return "unknown_time_zone"
    return "refused" if isinstance(failure, Refusal) else "failed"


def cause_of(deal: Deal, plan: Plan | None) -> Cause:
    """Why a win has not accrued under `plan`, the version that it belongs to or, as long as it
    belongs to none, that is in force on its day.
    """
    if plan is None:
        return "no_plan"
    if not deal.shares:
        return "nobody_responsible"
    if earnings(deal, plan.rules):
        return "not_yet_applied"
    return "cost_unknown" if lacks_terms(deal, plan.rules) else "pays_nothing"
