"""Time: UTC inside; a company's time zone decides days and months.

The present moment always comes in as an argument.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from shared.rules import rule_broken

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
EARLIEST_DAY, LATEST_DAY = EARLIEST.date(), LATEST.date()

TIME_ZONES = tuple(Path(__file__).with_name("time_zones.txt").read_text().split())
"""The zones that a company may choose: places of the IANA database by their present names, all
known to Python and to PostgreSQL. Names such as `right/Europe/Moscow` or `localtime` depend on the
machine.
"""
_CHOICE = frozenset(TIME_ZONES)


class UnknownTimeZone(LookupError):
    """A zone that was accepted once and that this installation does not know."""


def _written(pattern: str, refusal: Callable[[], PydanticCustomError]) -> BeforeValidator:
    """Lets text through that is written so, and our own values; pydantic would read numbers as
    seconds since 1970.
    """
    form = re.compile(pattern)

    def check(value: Any) -> Any:
        if isinstance(value, date) or (isinstance(value, str) and form.fullmatch(value)):
            return value
        raise refusal()

    return BeforeValidator(check, json_schema_input_type=str)


def _in_our_time(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise rule_broken("years")
    return moment.astimezone(UTC)


def _day_in_our_time(day: date) -> date:
    if not EARLIEST_DAY <= day < LATEST_DAY:
        raise rule_broken("years")
    return day


def _known_zone(name: str) -> str:
    if name not in _CHOICE:
        raise rule_broken("time_zone")
    return name


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_in_our_time),
    _written(f"{_DAY}[Tt]{_TIME}", lambda: rule_broken("moment")),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment as RFC 3339 writes it, with its zone; UTC afterwards."""
Day = Annotated[
    date,
    AfterValidator(_day_in_our_time),
    _written(_DAY, lambda: rule_broken("date")),
    WithJsonSchema({"type": "string", "format": "date"}),
]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Period = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A month, as `2026-11`."""


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name. Raises `UnknownTimeZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(name) from None


def known_or_utc(time_zone: str) -> str:
    """The zone, or UTC where it is unknown: for screens, which show a month all the same."""
    try:
        return zone_of(time_zone).key
    except UnknownTimeZone:
        return "UTC"


def utc_offset(time_zone: str, now: datetime) -> str:
    """The zone's distance from UTC at this moment, as `+03:00`."""
    return now.astimezone(zone_of(time_zone)).isoformat()[-6:]


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of `moment` where the company keeps its books. Raises `UnknownTimeZone`."""
    return moment.astimezone(zone_of(time_zone)).date()


def start_of_day(day: date, time_zone: str) -> datetime:
    """The first moment of the day there, UTC. Raises `UnknownTimeZone`."""
    return datetime.combine(day, time(), zone_of(time_zone)).astimezone(UTC)


def end_of_day(day: date, time_zone: str) -> datetime:
    """The moment at which the day is over there, UTC. Raises `UnknownTimeZone`."""
    return start_of_day(day + timedelta(days=1), time_zone)


def period_of(moment: datetime, time_zone: str) -> str:
    """The month that `moment` belongs to, as `2026-11`, in the company's time zone.

    Raises `UnknownTimeZone`.
    """
    return local_day(moment, time_zone).isoformat()[:7]


def start_of_period(period: str, time_zone: str) -> datetime:
    """The first moment of the month `2026-11` there, UTC. Raises `UnknownTimeZone`."""
    return start_of_day(date.fromisoformat(f"{period}-01"), time_zone)


def following_period(period: str) -> str:
    """The month after `period`."""
    year, month = int(period[:4]), int(period[5:])
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def wall_clock(moment: datetime, time_zone: str) -> str:
    """What calendar and clock show there, as `27.11.2026 14:00`. Raises `UnknownTimeZone`."""
    return f"{moment.astimezone(zone_of(time_zone)):%d.%m.%Y %H:%M}"


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds to wait until `moment` has come: rounded up, never less than one while it has
    not.
    """
    return max(0, -((now - moment) // timedelta(seconds=1)))
