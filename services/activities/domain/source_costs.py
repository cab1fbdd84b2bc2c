"""What sources cost: periods of days, and the part of a cost that falls into others."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from shared.errors import Invalid
from shared.money import KOPECK

LONGEST_DAYS = 3 * 366
_AHEAD = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Cost:
    """Money spent on a source from `first_on` to `last_on`, both included."""

    amount: Decimal
    first_on: date
    last_on: date

    def part(self, since: date, until: date) -> Decimal:
        """The sum of the days from `since` to `until`, both included.

        A cost is spread evenly over its days; the kopecks that are left over go to its first days,
        one to each. So the parts of periods that follow one another add up to the cost.
        """
        return (self._up_to(until) - self._up_to(since - timedelta(days=1))) * KOPECK

    def _up_to(self, day: date) -> int:
        """The kopecks of the days until the end of `day`."""
        days = (self.last_on - self.first_on).days + 1
        passed = min(max((day - self.first_on).days + 1, 0), days)
        each, left_over = divmod(int(self.amount / KOPECK), days)
        return each * passed + min(passed, left_over)


def require_cost_days(first_on: date, last_on: date, today: date) -> None:
    """Raises `Invalid` for days that nobody means: backwards, more than three years, or more than
    two years ahead.
    """
    if last_on < first_on:
        raise Invalid("last_on", "not_before", min=first_on.isoformat())
    latest = min(first_on + timedelta(days=LONGEST_DAYS - 1), today + _AHEAD)
    if last_on > latest:
        raise Invalid("last_on", "not_after", max=latest.isoformat())
