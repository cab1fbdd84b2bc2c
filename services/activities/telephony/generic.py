"""Any other telephony, such as Asterisk by `CURL()`: parameters of a query, a form or JSON, under
our names or those that switchboards commonly have.
"""

from datetime import datetime

from services.activities.domain.calls import Call, Employee, Place, Sides
from services.activities.telephony.numbers import read_number
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
from shared.errors import Invalid
from shared.vocabulary import CallDirection, CallOutcome

_ID = ("call_id", "id", "uniqueid", "linkedid", "callid", "call_session_id", "pbx_call_id")
_FROM = ("from", "caller", "caller_id", "callerid", "src", "src_num")
_TO = ("to", "called", "called_did", "dst", "dst_num", "exten")
_CLIENT = ("client_number", "client", "phone", "contact_phone_number")
_OURS = ("our_number", "line_number", "line", "did", "trunk", "virtual_phone_number", "diversion")
_EXTENSION = ("extension", "ext", "internal", "user", "agent")
_STATE = ("state", "status", "event", "dialstatus", "call_state", "disposition")
_SECONDS = ("talk_seconds", "duration_seconds", "billsec", "answeredtime", "duration")
_RECORDING = ("recording_url", "recording", "record_url", "record_link", "link")
_STARTED = ("started_at", "start", "start_time", "call_start", "timestamp")
_DIRECTIONS: dict[str, CallDirection] = {
    **dict.fromkeys(("incoming", "in", "inbound", "входящий"), "incoming"),
    **dict.fromkeys(("outgoing", "out", "outbound", "исходящий"), "outgoing"),
    **dict.fromkeys(("internal", "local", "внутренний"), "internal"),
}
_RINGING, _TALKING, _ENDED = "ringing", "connected", "ended"
_STATES = {
    **dict.fromkeys(("ringing", "ring", "start", "appeared", "notify_start"), _RINGING),
    **dict.fromkeys(("connected", "talking", "accepted", "up"), _TALKING),
    **dict.fromkeys(("ended", "end", "finished", "hangup", "disconnected", "completed"), _ENDED),
    **dict.fromkeys(("answered", "answer", "success"), "answered"),
    **dict.fromkeys(
        [
            "missed",
            "noanswer",
            "no_answer",
            "busy",
            "cancel",
            "cancelled",
            "congestion",
            "chanunavail",
            "failed",
            "lost",
        ],
        "missed",
    ),
}
_OUTCOMES: dict[str, CallOutcome] = {"answered": "answered", "missed": "missed"}
_LEG = "call"


def read_parameters(parameters: Fields, zone: str, now: datetime) -> Report:
    """The report in the parameters that came `now`; `zone` is that of times without one.

    Raises `Invalid` without an id, a state or numbers, and for a direction or a state that nobody
    can understand.
    """
    fields = {name.strip().lower(): value for name, value in parameters.items()}
    return Report(id_of(fields, *_ID), _call(fields, zone, now))


def _call(fields: Fields, zone: str, now: datetime) -> Call:
    started_at = moment_of(fields, zone, *_STARTED)
    answered_at = moment_of(fields, zone, "answered_at")
    ended_at = moment_of(fields, zone, "ended_at", "end_time")
    seconds = count_of(fields, *_SECONDS)
    recordings = recordings_of(text_of(fields, *_RECORDING))
    state = _state(fields, may_lack=bool(recordings) or seconds is not None)
    if state == _ENDED and seconds is not None:
        state = "answered" if seconds else "missed"
    is_taken = state in (_TALKING, "answered")
    sides, extension = _sides(fields, unix_seconds(started_at))
    return Call(
        sides=sides,
        employee=Employee(Place(0, 0, 0, ""), extension) if is_taken and extension else None,
        started_at=started_at,
        answered_at=answered_at or (now if state == _TALKING else None),
        ended_at=ended_at,
        legs=frozenset({_LEG}) if state else frozenset(),
        legs_over=frozenset({_LEG}) if state == _ENDED else frozenset(),
        outcome=_OUTCOMES.get(state),
        seconds=seconds if state != "missed" else None,
        recordings=recordings,
    )


def _state(fields: Fields, may_lack: bool) -> str:
    text = text_of(fields, *_STATE).casefold().replace(" ", "_")
    if not text:
        if may_lack:
            return ""
        raise Invalid("state", "missing")
    if text not in _STATES:
        raise Invalid("state", "one_of", allowed=sorted({*_STATES.values()}))
    return _STATES[text]


def _sides(fields: Fields, at: int) -> tuple[Sides | None, str]:
    """Who talks to whom, and the extension of who is ours."""
    caller, called = text_of(fields, *_FROM), text_of(fields, *_TO)
    direction = _direction(fields, caller, called)
    theirs, own = (called, caller) if direction == "outgoing" else (caller, called)
    client, ours = text_of(fields, *_CLIENT) or theirs, text_of(fields, *_OURS) or own
    extension = text_of(fields, *_EXTENSION) or _as_extension(own)
    names_sides = any(name in fields for name in (*_FROM, *_TO, *_CLIENT))
    if not names_sides:
        return None, extension
    place = Place(0, at, 0, "")
    if direction == "internal":
        return Sides(place, "internal", "", ""), extension
    return sides_of(place, direction, client, ours), extension


def _direction(fields: Fields, caller: str, called: str) -> CallDirection:
    """As the sender says it, else told by the numbers: an extension is one of us."""
    text = text_of(fields, "direction", "type", "call_direction").casefold()
    if text in _DIRECTIONS:
        return _DIRECTIONS[text]
    if text:
        raise Invalid("direction", "one_of", allowed=sorted({*_DIRECTIONS.values()}))
    if not _as_extension(caller):
        return "incoming"
    return "internal" if _as_extension(called) else "outgoing"


def _as_extension(text: str) -> str:
    number = read_number(text)
    return number.value if number.kind == "extension" else ""
