"""Hours of the day in which nobody is disturbed, in the person's own time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from shared.clock import local_day, zone_of


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins_at` up to, not including, `ends_at` of a clock on the wall; over midnight where
    the end is the earlier one. None at all where both are the same.
    """

    begins_at: time
    ends_at: time

    def holds(self, wall: time) -> bool:
        """Whether it is quiet when the clock on the wall shows `wall`."""
        if self.begins_at <= self.ends_at:
            return self.begins_at <= wall < self.ends_at
        return wall >= self.begins_at or wall < self.ends_at


def audible_at(now: datetime, quiet: QuietHours | None, time_zone: str) -> datetime:
    """The first moment from `now` on, UTC, at which a person in `time_zone` may be disturbed.

    An end that the clock passes over, as summer time begins, is the moment after the jump; one
    that it shows twice is over the first time. Raises `UnknownTimeZone`.
    """
    local = now.astimezone(zone_of(time_zone))
    if quiet is None or not quiet.holds(local.time()):
        return now
    is_over_today = local.time() < quiet.ends_at
    today = local_day(now, time_zone)
    day = today if is_over_today else today + timedelta(days=1)
    end = datetime.combine(day, quiet.ends_at, local.tzinfo).astimezone(UTC)
    return max(end, now)
