"""What identifies a client, written one way: INN and KPP by their check digits, phones as E.164,
e-mails in lower case.
"""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, StringConstraints
from stdnum.ru import inn as inn_rules

HOME = "RU"


def _inn(number: str) -> str:
    if not inn_rules.is_valid(number):
        raise ValueError("an INN of 10 or 12 digits with valid check digits")
    return str(inn_rules.compact(number))


def _phone(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        raise ValueError("a phone number such as +7 495 123-45-67") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError("a phone number such as +7 495 123-45-67")
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


Inn = Annotated[str, StringConstraints(max_length=20), AfterValidator(_inn)]
Kpp = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$")]
Phone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_phone)]
