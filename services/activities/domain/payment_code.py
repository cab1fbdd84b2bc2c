"""The text of the payment code on an invoice, as ГОСТ Р 56042-2014 has it, and the purpose of the
payment that comes of it.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

_HEAD = "ST00012"
"""The format, its version 0001, and 2 for UTF-8."""
_SEPARATOR = "|"
_LENGTHS = {
    "Name": 160,
    "PersonalAcc": 20,
    "BankName": 45,
    "BIC": 9,
    "CorrespAcc": 20,
    "Sum": 18,
    "Purpose": 210,
    "PayeeINN": 12,
    "KPP": 9,
}
_REQUIRED = ("Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc")
_NO_ACCOUNT = "0"
"""In the place of a correspondent account that a bank does not have."""
_BLANKS = re.compile(r"\s+")


def payment_code(values: Mapping[str, str]) -> str:
    """The code's text: the required values first, in the standard's order, then the others that are
    there, each cut to its length and free of the separator.
    """
    clean = {name: _clean(values.get(name, ""))[:most].rstrip() for name, most in _LENGTHS.items()}
    clean["CorrespAcc"] = clean["CorrespAcc"] or _NO_ACCOUNT
    parts = [f"{name}={value}" for name, value in clean.items() if value or name in _REQUIRED]
    return _SEPARATOR.join([_HEAD, *parts])


def purpose_of(number: str | None, day: date, taxes: Mapping[int, Decimal], taxed: bool) -> str:
    """What the payer's bank writes of the payment: the number first, so that it is read in the
    statement when it comes back; the tax behind it, as accountants want it.
    """
    named = f"Счёт № {number}" if number else "Счёт"
    if not taxed:
        return f"{named} от {short_date(day)}. НДС не облагается"
    sums = ", ".join(f"НДС {rate}% {amount:.2f} руб." for rate, amount in taxes.items())
    return f"{named} от {short_date(day)}. В т.ч. {sums}"


def short_date(day: date) -> str:
    """A day such as `27.11.2026`."""
    return f"{day.day:02}.{day.month:02}.{day.year}"


def kopecks(amount: Decimal) -> str:
    """An amount as the code has it: a whole number of kopecks."""
    return str(int(amount * 100))


def _clean(value: str) -> str:
    return _BLANKS.sub(" ", value.replace(_SEPARATOR, " ")).strip()
