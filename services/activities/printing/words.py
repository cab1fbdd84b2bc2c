"""Dates and amounts as Russian papers have them."""

from datetime import date
from decimal import Decimal

from num2words import num2words

_MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_GAP = "\u00a0"


def long_date(day: date) -> str:
    """A day such as `27 ноября 2026 г.`"""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} г."


def grouped(amount: Decimal) -> str:
    """An amount such as `1 234 567,89`, with blanks at which no line breaks."""
    return f"{amount:,.2f}".replace(",", _GAP).replace(".", ",")


def in_words(amount: Decimal, currency: str) -> str:
    """A sum such as `Сто двадцать рублей 05 копеек`; a currency without words of its own keeps its
    code: `Сто двадцать CNY 05/100`.
    """
    whole, hundredths = divmod(int(amount * 100), 100)
    try:
        words = str(
            num2words(
                amount, lang="ru", to="currency", currency=currency, cents=False, separator=""
            )
        )
    except NotImplementedError:
        words = f"{num2words(whole, lang='ru')} {currency} {hundredths:02}/100"
    return words[:1].upper() + words[1:]
