"""Money, moments and lengths of time in words. Pure: the language and the zone are given."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime

from shared.clock import known_or_utc, local_day, zone_of

NBSP = "\u00a0"
MINUS = "\u2212"
_SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "CNY": "¥", "GBP": "£"}
LEGAL_FORMS = frozenset(
    [
        "ООО",
        "ОАО",
        "ЗАО",
        "АО",
        "ПАО",
        "НАО",
        "ИП",
        "ГК",
        "АНО",
        "ФГУП",
        "МУП",
        "ГУП",
        "НКО",
        "ТОО",
        "LLC",
        "Ltd",
        "Inc",
        "GmbH",
    ]
)
_MOMENT, _DAY, _SHORT_DAY, _MONTH = "d MMM, HH:mm", "d MMMM", "d MMM", "LLLL y"
_WEEKDAY, _QUARTER = "EEEE, d MMMM", "QQQQ y"
Money = dict[str, str]


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats of one language, in the time zone of a company or a tenant."""

    language: str
    zone: str = "UTC"

    def in_zone(self, zone: str) -> "Formats":
        return Formats(self.language, zone)

    def number(self, value: int | Decimal | str) -> str:
        """`1 234 567`, or `1,234,567` in English; a minus is a minus."""
        whole, _, part = str(value).lstrip("-").partition(".")
        sign = MINUS if str(value).startswith("-") else ""
        grouped = f"{int(whole or 0):,}"
        if self.language == "ru":
            return sign + grouped.replace(",", NBSP) + (f",{part}" if part else "")
        return sign + grouped + (f".{part}" if part else "")

    def money(self, money: Money, kopecks: bool = False) -> str:
        """A sum with its sign of currency; kopecks where there are any, or `kopecks` asks."""
        amount = money["amount"]
        if not kopecks and amount.endswith(".00"):
            amount = amount[:-3]
        symbol = _SYMBOLS.get(money["currency"], money["currency"])
        if self.language == "ru":
            return f"{self.number(amount)}{NBSP}{symbol}"
        unsigned = self.number(amount.lstrip("-"))
        space = NBSP if len(symbol) > 1 else ""
        return (MINUS if amount.startswith("-") else "") + symbol + space + unsigned

    def percent(self, value: Decimal | str) -> str:
        """`2,5 %` of a value in percent, without zeros behind it."""
        text = f"{Decimal(value).normalize():f}"
        return self.number(text) + (f"{NBSP}%" if self.language == "ru" else "%")

    def local(self, moment: datetime | str) -> datetime:
        """A moment in the zone."""
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return parsed.astimezone(_zone(self.zone))

    def date_of(self, moment: datetime | str) -> date:
        """The day of a moment in the zone."""
        return local_day(self.local(moment), known_or_utc(self.zone))

    def moment(self, moment: datetime | str) -> str:
        """`24 нояб., 12:00`."""
        local, locale = self.local(moment), _locale(self.language)
        return str(format_datetime(local, _MOMENT, locale=locale))

    def time(self, moment: datetime | str) -> str:
        """`14:31`."""
        return f"{self.local(moment):%H:%M}"

    def day(self, day: date | datetime | str) -> str:
        """`24 ноября`, of a date, or of a moment in the zone."""
        return self._date(self._day(day), _DAY)

    def short_day(self, day: date | datetime | str) -> str:
        """`24 нояб.`"""
        return self._date(self._day(day), _SHORT_DAY)

    def weekday(self, day: date | datetime | str) -> str:
        """`четверг, 26 ноября`."""
        return self._date(self._day(day), _WEEKDAY)

    def month(self, period: str) -> str:
        """`ноябрь 2026` of `2026-11`."""
        return self._date(date.fromisoformat(f"{period}-01"), _MONTH)

    def quarter(self, quarter: str) -> str:
        """`3-й квартал 2026` of `2026-Q3`."""
        return self._date(date(int(quarter[:4]), 3 * int(quarter[-1]), 1), _QUARTER)

    def zone_name(self, moment: datetime) -> str:
        """The zone as people call it: `МСК`, `GMT+5`."""
        if self.language == "ru" and self.zone == "Europe/Moscow":
            return "МСК"
        return str(format_datetime(self.local(moment), "z", locale=_locale(self.language)))

    def _day(self, day: date | datetime | str) -> date:
        if isinstance(day, str) and len(day) == len("2026-11-24"):
            return date.fromisoformat(day)
        if isinstance(day, str | datetime):
            return self.date_of(day)
        return day

    def _date(self, day: date, pattern: str) -> str:
        return str(format_date(day, pattern, _locale(self.language)))


def split_client(name: str) -> tuple[str, str]:
    """The telling word, and the legal form: `КедрЛогистик` and `АО` of `АО «КедрЛогистик»`."""
    words = name.split()
    for form in (words[:1], words[-1:]):
        if len(words) > 1 and form[0].strip(",") in LEGAL_FORMS:
            rest = " ".join(words[1:] if form == words[:1] else words[:-1])
            return rest.strip(' ,«»"“”') or name, form[0].strip(",")
    return name, ""


def short_name(name: str) -> str:
    """`Кузнецов Д.` of `Кузнецов Дмитрий Олегович`."""
    words = name.split()
    return f"{words[0]} {words[1][0]}." if len(words) > 1 else name


def initials(name: str) -> str:
    """`КД` of `Кузнецов Дмитрий`."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return zone_of(known_or_utc(name))
