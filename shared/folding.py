"""One fold for what is searched and what is asked: text without the differences that people do not
mean when they type a name, and contacts in their canonical form.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.contacts import canonical_phone, dialled_digits
from shared.text import canonical_email, without_invisible

LEAST_DIGITS = 4
"""Fewer digits are no end of a phone or INN."""
_END_OF_CONTACT, _NAME = "\n", "\t"
BEHIND_NAME = "\v"
"""Ends the name of a client in its search text; the names of its contact persons follow."""
_INN_AND_KPP = re.compile(r"([0-9]{10})[\s/]+[0-9]{4}[0-9A-Z]{2}[0-9]{3}")

_APOSTROPHES, _QUOTES, _DASHES = "'`´‘’‚‛‹›", '"«»„“”‟', "-‐‑‒–—―−"
_SIGNS = {ord(sign): signs[0] for signs in (_APOSTROPHES, _QUOTES, _DASHES) for sign in signs} | {
    ord("ё"): "е"
}
_NO_SIGNS = str.maketrans(dict.fromkeys("'\"-", " "))
_SPACES = re.compile(r"\s+")


def folded(text: str) -> str:
    """NFKC without invisible characters, case folded; ё is е, and quotes, hyphens and any spaces
    are one space.
    """
    return _one_spaced(_with_signs(text).translate(_NO_SIGNS))


def _with_signs(text: str) -> str:
    """As `folded`, but of quotes and hyphens one of each kind stays."""
    composed = unicodedata.normalize("NFKC", without_invisible(text)).casefold()
    return _one_spaced(unicodedata.normalize("NFKC", composed).translate(_SIGNS))


def _one_spaced(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def search_text_of(client: Mapping[str, Any]) -> str:
    """What is searched of a client: INN, phones and e-mails, each up to the end of a line, and
    behind a tab the folded name; and once more with its quotes and hyphens, if it has any.
    """
    contacts = [client["inn"] or "", *client["emails"]]
    for phone in client["phones"]:
        number, extension, _ = phone.removeprefix("+").partition(";")
        contacts += [number, phone.removeprefix("+")] if extension else [number]
    lines = "".join(contact + _END_OF_CONTACT for contact in contacts if contact)
    name, with_signs = folded(client["name"]), _with_signs(client["name"])
    return f"{lines}{_NAME}{name}" + (f"{_NAME}{with_signs}" if with_signs != name else "")


def with_persons(search_text: str, persons: Iterable[str]) -> str:
    """The search text of a client with those of its contact persons: all contacts before all names,
    and the client's own name before the first `BEHIND_NAME`.
    """
    lines, _, names = search_text.partition(_NAME)
    for person in persons:
        contacts, _, name = person.partition(_NAME)
        lines, names = lines + contacts, f"{names}{BEHIND_NAME}{_NAME}{name}"
    return f"{lines}{_NAME}{names}"


def patterns_of(words: str) -> list[str]:
    """The LIKE patterns for `search_text_of`: `words` in the name, or at the end of a phone, INN or
    e-mail. Nothing in them is a wildcard; none where nothing can be seen of them.
    """
    name = folded(words) or _with_signs(words)
    in_name = [f"%{_NAME}%{_literal(name)}%"] if name else []
    return in_name + [f"%{_literal(end)}{_END_OF_CONTACT}%" for end in sorted(set(_ends(words)))]


def pattern_of_phone(phone: str) -> str:
    """The LIKE pattern for `search_text_of` of those who have a phone in its canonical form."""
    return f"%{_literal(phone.removeprefix('+'))}{_END_OF_CONTACT}%"


def asks_for_contact(words: str) -> bool:
    """Whether `words` are a contact rather than a name."""
    return any(_ends(words))


def _ends(words: str) -> Iterator[str]:
    if "@" in words:
        yield canonical_email(words)
    if branch := _INN_AND_KPP.fullmatch(words.strip()):
        yield branch[1]
    if phone := canonical_phone(words):
        yield phone.removeprefix("+")
    digits = dialled_digits(words)
    if digits and len(digits) >= LEAST_DIGITS:
        yield digits


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
