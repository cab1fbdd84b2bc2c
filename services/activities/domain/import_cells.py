"""Cells of a table as people and spreadsheets write them: days, moments, numbers, yes and no,
several contacts in one cell, and numbers whose leading zeros a spreadsheet has dropped.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal

INN_LENGTHS = (10, 12)
KPP_LENGTHS = (9,)
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- a spreadsheet's days have no zone
_EXCEL_DAY = re.compile(r"([3-7][0-9]{4})(?:[.,]([0-9]+))?")
_DIGITS_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})")
_ISO = re.compile(r"([0-9]{4})[./-]([0-9]{1,2})[./-]([0-9]{1,2})")
_IN_WORDS = re.compile(r"([0-9]{1,2})\s+([а-я]+)\.?\s+([0-9]{4})(?:\s*(?:года|год|г)\.?)?")
_TIME = re.compile(r"(?:[T,]|\s|\sв\s)\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?Z?")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("январь", "января", "янв"),
            ("февраль", "февраля", "фев", "февр"),
            ("март", "марта", "мар"),
            ("апрель", "апреля", "апр"),
            ("май", "мая"),
            ("июнь", "июня", "июн"),
            ("июль", "июля", "июл"),
            ("август", "августа", "авг"),
            ("сентябрь", "сентября", "сен", "сент"),
            ("октябрь", "октября", "окт"),
            ("ноябрь", "ноября", "ноя", "нояб"),
            ("декабрь", "декабря", "дек"),
        ),
        1,
    )
    for name in names
}
_CENTURY = 2000
_TRUE = frozenset({"да", "yes", "true", "1", "+", "истина", "x", "х", "v", "✓", "✔"})
_FALSE = frozenset({"нет", "no", "false", "0", "-", "ложь", "–", "—"})
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_NOT_OF_A_NUMBER = re.compile(r"[\s\u00a0\u202f']|₽|руб\.?|р\.|%")
# A comma is part of a phone ("доб., 101") unless another phone or an e-mail stands behind it.
_BETWEEN = re.compile(r"[;\n\r|]|,(?=\s*(?:[+78(9]|\S+@))|(?<=\d)\s*/\s*(?=[+78(9]\D*\d)")


def with_leading_zero(text: str, lengths: Collection[int]) -> str:
    """A number that should have one of `lengths` digits, with the zero that a spreadsheet dropped
    from its front.
    """
    is_short = text.isdigit() and text.isascii() and len(text) not in lengths
    return f"0{text}" if is_short and len(text) + 1 in lengths else text


def parts_of(text: str) -> list[str]:
    """The contacts that stand in one cell, in their order."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def truth_of(text: str) -> bool | None:
    """Yes or no; None for anything else."""
    word = text.strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def number_of(text: str) -> Decimal | None:
    """A number as it is written here ("1 500,50 ₽") or there ("1500.50"); None for anything
    else.
    """
    compact = _NOT_OF_A_NUMBER.sub("", text.strip().casefold())
    if compact.count(",") == 1 and "." not in compact:
        compact = compact.replace(",", ".")
    return Decimal(compact) if _NUMBER.fullmatch(compact) else None


def day_of(text: str) -> date | None:
    """The day that is written, whatever time stands behind it; None where none is."""
    moment = moment_of(text)
    return moment.date() if moment else None


def moment_of(text: str) -> datetime | None:
    """The day and time that is written, of no zone; midnight where only a day is, None where none
    is. A number is a spreadsheet's count of days.
    """
    cell = text.strip().casefold()
    if serial := _EXCEL_DAY.fullmatch(cell):
        return _of_serial(serial[1], serial[2])
    for pattern, read in ((_ISO, _iso_day), (_DIGITS_FIRST, _day_first), (_IN_WORDS, _in_words)):
        if match := pattern.match(cell):
            day, clock = read(match), _time_of(cell[match.end() :])
            return datetime.combine(day, clock) if day and clock is not None else None
    return None


def _of_serial(days: str, fraction: str | None) -> datetime:
    part = timedelta(days=float(f"0.{fraction}")) if fraction else timedelta()
    seconds = round(part.total_seconds())
    return _EXCEL_EPOCH + timedelta(days=int(days), seconds=seconds)


def _time_of(rest: str) -> time | None:
    """The time behind a day: midnight where nothing is, None where it is something else."""
    if not rest.strip(" .,г"):
        return time()
    match = _TIME.fullmatch(rest.upper()) or _TIME.fullmatch(rest)
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        return None


def _iso_day(match: re.Match[str]) -> date | None:
    return _day(int(match[1]), int(match[2]), int(match[3]))


def _day_first(match: re.Match[str]) -> date | None:
    year = int(match[3])
    return _day(year if year >= 100 else _CENTURY + year, int(match[2]), int(match[1]))


def _in_words(match: re.Match[str]) -> date | None:
    month = _MONTHS.get(match[2])
    return _day(int(match[3]), month, int(match[1])) if month else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
