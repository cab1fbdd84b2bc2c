"""What identifies a client, written one way: INN and KPP by their rules, phones as E.164 with their
extension as RFC 3966 has it (`+74951226355;ext=101`).
"""

import re
import unicodedata
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, StringConstraints
from stdnum.ru import inn as inn_rules

from shared.rules import rule_broken
from shared.text import without_invisible

HOME = "RU"
NO_REGION = "00"

_PHONE = re.compile(
    r"(?:tel:|тел(?:ефон)?[.:]?)?\s*(?P<number>\+?[0-9 ().-]+?)\s*"
    r"(?:(?:;\s*ext=|[,;]?\s*(?:extension|ext|x|доб(?:авочный)?|вн(?:утр(?:енний)?)?)[.:]?|#|,+)"
    r"\s*(?P<extension>[0-9]{1,15}))?",
    re.IGNORECASE,
)
_DIGITS_APART = re.compile(r"[\s.()+-]")


def _typed(text: str) -> str:
    """The text in plain characters: NFKC, nothing invisible, any dash a hyphen, any digit ours."""
    plain = unicodedata.normalize("NFKC", without_invisible(text)).strip()
    return "".join(map(_plain, plain))


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return "-" if category == "Pd" or character == "\u2212" else character


def _inn(number: str) -> str:
    compact = re.sub(r"[\s-]", "", _typed(number))
    # Zeros fit the check digits, but there is no region 00.
    if not inn_rules.is_valid(compact) or compact.startswith(NO_REGION):
        raise rule_broken("inn")
    return compact


def _kpp(number: str) -> str:
    if number.startswith(NO_REGION):
        raise rule_broken("kpp")
    return number


def _phone(text: str) -> str:
    written = _PHONE.fullmatch(_typed(text))
    if written is None:
        raise rule_broken("phone")
    try:
        parsed = phonenumbers.parse(written["number"], HOME)
    except phonenumbers.NumberParseException:
        raise rule_broken("phone") from None
    # Possible is not enough: that lets pass what can only be dialled within a town.
    if not phonenumbers.is_valid_number(parsed):
        raise rule_broken("phone")
    number = str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return f"{number};ext={written['extension']}" if written["extension"] else number


def canonical_phone(text: str) -> str | None:
    """The phone as it is stored, or None where `text` is none."""
    try:
        return _phone(text)
    except ValueError:
        return None


def dialled_digits(text: str) -> str | None:
    """The digits of a phone or INN, or of a part of one, as people write them; None for text with
    anything else in it.
    """
    digits = _DIGITS_APART.sub("", _typed(text))
    return digits if digits.isdigit() and digits.isascii() else None


Inn = Annotated[str, StringConstraints(max_length=20), AfterValidator(_inn)]
Kpp = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$"), AfterValidator(_kpp)
]
Phone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_phone)]
