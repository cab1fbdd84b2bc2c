"""Periods: months in the company's time zone.

A closed one never changes; later entries land in the next open one.
"""

from collections.abc import Collection
from datetime import date, datetime

from shared.clock import following_period, period_of
from shared.errors import Invalid, Refusal


class PeriodClosed(Refusal):
    """The month was closed by an accountant."""

    code = "period_closed"


def open_period(month: str, closed: Collection[str]) -> str:
    """The period in which an entry that belongs to `month` lands: that one or, if it is closed, the
    next open one.
    """
    period = month
    while period in closed:
        period = following_period(period)
    return period


def require_begun(period: str, now: datetime, time_zone: str) -> None:
    """Raises `Invalid` for a period that has not begun in the company's time zone."""
    current = period_of(now, time_zone)
    if period > current:
        raise Invalid("period", "begun", max=current)


def require_open_from(effective_from: date, last_closed: str | None) -> None:
    """Raises `Invalid` for a plan that would take effect in a closed month, or before one."""
    if last_closed and effective_from.isoformat()[:7] <= last_closed:
        raise Invalid("effective_from", "open_month", closed=last_closed)
