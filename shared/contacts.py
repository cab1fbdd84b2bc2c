"""What identifies a client, written one way: INN and KPP by their check digits, phones as E.164,
e-mails in lower case.
"""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, StringConstraints
from stdnum.ru import inn as inn_rules

from shared.rules import rule_broken

HOME = "RU"


def _inn(number: str) -> str:
    if not inn_rules.is_valid(number):
        raise rule_broken("inn")
    return str(inn_rules.compact(number))


def _phone(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        raise rule_broken("phone") from None
    if not phonenumbers.is_possible_number(parsed):
        raise rule_broken("phone")
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


Inn = Annotated[str, StringConstraints(max_length=20), AfterValidator(_inn)]
Kpp = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$")]
Phone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_phone)]
