"""Time: UTC inside; a company's time zone decides days and months.

The present moment always comes in as an argument.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime

from shared.rules import rule_broken

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def _in_our_time(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise rule_broken("years")
    return moment.astimezone(UTC)


def _day_in_our_time(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise rule_broken("years")
    return day


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise rule_broken("time_zone") from None
    return name


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Day = Annotated[date, AfterValidator(_day_in_our_time)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of `moment` where the company keeps its books."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def period_of(moment: datetime, time_zone: str) -> str:
    """The month that `moment` belongs to, as `2026-11`, in the company's time zone."""
    return local_day(moment, time_zone).isoformat()[:7]


def following_period(period: str) -> str:
    """The month after `period`."""
    year, month = int(period[:4]), int(period[5:])
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds to wait until `moment` has come: rounded up, never less than one while it has
    not.
    """
    return max(0, -((now - moment) // timedelta(seconds=1)))
