"""Stored fragments: an activity's ready JSON, and the deadlines that make it overdue later."""

from datetime import datetime
from typing import Any

import orjson

from shared.activity_view import Deadlines

Json = dict[str, Any]
# Rendered last; and what a command made, which is no part of the activity.
_OF_THE_COMMAND = frozenset({"checklist", "created"})
# Between a fragment and its deadlines; JSON as we render it has none.
_BREAK = b"\n"


def render(view: Json) -> bytes:
    """The fragment of an `ActivityView`.

    Its last field is the list of what is overdue, empty, for the reading script to fill.
    """
    ordered = {name: value for name, value in view.items() if name not in _OF_THE_COMMAND}
    checklist = {name: value for name, value in view["checklist"].items() if name != "overdue"}
    return orjson.dumps({**ordered, "checklist": {**checklist, "overdue": []}})


def store_form(view: Json, deadlines: Deadlines) -> bytes:
    """The fragment with its deadlines behind it, a line each: what the reading script is to put in,
    `|`, and from when, in milliseconds.
    """
    lines = [orjson.dumps(late) + b"|%d" % milliseconds(late_at) for late_at, late in deadlines]
    return _BREAK.join((render(view), *lines))


def view_in(stored: bytes) -> Json:
    """The view in a stored fragment."""
    view: Json = orjson.loads(stored.partition(_BREAK)[0])
    return view


def with_description(stored: bytes, client: Json, text: Json) -> bytes:
    """The same stored fragment under other names and texts."""
    fragment, separator, deadlines = stored.partition(_BREAK)
    view = orjson.loads(fragment)
    view["client"] = client
    view["note"], view["lost_reason"] = text.get("note"), text.get("lost_reason")
    if view["next_step"]:
        view["next_step"] = {**view["next_step"], "what": text.get("next_step")}
    return render(view) + separator + deadlines


def text_of(view: Json) -> Json:
    """The free text in a view, in the form of `ActivityDescribed`."""
    step = view["next_step"]
    return {
        "note": view["note"],
        "next_step": step["what"] if step else None,
        "lost_reason": view["lost_reason"],
    }


def milliseconds(moment: datetime) -> int:
    """A moment as scripts compare it."""
    return int(moment.timestamp() * 1000)


def milliseconds_of(moment: str) -> int:
    return milliseconds(datetime.fromisoformat(moment))


def with_overdue(stored: bytes, now: int) -> bytes:
    """The fragment with what is overdue at `now`, in milliseconds, as the reading script fills it
    in.
    """
    fragment, *deadlines = stored.split(_BREAK)
    split = (deadline.rpartition(b"|") for deadline in deadlines)
    late = [text for text, _, late_at in split if int(late_at) <= now]
    return fragment[:-3] + b",".join(late) + b"]}}"
