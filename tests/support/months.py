"""Months as tests name them, counted from the one that runs: what holds of a month that runs, or of
one that has ended, is tested on any day of any year.
"""

import calendar
from datetime import UTC, date, datetime, timedelta

from shared.clock import period_of


class Month(str):
    """A month as `2026-10`, as it is read in Moscow."""

    __slots__ = ()

    def day(self, number: int) -> date:
        """A day of the month; its last one where it has fewer."""
        first = date.fromisoformat(f"{self}-01")
        return first.replace(day=min(number, calendar.monthrange(first.year, first.month)[1]))

    def at(self, number: int, hour: int = 12) -> datetime:
        """An hour (UTC) of a day of the month."""
        return datetime(*self.day(number).timetuple()[:3], hour, tzinfo=UTC)

    @property
    def begins(self) -> datetime:
        return self.at(1, 0)

    @property
    def first_day(self) -> date:
        return self.day(1)

    @property
    def last_day(self) -> date:
        return self.day(31)

    @property
    def next(self) -> "Month":
        return Month(f"{self.last_day + timedelta(days=1):%Y-%m}")

    @property
    def previous(self) -> "Month":
        return Month(f"{self.first_day - timedelta(days=1):%Y-%m}")


THIS_MONTH = Month(period_of(datetime.now(UTC), "Europe/Moscow"))
LAST_MONTH = THIS_MONTH.previous
TWO_MONTHS_AGO = LAST_MONTH.previous
THREE_MONTHS_AGO = TWO_MONTHS_AGO.previous
