"""What a call does to the activities of its client.

A missed call asks who works the client to call back; a talk is an interaction. A talk ends what
missed calls asked and nothing else: what the seller promised stays promised, unlike when a person
records an interaction and sees the promise meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.progress import progress
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.steps import end_step
from shared.ids import ActivityId, CompanyId, EmployeeId, RoomId
from shared.vocabulary import CallDirection, CallOutcome

CALL_BACK_WITHIN = timedelta(minutes=15)
CALL_BACK = "Перезвонить: пропущенный звонок"
"""The step that a missed call asks for, as the seller reads it."""
AFTERWARDS = "Затем:"
LONGEST_STEP = 200
"""Characters of a step's text."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call that is over, and by whom of our people it was led, where that is known."""

    id: UUID
    direction: CallDirection
    outcome: CallOutcome
    seconds: int | None
    employee_id: EmployeeId | None

    @property
    def details(self) -> dict[str, Any]:
        """What is published of it with the interaction."""
        return {
            "direction": self.direction,
            "outcome": self.outcome,
            "duration_seconds": self.seconds,
            "employee_id": self.employee_id,
            "call_id": self.id,
        }


@dataclass(frozen=True, slots=True)
class CallBack:
    """The step that a missed call asked for, due at `due_at`, and the promise that had to wait for
    it: its text and when it is due.
    """

    due_at: datetime
    promise: tuple[str, datetime] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open activity of the client who is on the phone."""

    id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    responsible_id: EmployeeId | None
    progress_at: datetime


def activity_of_call(
    candidates: Iterable[Candidate],
    employee_id: EmployeeId | None,
    room_id: UUID | None,
    company_id: UUID | None,
) -> Candidate | None:
    """The one of a client's activities that a call is about: one that is in work before a free
    one, then that of the very employee, then of the called number's company and room, then the one
    that was worked last.
    """

    def nearness(candidate: Candidate) -> tuple[Any, ...]:
        return (
            candidate.responsible_id is not None,
            employee_id is not None and candidate.responsible_id == employee_id,
            company_id is not None and candidate.company_id == company_id,
            room_id is not None and candidate.room_id == room_id,
            candidate.progress_at,
            candidate.id,
        )

    return max(candidates, key=nearness, default=None)


def ask_to_call_back(
    activity: Activity, call: RecordedCall, pending: CallBack | None, now: datetime
) -> tuple[list[DomainEvent], CallBack | None]:
    """Records a missed call with an activity in work: its responsible is to call back, unless an
    earlier one asked for that. What was promised waits for it, and is named by it. No progress:
    nobody has worked the client.
    """
    if is_pending(activity, pending):
        return [], None
    due_at, promised_at = now + CALL_BACK_WITHIN, activity.next_step_due_at
    promise = (activity.next_step or "", promised_at) if promised_at is not None else None
    ended = end_step(activity, "moved")
    changes = {"next_step": _call_back_before(promise), "next_step_due_at": due_at}
    event = _noted(activity, call, changes, ended.details, ended.text)
    return [event], CallBack(due_at, promise)


def _call_back_before(promise: tuple[str, datetime] | None) -> str:
    """The step's text, which names what waits for it: who ends the step by hand sees that too."""
    return f"{CALL_BACK}. {AFTERWARDS} {promise[0]}"[:LONGEST_STEP] if promise else CALL_BACK


def note_call(activity: Activity, call: RecordedCall) -> list[DomainEvent]:
    """Records a call at which nobody talked and which asks for nothing: one of ours, or a client's
    about a free activity. No progress, or who only rings would keep an activity for ever.
    """
    return [_noted(activity, call, {})]


def record_talk(
    activity: Activity,
    call: RecordedCall,
    pending: CallBack | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Records a talk: progress, that also keeps the step that a missed call asked for and puts the
    promise that waited for it back in its place.
    """
    changes: dict[str, Any] = progress(activity, room_settings, now)
    details: dict[str, Any] = {"kind": "call", "has_note": False, **call.details}
    text: dict[str, Any] = {}
    if pending and is_pending(activity, pending):
        ended = end_step(activity, "kept")
        what, due_at = pending.promise or (None, None)
        changes |= {"next_step": what, "next_step_due_at": due_at}
        details |= ended.details
        text |= ended.text
    return [advance(activity, "interaction.recorded", details, text=text, **changes)]


def is_pending(activity: Activity, call_back: CallBack | None) -> bool:
    """Whether what a missed call asked for is still the activity's next step."""
    return call_back is not None and activity.next_step_due_at == call_back.due_at


def _noted(
    activity: Activity,
    call: RecordedCall,
    changes: dict[str, Any],
    details: Any = None,
    text: Any = None,
) -> DomainEvent:
    published = {"kind": "note", "has_note": False, **call.details, **(details or {})}
    return advance(activity, "interaction.recorded", published, text=text, **changes)
