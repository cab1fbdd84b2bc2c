"""Who was responsible for an activity, from when to when, and why it ended."""

from collections.abc import Iterable, Mapping
from typing import Any

_BEGUN_BY = {
    "activity.taken": "taken",
    "activity.reopened": "reopened",
    "activity.moved": "handed_over",
    "activity.handed_over": "handed_over",
}
_ENDED_BY: Mapping[str, str] = {
    "activity.reset": "reset",
    "activity.lost": "lost",
    "activity.won": "won",
}
_BY_VIP = {"vip_routed": "vip_moved"}

Entry = Mapping[str, Any]
Responsible = dict[str, Any]


def responsibles_of(entries: Iterable[Entry]) -> list[Responsible]:
    """The responsibles, the first one first, of timeline entries that name a `responsible` or a
    `former` one, and of wins; the oldest entry first.

    A win ends a responsibility, a win taken back lets it go on.
    """
    responsibles: list[Responsible] = []
    for entry in entries:
        if entry["what"] == "activity.win_reversed":
            _go_on(responsibles)
        elif entry["what"] in _BEGUN_BY and entry["details"].get("responsible"):
            _end(responsibles, entry)
            responsibles.append(_begun(entry))
        elif entry["what"] == "activity.won" or entry["details"].get("former"):
            _end(responsibles, entry)
    return responsibles


def _begun(entry: Entry) -> Responsible:
    return {
        "employee_id": entry["details"]["responsible"],
        "since": entry["at"],
        "how": entry["details"].get("how") or _BEGUN_BY[entry["what"]],
        "by": entry["who"],
        "until": None,
        "why": None,
        "ended_by": None,
    }


def _end(responsibles: list[Responsible], entry: Entry) -> None:
    if responsibles and responsibles[-1]["until"] is None:
        # A reset takes effect at the deadline, whenever somebody notices.
        until = entry["details"].get("due_at") or entry["at"]
        responsibles[-1] |= {"until": until, "why": _why(entry), "ended_by": entry["who"]}


def _why(entry: Entry) -> str:
    what, details = str(entry["what"]), entry["details"]
    if what == "activity.released":
        return "released" if details["has_reason"] else "taken_away"
    if what == "activity.taken":
        return _BY_VIP.get(str(details["how"]), "reassigned")
    return _ENDED_BY.get(what, what.rpartition(".")[2])


def _go_on(responsibles: list[Responsible]) -> None:
    if responsibles and responsibles[-1]["why"] == "won":
        responsibles[-1] |= {"until": None, "why": None, "ended_by": None}
