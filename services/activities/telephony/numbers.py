"""Numbers as telephony writes them: `79161234567`, `8 (916) 123-45-67`, `sip:101@pbx`, `anonymous`,
`"Anna" <+79161234567>`, `101`.
"""

import re
from typing import Literal, NamedTuple

from shared.contacts import canonical_phone, dialled_digits

NumberKind = Literal["phone", "extension", "hidden", "unknown"]
LONGEST = 100
_LONGEST_EXTENSION = 6
_HIDDEN = frozenset(
    [
        "anonymous",
        "hidden",
        "private",
        "restricted",
        "unknown",
        "unavailable",
        "withheld",
        "blocked",
        "none",
        "null",
        "аноним",
        "анонимный",
        "скрыт",
        "скрытый",
        "неизвестно",
    ]
)
_BRACKETED = re.compile(r"<([^<>]*)>\s*$")
_SCHEME = re.compile(r"^(?:sips?|tel|callto):", re.IGNORECASE)
_CHANNEL = re.compile(r"^(?:PJSIP|SIP|IAX2|Local)/(?P<user>[^-/@]+)", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"^(?:00|810)(?=[1-9])")


class Number(NamedTuple):
    """A phone in its canonical form, an extension, or neither: `value` is then empty."""

    kind: NumberKind
    value: str = ""


HIDDEN, UNKNOWN = Number("hidden"), Number("unknown")


def read_number(text: str) -> Number:
    """The number that telephony wrote: whose it is hides it, or nobody can tell what it is."""
    user = _user_part(text[:LONGEST])
    if not user or user.casefold() in _HIDDEN:
        return HIDDEN
    digits = dialled_digits(user)
    if digits is not None and len(digits) <= _LONGEST_EXTENSION and "+" not in user:
        return Number("extension", digits)
    phone = canonical_phone(user) or _without_plus(digits)
    if phone is None:
        return UNKNOWN
    return Number("phone", phone.partition(";")[0])


def _user_part(text: str) -> str:
    """What was dialled, without a display name, a scheme, a host, parameters or a channel."""
    bracketed = _BRACKETED.search(text)
    address = (bracketed[1] if bracketed else text).strip().strip('"').strip()
    if channel := _CHANNEL.match(address):
        return channel["user"].strip()
    if scheme := _SCHEME.match(address):
        address = address[scheme.end() :].partition(";")[0]
    return address.partition("@")[0].strip()


def _without_plus(digits: str | None) -> str | None:
    """A foreign number that is written without its `+`, or after the digits dialled for abroad."""
    if digits is None:
        return None
    return canonical_phone("+" + _INTERNATIONAL.sub("", digits))


def canonical_extension(text: str) -> str:
    """An extension or a phone as it is stored and found, whatever telephony calls its people by."""
    return read_number(text).value or text.strip().casefold()[:LONGEST]
