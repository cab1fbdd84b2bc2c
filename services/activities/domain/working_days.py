"""Working days: the time of a reset runs on them alone, in the company's time zone."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from shared.clock import local_day, start_of_day, zone_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The production calendar, in which `is_day_off` knows weekends and holidays, with the days of
    a room's own: `days_off` are none, `extra_working_days` are, whatever the calendar says.
    """

    time_zone: str
    days_off: frozenset[date]
    extra_working_days: frozenset[date]
    is_day_off: Callable[[date], bool] = field(compare=False, repr=False)

    def after(self, moment: datetime, days: int) -> datetime:
        """The moment, UTC, by which `days` working days have run since `moment`: the same time of
        day, so many working days later. What happens on a day off counts from the beginning of the
        next working day. Raises `UnknownTimeZone`.
        """
        day = local_day(moment, self.time_zone)
        if not self.is_working(day):
            day = self._next(day)
            moment = start_of_day(day, self.time_zone)
        zone = zone_of(self.time_zone)
        time_of_day: time = moment.astimezone(zone).time()
        for _ in range(days):
            day = self._next(day)
        return datetime.combine(day, time_of_day, zone).astimezone(UTC)

    def without(self, days: Collection[date]) -> "WorkingDays":
        """The calendar of somebody who does not work on `days`."""
        return replace(self, days_off=self.days_off.union(days)) if days else self

    def is_working(self, day: date) -> bool:
        if day in self.days_off:
            return False
        return day in self.extra_working_days or not self.is_day_off(day)

    def _next(self, day: date) -> date:
        day += _DAY
        while not self.is_working(day):
            day += _DAY
        return day
