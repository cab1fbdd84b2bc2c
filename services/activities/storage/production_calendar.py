"""The production calendar of Russia: weekends, holidays, days off and working Saturdays by decree.

Of years whose decree is not known yet it has the holidays of the law.
"""

from datetime import date, timedelta
from functools import lru_cache

COUNTRY = "RU"


def is_day_off(day: date) -> bool:
    """Whether nobody works on the day."""
    return day in _days_off(day.year)


@lru_cache(maxsize=32)
def _days_off(year: int) -> frozenset[date]:
    # A tenth of a second, and few processes ask.
    import holidays

    calendar = holidays.country_holidays(COUNTRY, years=year)
    first, days = date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days
    every_day = (first + timedelta(days=number) for number in range(days))
    return frozenset(day for day in every_day if not calendar.is_working_day(day))
