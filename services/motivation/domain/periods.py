"""Periods: months in the company's time zone.

A closed one never changes; later entries land in the next open one.
"""

from collections.abc import Collection
from datetime import datetime

from shared.clock import following_period, period_of
from shared.errors import Invalid, Refusal


class PeriodClosed(Refusal):
    """The month was closed by an accountant."""

    code = "period_closed"


def period_for(now: datetime, time_zone: str, closed: Collection[str]) -> str:
    """The period in which an entry posted `now` lands: the month of posting or, if that is closed,
    the next open one.
    """
    period = period_of(now, time_zone)
    while period in closed:
        period = following_period(period)
    return period


def require_begun(period: str, now: datetime, time_zone: str) -> None:
    """Raises `Invalid` for a period that has not begun in the company's time zone."""
    current = period_of(now, time_zone)
    if period > current:
        raise Invalid("period", "begun", max=current)
