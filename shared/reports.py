"""What the services say to a report of the gateway about: days, periods within them, rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID

from shared.errors import Invalid
from shared.ids import RoomId
from shared.tenancy import Caller
from shared.vocabulary import Role

ReportGroup = Literal["day", "week", "month"]
"""The periods into which a report is divided; weeks begin on Mondays."""
ReportSource = Literal["source", "first_source"]
"""Which source counts: the corrected one, or the one of the registration."""
CONVERSION_TARGETS = r"^(registered|taken|won|paid)(,(registered|taken|won|paid)){0,3}$"
"""Goals of offline conversions, divided by commas."""
LONGEST_DAYS = 5 * 366
LONGEST_BY_DAY = 100
"""A report by days has at most so many of them; by weeks seven times as many."""
_LONGEST = {
    None: LONGEST_DAYS,
    "day": LONGEST_BY_DAY,
    "week": 7 * LONGEST_BY_DAY,
    "month": LONGEST_DAYS,
}
_SEES_FIGURES: frozenset[Role] = frozenset({"marketer", "accountant", "admin"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReportDays:
    """The days of a report, both included, and how they are divided."""

    first_on: date
    last_on: date
    group: ReportGroup | None = None

    def check(self) -> None:
        """Raises `Invalid` for days that are backwards or too many."""
        if self.last_on < self.first_on:
            raise Invalid("to", "not_before", min=self.first_on.isoformat())
        latest = self.first_on + timedelta(days=_LONGEST[self.group] - 1)
        if self.last_on > latest:
            raise Invalid("to", "not_after", max=latest.isoformat())

    def bounds(self) -> list[date]:
        """The first days of the periods, and the day behind the last: one more than periods. The
        first and the last period may be shorter than others.
        """
        bounds, day, end = [self.first_on], self.first_on, self.last_on + _DAY
        while (day := self._following(day)) < end:
            bounds.append(day)
        return [*bounds, end]

    def periods(self) -> list[tuple[date, date]]:
        """The first and last days of the periods."""
        return [(first, after - _DAY) for first, after in pairwise(self.bounds())]

    def _following(self, day: date) -> date:
        """The first day of the next period."""
        if self.group == "day":
            return day + _DAY
        if self.group == "week":
            return day + timedelta(days=7 - day.weekday())
        if self.group == "month":
            return date(day.year + day.month // 12, day.month % 12 + 1, 1)
        return self.last_on + _DAY


def rooms_of_report(caller: Caller, room_id: UUID | None) -> list[RoomId] | None:
    """The rooms that a report covers: `room_id`, all (None), or those that the caller heads.

    Raises `NotFound`, `Forbidden`.
    """
    if caller.has_any(_SEES_FIGURES):
        return None if room_id is None else [RoomId(room_id)]
    if room_id is None:
        return sorted(caller.headed_rooms)
    caller.require_room(room_id, field="room_id")
    caller.require_overseer(room_id)
    return [RoomId(room_id)]


@dataclass(frozen=True, slots=True)
class SellersScope:
    """The rooms of a report by sellers, None for all; of an `employee_id` alone, or of all."""

    rooms: Sequence[RoomId] | None
    employee_id: UUID | None


def scope_of_sellers(caller: Caller, room_id: UUID | None) -> SellersScope:
    """As `rooms_of_report`; who heads none of the rooms sees their own line.

    Raises `NotFound`.
    """
    heads = caller.headed_rooms if room_id is None else caller.headed_rooms & {RoomId(room_id)}
    if heads or caller.has_any(_SEES_FIGURES):
        return SellersScope(rooms_of_report(caller, room_id), None)
    if room_id is None:
        return SellersScope(sorted(caller.room_ids), caller.employee_id)
    caller.require_room(room_id, field="room_id")
    return SellersScope([RoomId(room_id)], caller.employee_id)
