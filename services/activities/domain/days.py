"""Days that people type, judged in the company's days."""

from datetime import date, timedelta

from shared.errors import Invalid

_FIVE_YEARS = timedelta(days=5 * 366)
_TEN_YEARS = timedelta(days=10 * 366)


def day_of_fact(typed: date | None, today: date, field: str) -> date:
    """The day of something that has happened, today unless typed.

    Raises `Invalid` for a day still to come, or more than five years ago.
    """
    if typed is None:
        return today
    if typed > today:
        raise Invalid(field, "not_in_future")
    _require_recent(typed, today, field)
    return typed


def require_due_day(due_on: date | None, today: date) -> None:
    """Raises `Invalid` for a due day that nobody means: more than five years ago, or more than ten
    ahead. Bills that are already overdue are entered, too.
    """
    if due_on is None:
        return
    _require_recent(due_on, today, "due_on")
    latest = today + _TEN_YEARS
    if due_on > latest:
        raise Invalid("due_on", "not_after", max=latest.isoformat())


def _require_recent(day: date, today: date, field: str) -> None:
    earliest = today - _FIVE_YEARS
    if day < earliest:
        raise Invalid(field, "not_before", min=earliest.isoformat())
