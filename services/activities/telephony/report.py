"""The one shape of a report, and how its values are read, whoever writes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from services.activities.domain.calls import LONGEST, Call, Place, Sides
from services.activities.telephony.numbers import read_number
from shared.errors import Invalid
from shared.vocabulary import CallDirection

LONGEST_ID = 200
_LONGEST_URL = 2000
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 10_000_000_000
_UNIX = re.compile(r"[0-9]{9,13}(?:\.[0-9]{1,9})?")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Report:
    """What a sender reports of its call `call_id`."""

    call_id: str
    call: Call


Fields = Mapping[str, Any]


def text_of(fields: Fields, *names: str) -> str:
    """The first value that is there, as text; empty for none. Numbers are taken for their digits,
    for senders write ids and phones with and without quotes.
    """
    for name in names:
        value = fields.get(name)
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, float):
            value = f"{value:.0f}" if value.is_integer() else repr(value)
        if isinstance(value, (str, int)) and (text := _storable(str(value)).strip()):
            return text
    return ""


def _storable(text: str) -> str:
    """The text without NUL and lone surrogates, which PostgreSQL does not store."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def part_of(fields: Fields, name: str) -> Fields:
    """The object `name` in `fields`; empty where it is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def id_of(fields: Fields, *names: str) -> str:
    """The sender's id of the call. Raises `Invalid`, naming the first of `names`."""
    text = text_of(fields, *names)
    if not text:
        raise Invalid(names[0], "missing")
    if len(text) > LONGEST_ID:
        raise Invalid(names[0], "too_long", max=LONGEST_ID)
    return text


def count_of(fields: Fields, *names: str) -> int | None:
    """A number of seconds, or another count below `LONGEST`; None where it is none."""
    text = text_of(fields, *names)
    if ":" in text:
        return _clock_seconds(text)
    try:
        count = int(float(text))
    except (ValueError, OverflowError):
        return None
    return count if 0 <= count <= LONGEST.total_seconds() else None


def _clock_seconds(text: str) -> int | None:
    """The seconds in `01:02:03` or `02:03`."""
    parts = text.split(":")
    if len(parts) > 3 or not all(
        part.isascii() and part.isdigit() and len(part) < 4 for part in parts
    ):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds if seconds <= LONGEST.total_seconds() else None


def moment_of(fields: Fields, zone: str, *names: str) -> datetime | None:
    """A moment in UTC: unix seconds or milliseconds, or a date with its time, in `zone` where it
    names none. None where it is none; Mango writes 0 for what has not happened.
    """
    text = text_of(fields, *names)
    try:
        if _UNIX.fullmatch(text):
            seconds = float(text)
            seconds = seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds
            moment = datetime.fromtimestamp(seconds, UTC)
        else:
            # A "+" of the zone that a query has made a space.
            written = (
                re.sub(r" (?=[0-9]{2}:?[0-9]{2}$)", "+", text) if text.count(":") > 1 else text
            )
            moment = datetime.fromisoformat(written)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=ZoneInfo(zone))
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _EARLIEST <= moment < _LATEST else None


def unix_seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def recordings_of(*urls: str) -> tuple[str, ...]:
    """The links that are kept: https, to a host with a name, without a password."""
    return tuple(sorted({url for url in urls if _is_sane(url)}))


def _is_sane(url: str) -> bool:
    if len(url) > _LONGEST_URL or not url.isascii() or _CONTROL.search(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    is_named = "." in host.strip(".") and not re.fullmatch(r"[0-9.]+", host)
    has_password = parts.username is not None or parts.password is not None
    return parts.scheme == "https" and is_named and not has_password and port in (None, 443)


def sides_of(place: Place, direction: CallDirection, client: str, ours: str) -> Sides:
    """The sides of a call, their numbers as telephony writes them; internal where the client's is
    an extension.
    """
    number = read_number(client)
    if number.kind == "extension":
        return Sides(place, "internal", "", "")
    our_number = read_number(ours)
    return Sides(
        place,
        direction,
        number.value if number.kind == "phone" else "",
        our_number.value if our_number.kind == "phone" else "",
    )
