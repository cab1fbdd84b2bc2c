"""What the read model keeps of an activity: a ready fragment, and where it belongs in the room's
indexes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from shared.activity_view import compose_activity
from shared.clock import EARLIEST

Json = dict[str, Any]
_OPEN = frozenset({"free", "in_work"})
# Between a fragment and its deadlines; JSON as we render it has none.
_BREAK = b"\n"


@dataclass(frozen=True, slots=True)
class Projected:
    """One activity at one rank. An empty fragment is a closed activity.

    Times are milliseconds as text, empty for none.
    """

    id: str
    rank: int
    room_id: str
    company_id: str
    client_id: str
    pool: str
    responsible: str
    stage: str
    step_due: str
    reset_due: str
    fragment: bytes
    taken_at: str

    @property
    def arguments(self) -> tuple[Any, ...]:
        """As the folding script takes them."""
        return (
            self.id,
            self.rank,
            self.company_id,
            self.client_id,
            self.pool,
            self.responsible,
            self.stage,
            self.step_due,
            self.reset_due,
            self.fragment,
        )


def event_rank(version: int) -> int:
    """A fact outranks the answer to the command that made it: it is the whole truth of that
    version.
    """
    return 2 * version + 1


def response_rank(version: int) -> int:
    """The rank of what a service answered; see `event_rank`."""
    return 2 * version


def of_fact(activity_id: UUID, version: int, state: Json, client: Json, text: Json) -> Projected:
    """From a fact's JSON state and the names and texts known so far."""
    view = compose_activity(activity_id, version, state, client, text, EARLIEST)
    return _entry(view, event_rank(version), state["invoice_due_on"])


def of_answer(view: Json) -> Projected:
    """From an `ActivityView` that a service answered.

    When an invoice is due is only known once it is late; its fact says it.
    """
    late = {item["what"]: item["since"] for item in view["checklist"]["overdue"]}
    return _entry(view, response_rank(view["version"]), late.get("invoice"))


def _entry(view: Json, rank: int, invoice_due_on: str | None) -> Projected:
    step = view["next_step"]["due_at"] if view["next_step"] else None
    working = view["status"] == "in_work"
    return Projected(
        id=view["id"],
        rank=rank,
        room_id=view["room_id"],
        company_id=view["company_id"],
        client_id=view["client"]["id"],
        pool="1" if view["status"] == "free" else "",
        responsible=view["responsible_id"] or "" if working else "",
        stage=view["stage"],
        step_due=_milliseconds(step) if step and working else "",
        reset_due=_milliseconds(view["reset_due_at"]) if view["reset_due_at"] and working else "",
        fragment=rendered(view) + _deadlines(step, invoice_due_on if working else None)
        if view["status"] in _OPEN
        else b"",
        taken_at=_milliseconds(view["responsible_since"])
        if working and view["how"] == "taken" and view["responsible_since"]
        else "",
    )


def rendered(view: Json) -> bytes:
    """The fragment: its last field is the list of what is overdue, empty, for the reading script to
    fill.
    """
    ordered = {name: value for name, value in view.items() if name != "checklist"}
    checklist = {name: value for name, value in view["checklist"].items() if name != "overdue"}
    return orjson.dumps({**ordered, "checklist": {**checklist, "overdue": []}})


def shown(stored: bytes) -> Json:
    """The view in a stored fragment."""
    view: Json = orjson.loads(stored.partition(_BREAK)[0])
    return view


def described(stored: bytes, client: Json, text: Json) -> bytes:
    """The same fragment under the names and texts known now."""
    fragment, line, deadlines = stored.partition(_BREAK)
    view = orjson.loads(fragment)
    view["client"] = client
    view["note"], view["lost_reason"] = text.get("note"), text.get("lost_reason")
    if view["next_step"]:
        view["next_step"] = {**view["next_step"], "what": text.get("next_step")}
    return rendered(view) + line + deadlines


def text_of(view: Json) -> Json:
    """The free text in an answered view, as `ActivityDescribed` says it."""
    step = view["next_step"]
    return {
        "note": view["note"],
        "next_step": step["what"] if step else None,
        "lost_reason": view["lost_reason"],
    }


def _deadlines(step: str | None, invoice_due_on: str | None) -> bytes:
    """A line of its own, `step ms|step|invoice ms|invoice day`.

    An invoice is late once its day is over in UTC, as in the owner's view.
    """
    if not step and not invoice_due_on:
        return b""
    over = ""
    if invoice_due_on:
        day = datetime.combine(
            date.fromisoformat(invoice_due_on), datetime.min.time(), UTC
        ) + timedelta(days=1)
        over = _milliseconds(day.isoformat())
    return (
        _BREAK
        + f"{_milliseconds(step) if step else ''}|{step or ''}|{over}|{invoice_due_on or ''}".encode()
    )


def milliseconds(moment: datetime) -> str:
    """As scripts compare it."""
    return str(int(moment.timestamp() * 1000))


def _milliseconds(moment: str) -> str:
    return milliseconds(datetime.fromisoformat(moment))
