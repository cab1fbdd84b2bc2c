"""Sellers' absences (vacation, illness): days, by the company's calendar, on which the time of a
reset does not run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.clock import end_of_day, start_of_day
from shared.room_settings import NOTICE

Days = tuple[date, date]
"""The first day and the last."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absences:
    """A seller's absences in the days of a company, apart from each other and the earliest first.

    `former` are they as they were before some were shortened or cancelled: what had time left by
    them keeps it until `former_until`.
    """

    time_zone: str
    days: tuple[Days, ...]
    former: tuple[Days, ...] = ()
    former_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AbsenceDays:
    """The days of one absence, none of them once it is `cancelled`, and the notice of its latest
    change that took days away: the days before, and until when they protect.
    """

    first_on: date
    last_on: date
    cancelled: bool = False
    former_first_on: date | None = None
    former_last_on: date | None = None
    former_until: datetime | None = None

    def changed(
        self, first_on: date, last_on: date, cancelled: bool, now: datetime
    ) -> "AbsenceDays":
        """The absence with other days from `now` on. Days that are taken away protect for a day
        more, with what was taken away within a day before.
        """
        former = self.former_first_on, self.former_last_on, self.former_until
        if cancelled or first_on > self.first_on or last_on < self.last_on:
            first_before, last_before, until = former
            if first_before is None or last_before is None or until is None or until <= now:
                first_before, last_before = self.first_on, self.last_on
            first, last = min(first_before, self.first_on), max(last_before, self.last_on)
            former = first, last, now + NOTICE
        return AbsenceDays(first_on, last_on, cancelled, *former)

    @property
    def relevant_until(self) -> date:
        """The last day that a deadline may depend on."""
        return max(self.last_on, self.former_last_on or self.last_on)


def together(absences: Iterable[AbsenceDays], time_zone: str) -> Absences | None:
    """One seller's absences as a deadline is computed by them; None for none."""
    days, former, untils = list[Days](), list[Days](), list[datetime]()
    for absence in absences:
        present = [] if absence.cancelled else [(absence.first_on, absence.last_on)]
        days += present
        if absence.former_until and absence.former_first_on and absence.former_last_on:
            untils.append(absence.former_until)
            former += [(absence.former_first_on, absence.former_last_on), *present]
        else:
            former += present
    if not days and not untils:
        return None
    if not untils:
        return Absences(time_zone, _merged(days))
    return Absences(time_zone, _merged(days), _merged(former), max(untils))


def after(since: datetime, period: timedelta, absent: Sequence[Days], time_zone: str) -> datetime:
    """The moment by which `period` has run since `since`, the absent days left out."""
    due_at = since + period
    for first_on, last_on in absent:
        begins_at, ends_at = start_of_day(first_on, time_zone), end_of_day(last_on, time_zone)
        if begins_at >= due_at:
            break
        if ends_at > since:
            due_at += ends_at - max(begins_at, since)
    return due_at


def days_of(absent: Sequence[Days]) -> frozenset[date]:
    """Every single day."""
    return frozenset(
        first_on + timedelta(days=number)
        for first_on, last_on in absent
        for number in range((last_on - first_on).days + 1)
    )


def _merged(days: Iterable[Days]) -> tuple[Days, ...]:
    merged: list[Days] = []
    for first_on, last_on in sorted(days):
        if merged and first_on <= merged[-1][1] + _DAY:
            merged[-1] = merged[-1][0], max(merged[-1][1], last_on)
        else:
            merged.append((first_on, last_on))
    return tuple(merged)
