"""Mango Office: forms of `vpbx_api_key`, `sign` and `json`, one call in many events.

`entry_id` is the whole call, `call_id` a leg of it: the voice menu, the queue, each colleague who
was rung. `seq` counts the events of a leg, which may come in any order. `summary` ends the call.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from services.activities.domain.calls import Call, Employee, Place, Sides
from services.activities.telephony.bodies import json_object
from services.activities.telephony.numbers import read_number
from services.activities.telephony.report import (
    Fields,
    Report,
    count_of,
    id_of,
    moment_of,
    part_of,
    recordings_of,
    sides_of,
    text_of,
    unix_seconds,
)
from shared.errors import Invalid
from shared.vocabulary import CallDirection, CallOutcome

_MOST_FIELDS = 20
_OF_SUMMARY, _OF_LEG, _OF_INNER_LEG = range(3)
_DIRECTIONS: dict[str, CallDirection] = {"0": "internal", "1": "incoming", "2": "outgoing"}
_WITH_A_PERSON = "abonent"
_RECORDING = "https://app.mango-office.ru/vpbx/queries/recording/issa/{id}/play"
_ZONE = "Europe/Moscow"


class SignedForm(NamedTuple):
    """What Mango posts: the account's key, the event as JSON, and the signature of both."""

    api_key: str
    json: str
    sign: str


def read_form(body: bytes) -> SignedForm:
    """The form. Raises `Invalid`, naming a field that is not there."""
    try:
        fields = dict(parse_qsl(body.decode(), max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Invalid("body", "form") from None
    for name in ("vpbx_api_key", "json", "sign"):
        if not fields.get(name):
            raise Invalid(name, "missing")
    return SignedForm(fields["vpbx_api_key"], fields["json"], fields["sign"])


def is_signed(form: SignedForm, salt: str) -> bool:
    """Whether the signature is that of the account's `salt`; takes the same time for any."""
    text = f"{form.api_key}{form.json}{salt}".encode("utf-8", "surrogatepass")
    expected = sha256(text).hexdigest().encode()
    return hmac.compare_digest(expected, form.sign.strip().lower().encode("utf-8", "replace"))


def read_event(text: str, now: datetime) -> Report | None:
    """The report in an event that came `now`; None for one that is not about a call: SMS, DTMF, a
    ping. Raises `Invalid`.
    """
    fields = json_object(text.encode("utf-8", "surrogatepass"), "json")
    if "call_state" in fields:
        return Report(id_of(fields, "entry_id", "call_id"), _of_leg(fields, now))
    if "entry_result" in fields:
        return Report(id_of(fields, "entry_id"), _of_summary(fields))
    if "recording_id" in fields:
        return Report(id_of(fields, "entry_id"), _of_recording(fields))
    return None


def _of_leg(fields: Fields, now: datetime) -> Call:
    at = moment_of(fields, _ZONE, "timestamp") or now
    leg = id_of(fields, "call_id", "entry_id")
    state, with_person = text_of(fields, "call_state"), _is_with_person(fields)
    place = Place(_OF_LEG, unix_seconds(at), count_of(fields, "seq") or 0, leg)
    sides = _sides_of_leg(fields, place)
    is_talk = with_person and state in ("Connected", "OnHold") and sides.direction != "internal"
    extension = text_of(
        part_of(fields, "from" if sides.direction == "outgoing" else "to"), "extension"
    )
    is_over = state == "Disconnected"
    return Call(
        sides=sides,
        employee=Employee(place, extension) if is_talk and extension else None,
        started_at=at,
        answered_at=at if is_talk else None,
        ended_at=at if is_over else None,
        legs=frozenset({leg}),
        legs_over=frozenset({leg} if is_over else ()),
    )


def _is_with_person(fields: Fields) -> bool:
    """Whether the leg rings at a colleague, not in the voice menu or the queue."""
    return text_of(fields, "location", "locaton") in (_WITH_A_PERSON, "")


def _sides_of_leg(fields: Fields, place: Place) -> Sides:
    caller, called = part_of(fields, "from"), part_of(fields, "to")
    line = text_of(called, "line_number") or text_of(fields, "line_number")
    if text_of(caller, "extension"):
        number = read_number(text_of(called, "number"))
        if text_of(called, "extension") or number.kind == "extension":
            return Sides(place._replace(rank=_OF_INNER_LEG), "internal", "", "")
        own = line or text_of(caller, "line_number", "number")
        return sides_of(place, "outgoing", text_of(called, "number"), own)
    own = line or text_of(caller, "line_number") or text_of(called, "number")
    sides = sides_of(place, "incoming", text_of(caller, "number"), own)
    return (
        sides
        if sides.direction != "internal"
        else sides._replace(place=place._replace(rank=_OF_INNER_LEG))
    )


def _of_summary(fields: Fields) -> Call:
    direction = _DIRECTIONS.get(text_of(fields, "call_direction"))
    started_at, ended_at = (moment_of(fields, _ZONE, name) for name in ("create_time", "end_time"))
    answered_at = moment_of(fields, _ZONE, "talk_time")
    outcome: CallOutcome = "answered" if text_of(fields, "entry_result") == "1" else "missed"
    place = Place(_OF_SUMMARY, unix_seconds(started_at), 0, "")
    caller, called = part_of(fields, "from"), part_of(fields, "to")
    is_ours = direction == "outgoing"
    ours, theirs = (caller, called) if is_ours else (called, caller)
    own = text_of(fields, "line_number") or text_of(ours, "number")
    extension = text_of(ours, "extension")
    return Call(
        sides=sides_of(place, direction, text_of(theirs, "number"), own) if direction else None,
        employee=Employee(place, extension) if outcome == "answered" and extension else None,
        started_at=started_at,
        answered_at=answered_at if outcome == "answered" else None,
        ended_at=ended_at,
        outcome=outcome,
    )


def _of_recording(fields: Fields) -> Call:
    """A recording is opened in Mango's own cabinet, by who may hear it there."""
    is_kept = text_of(fields, "completion_code") in ("", "1000")
    is_done = text_of(fields, "recording_state") in ("", "Completed")
    if not is_kept or not is_done:
        return Call()
    recording_id = quote(id_of(fields, "recording_id"), safe="")
    return Call(recordings=recordings_of(_RECORDING.format(id=recording_id)))
