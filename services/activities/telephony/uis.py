"""UIS and CoMagic: JSON that the customer composes of variables in the cabinet, one notification a
kind of event. Novofon sends the same fields in groups.
"""

from datetime import datetime

from services.activities.domain.calls import Call, Employee, Place, Sides
from services.activities.telephony.bodies import with_inner
from services.activities.telephony.report import (
    Fields,
    Report,
    count_of,
    id_of,
    moment_of,
    recordings_of,
    sides_of,
    text_of,
    unix_seconds,
)
from shared.vocabulary import CallDirection, CallOutcome

_DIRECTIONS: dict[str, CallDirection] = {
    "in": "incoming",
    "out": "outgoing",
    "incoming": "incoming",
    "outgoing": "outgoing",
}
_TRUE, _FALSE = frozenset({"true", "1", "да"}), frozenset({"false", "0", "нет"})
_LINKS = ("full_record_file_link", "record_file_link", "record_link", "file_link")
_TAKEN = ("answer", "ответ")
_NOT_TAKEN = ("unanswer", "no_answer", "noanswer", "неотвеч", "без ответ")
_OVER = ("ended", "call_end", "finish", "заверш", "окончан")
_LEG = "call"


def read_notification(body: Fields, zone: str, now: datetime) -> Report:
    """The report in a notification that came `now`; `zone` is that of times without one. Raises
    `Invalid`.
    """
    fields = with_inner(body)
    return Report(id_of(fields, "call_session_id", "external_id"), _call(fields, zone, now))


def _call(fields: Fields, zone: str, now: datetime) -> Call:
    started_at = moment_of(fields, zone, "start_time")
    reported_at = moment_of(fields, zone, "notification_timestamp", "notification_time")
    seconds = count_of(fields, "talk_time_duration", "talk_duration")
    total = count_of(fields, "total_time_duration", "total_duration")
    outcome = _outcome(fields, seconds, total)
    sides = _sides(fields, Place(0, unix_seconds(started_at or reported_at), 0, ""))
    extension = text_of(fields, "extension_phone_number", "extension", "employee_id")
    is_taken = outcome is None and _names(fields, *_TAKEN) and not _names(fields, *_NOT_TAKEN)
    is_over = _names(fields, *_OVER)
    talks = outcome == "answered" or is_taken
    return Call(
        sides=sides,
        employee=Employee(Place(0, 0, 0, ""), extension) if talks and extension else None,
        started_at=started_at,
        answered_at=moment_of(fields, zone, "answer_time")
        or (reported_at or now if is_taken else None),
        ended_at=moment_of(fields, zone, "finish_time", "end_time"),
        legs=frozenset({_LEG}),
        legs_over=frozenset({_LEG} if is_over else ()),
        outcome=outcome,
        seconds=seconds if outcome == "answered" else None,
        recordings=recordings_of(*_links(fields)),
    )


def _sides(fields: Fields, place: Place) -> Sides | None:
    """Who talks to whom; None in a notification that does not say whose number it is about."""
    if _flag(fields, "is_internal"):
        return Sides(place, "internal", "", "")
    if "contact_phone_number" not in fields and "calling_phone_number" not in fields:
        return None
    # A recording's notification leaves the direction out: what another says comes first.
    said = text_of(fields, "direction").casefold()
    direction = _DIRECTIONS.get(said, "incoming")
    theirs = ("calling_phone_number", "called_phone_number")[direction == "outgoing"]
    return sides_of(
        place._replace(rank=0 if said in _DIRECTIONS else 1),
        direction,
        text_of(fields, "contact_phone_number", theirs),
        text_of(fields, "virtual_phone_number"),
    )


def _outcome(fields: Fields, seconds: int | None, total: int | None) -> CallOutcome | None:
    """How the call ended, in what comes when it is over; None for what comes earlier."""
    lost = _flag(fields, "is_lost")
    if lost:
        return "missed"
    if seconds is not None and (seconds or total is not None or lost is not None):
        return "answered" if seconds else "missed"
    if lost is False:
        return "answered"
    return "missed" if _names(fields, "lost", "потерян", "пропущен") else None


def _flag(fields: Fields, name: str) -> bool | None:
    value = fields.get(name)
    text = str(value).strip().casefold()
    return True if text in _TRUE else False if text in _FALSE else None


def _names(fields: Fields, *words: str) -> bool:
    """Whether the notification's own name has one of `words`."""
    name = text_of(fields, "notification_mnemonic", "notification_name", "event").casefold()
    return any(word in name for word in words)


def _links(fields: Fields) -> list[str]:
    several = fields.get("record_file_links") or fields.get("call_records")
    links = several if isinstance(several, list) else [several]
    return [*(link for link in links if isinstance(link, str)), text_of(fields, *_LINKS)]
