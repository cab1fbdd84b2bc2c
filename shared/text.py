"""Text that people type: trimmed, of bounded length, and storable (no NUL, no lone surrogates, no
control characters).
"""

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.rules import rule_broken


def _storable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise rule_broken("storable")
    return text


def _email(text: str) -> str:
    """One canonical spelling: NFKC, lower case, the domain in Unicode.

    Format characters (zero width, direction of writing) make look-alikes: refused.
    """
    composed = unicodedata.normalize("NFKC", text)
    if any(unicodedata.category(character) == "Cf" for character in composed):
        raise rule_broken("email")
    try:
        return str(validate_email(composed, check_deliverability=False).normalized).lower()
    except EmailNotValidError:
        raise rule_broken("email") from None


def canonical_email(text: str) -> str:
    """The spelling by which the e-mail of a log-in is found; what is none, as it is."""
    try:
        return _email(text.strip())
    except PydanticCustomError:
        return text.strip().lower()


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_storable),
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_storable)
]
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
