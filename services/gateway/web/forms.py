"""What people type, in the form that the API takes; whether it is right is the API's to say."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from stdnum.ru import inn

from shared.clock import known_or_utc, zone_of

_SPACES = " \u00a0\u202f\u2009"
_SHORTEST_PHONE = 7
_MOST_DIGITS = 18
Form = Mapping[str, str]


def filled(form: Form, *names: str) -> dict[str, str]:
    """The fields that were filled in, of `names`."""
    return {name: form[name] for name in names if form.get(name)}


def amount(text: str) -> str:
    """`215573.50` of `215 573,50 ₽`; what is no number stays as it was typed, to be refused."""
    compact = text.strip().rstrip("₽$€").translate(dict.fromkeys(map(ord, _SPACES)))
    return compact.replace(",", ".")


def number(text: str) -> int | str:
    """A whole number; what is none, or too long for one, stays as it was typed, to be refused."""
    is_whole = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_whole else text


def money(form: Form, name: str, currency: str) -> dict[str, str]:
    """The typed sum in a currency."""
    return {"amount": amount(form.get(name, "")), "currency": currency}


def moment(text: str, zone: str) -> str:
    """A moment with its offset, of a `datetime-local` field in `zone`."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    return local.replace(tzinfo=zone_of(known_or_utc(zone))).isoformat()


def next_step(form: Form, zone: str) -> dict[str, Any]:
    """The promised step as a member of a body; none where neither field is filled in."""
    if not form.get("step") and not form.get("due_at"):
        return {}
    due_at = moment(form.get("due_at", ""), zone)
    return {"next_step": {"what": form.get("step", ""), "due_at": due_at}}


def share_of(text: str) -> str:
    """`0.70` of `70`, `70 %` or `0,7`; what is no number stays as it was typed."""
    compact = amount(text.rstrip("% "))
    try:
        number = Decimal(compact)
    except InvalidOperation:
        return text
    return f"{number / 100 if number > 1 else number:.4f}"


def local_path(target: str) -> str:
    """`target` if it is a path of ours, else `/`: nobody is sent to another site."""
    parts = urlsplit(target.replace("\\", "/"))
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def contact(text: str) -> dict[str, Any]:
    """The part of a client that was typed: INN, e-mail or phone; nothing of nothing."""
    if "@" in text:
        return {"emails": [text]}
    digits = "".join(filter(str.isdecimal, text))
    if inn.is_valid(digits) and not text.lstrip().startswith("+"):
        return {"inn": digits}
    return {"phones": [text]} if len(digits) >= _SHORTEST_PHONE else {}
