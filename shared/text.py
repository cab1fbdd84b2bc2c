"""Text that people type: trimmed, of bounded length, and storable (no NUL, no lone surrogates, no
control characters). What names something can be seen, stands on one line and is composed (NFC).
"""

import re
import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.rules import rule_broken

LONGEST_NAME = 1000
_LINE_BREAKS = frozenset("\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_DIRECTION_MARKS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
# Ignorable by default, though no format characters (Cf): fillers and variation selectors.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)
_WRAPPED_EMAIL = re.compile(r"<?(?:mailto:)?<?(?P<address>[^<>]*?)[.;,>\s]*", re.IGNORECASE)


def _storable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise rule_broken("storable")
    return text


def without_invisible(text: str) -> str:
    """The text without format characters (Cf) and others that show nothing."""
    if text.isascii():
        return text
    kept = (character for character in text if unicodedata.category(character) != "Cf")
    return _IGNORABLE.sub("", "".join(kept))


def _one_visible_line(text: str) -> str:
    """NFC without invisible characters. Raises for line breaks, marks that turn the direction of
    writing, and text of which no letter or digit can be seen.
    """
    if not _LINE_BREAKS.isdisjoint(text):
        raise rule_broken("one_line")
    _storable(text)
    if text.isascii():
        line = text
    else:
        if not _DIRECTION_MARKS.isdisjoint(text):
            raise rule_broken("direction_marks")
        line = _without_formats(unicodedata.normalize("NFC", text)).strip()
    if not any(map(str.isalnum, _IGNORABLE.sub("", line))):
        raise rule_broken("visible")
    return line


def _without_formats(text: str) -> str:
    """Format characters show nothing, but for the joiner that makes one emoji of several."""
    kept = [
        character
        for place, character in enumerate(text)
        if unicodedata.category(character) != "Cf"
        or (character == _JOINER and _joins_emoji(text[:place], text[place + 1 :]))
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def _joins_emoji(before: str, after: str) -> bool:
    left = before.rstrip(_EMOJI_STYLE + "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
    return all(unicodedata.category(side or " ") == "So" for side in (left[-1:], after[:1]))


def _email(text: str) -> str:
    """One canonical spelling, whatever it was pasted from: without invisible characters, `<>`,
    `mailto:` and a trailing dot or semicolon; NFKC, case folded, the domain in Unicode.
    """
    composed = unicodedata.normalize("NFKC", without_invisible(text)).strip()
    wrapped = _WRAPPED_EMAIL.fullmatch(composed)
    if wrapped is None:
        raise rule_broken("email")
    try:
        valid = validate_email(wrapped["address"].strip(), check_deliverability=False)
    except EmailNotValidError:
        raise rule_broken("email") from None
    local_part = unicodedata.normalize("NFKC", valid.local_part.casefold())
    return f"{local_part}@{valid.domain.lower()}"


def canonical_email(text: str) -> str:
    """The spelling by which the e-mail of a log-in is found; what is none, as it is."""
    try:
        return _email(text)
    except PydanticCustomError:
        return text.strip().lower()


Storable = Annotated[str, AfterValidator(_storable)]
"""A text of which nothing else is asked: a secret, a code."""
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_visible_line),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME),
    AfterValidator(_one_visible_line),
]
"""The name of an organisation, which the register of legal entities may have at full length."""
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_storable)
]
Purpose = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_storable)
]
"""What a payer writes with a payment."""
Query = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_storable)
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_email),
    WithJsonSchema(
        {"type": "string", "format": "email", "maxLength": 254, "examples": ["anna@example.com"]}
    ),
]
