"""What other numbers would have done to a room: deadlines and cooldowns judged on what happened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.taking import ready_to_take_at
from shared.clock import seconds_until
from shared.ids import ActivityId, EmployeeId

_BEGUN_BY = frozenset({"activity.taken", "activity.moved", "activity.reopened"})
_ENDED_BY = frozenset({"activity.lost", "activity.won"})
_PROGRESS = frozenset(
    {
        "invoice.issued",
        "payment.claimed",
        "payment.received",
        "shipment.recorded",
        "documents.sent",
        "documents.signed",
        "documents.returned",
    }
)
FOLLOWED = (
    _BEGUN_BY
    | _ENDED_BY
    | _PROGRESS
    | {"activity.released", "activity.reset", "activity.win_reversed", "interaction.recorded"}
)
"""The lines of a timeline that say something here."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is looked at: from `since` on, before `until`; UTC."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an activity's timeline."""

    what: str
    at: datetime
    details: Mapping[str, Any]

    @property
    def is_progress(self) -> bool:
        """Whether the deadline counts anew from it: an interaction or a milestone. A mere note, a
        past talk that was entered later, is none.
        """
        if self.what == "interaction.recorded":
            return self.details.get("kind") != "note" and not self.details.get("happened_at")
        return self.what in _PROGRESS


@dataclass(frozen=True, slots=True)
class Stint:
    """One seller's time with an activity in a room: its beginning and each progress since, in
    order; `ended_at` is None while it goes on, `reset_at` the deadline where a reset ended it.
    """

    seller: EmployeeId
    room_id: UUID
    moments: tuple[datetime, ...]
    ended_at: datetime | None = None
    reset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """An activity that a seller took from the pool; `released_at` is when they last gave it back or
    lost it. Takes of another company of the room are not `judged`, but count as a last take.
    `room_id` is None where it is known from elsewhere.
    """

    activity_id: ActivityId
    seller: EmployeeId
    at: datetime
    released_at: datetime | None
    judged: bool = True
    room_id: UUID | None = None


@dataclass(slots=True)
class Course:
    """An activity's timeline as it is followed."""

    room_id: UUID
    stints: list[Stint] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    _released: dict[EmployeeId, datetime] = field(default_factory=dict)
    _won_by: EmployeeId | None = None

    def follow(self, activity_id: ActivityId, entry: Entry) -> None:
        """Takes the next line."""
        what, details = entry.what, entry.details
        if what == "activity.moved":
            self._move(entry)
        elif what in _BEGUN_BY and details.get("responsible"):
            seller = EmployeeId(UUID(details["responsible"]))
            if details.get("how") == "taken":
                released_at = self._released.get(seller)
                take = Take(activity_id, seller, entry.at, released_at, room_id=self.room_id)
                self.takes.append(take)
            self._begin(seller, entry.at)
        elif what == "activity.win_reversed":
            self._go_on(entry.at)
        elif what in _ENDED_BY or details.get("former"):
            self._end(entry)
        elif entry.is_progress and self._open:
            self.stints[-1] = replace(self._open, moments=(*self._open.moments, entry.at))

    @property
    def _open(self) -> Stint | None:
        return self.stints[-1] if self.stints and self.stints[-1].ended_at is None else None

    def _begin(self, seller: EmployeeId, at: datetime) -> None:
        self._close(at, None)
        self.stints.append(Stint(seller, self.room_id, (at,)))

    def _move(self, entry: Entry) -> None:
        """To another room: with its seller, to another one, or into the pool."""
        kept = self._open.seller if self._open and not entry.details.get("former") else None
        named = entry.details.get("responsible")
        seller = EmployeeId(UUID(named)) if named else kept
        self._close(entry.at, None)
        self.room_id = UUID(entry.details["to_room"])
        if seller:
            self._begin(seller, entry.at)

    def _go_on(self, at: datetime) -> None:
        """A win from the pool that is taken back leaves the activity there."""
        if self._won_by:
            self._begin(self._won_by, at)

    def _end(self, entry: Entry) -> None:
        due_at = entry.details.get("due_at") if entry.what == "activity.reset" else None
        reset_at = datetime.fromisoformat(due_at) if due_at else None
        former = entry.details.get("former")
        if former and (reset_at or entry.details.get("has_reason")):
            self._released[EmployeeId(UUID(former))] = reset_at or entry.at
        if entry.what == "activity.won":
            self._won_by = self._open.seller if self._open else None
        self._close(entry.at, reset_at)

    def _close(self, at: datetime, reset_at: datetime | None) -> None:
        if self._open:
            self.stints[-1] = replace(self._open, ended_at=at, reset_at=reset_at)


def course_of(activity_id: ActivityId, room_id: UUID, entries: Sequence[Entry]) -> Course:
    """The stints and takes in an activity's timeline, the oldest line first; the activity is in
    `room_id` at its end.
    """
    moves = (entry for entry in entries if entry.what == "activity.moved")
    first_move = next(moves, None)
    course = Course(UUID(first_move.details["from_room"]) if first_move else room_id)
    for entry in entries:
        course.follow(activity_id, entry)
    return course


def would_lose_at(
    stint: Stint, settings: RoomSettings, paused_until: datetime | None, span: Span
) -> datetime | None:
    """When the seller would have lost the activity by `settings`: at the first deadline of the span
    that no progress came before. None for never: what they did after it says nothing any more.
    """
    last = stint.ended_at or span.until
    for moment, following in zip(stint.moments, (*stint.moments[1:], None), strict=True):
        next_at = following or last
        due_at = settings.reset_due_at(moment, paused_until)
        if due_at is None or next_at <= span.since:
            continue
        # A reset takes effect at its deadline, whenever it is noticed.
        if due_at < next_at or (following is None and due_at == stint.reset_at):
            at = max(due_at, span.since)
            return at if at < span.until else None
    return None


def refused_takes(
    takes: Iterable[Take], cooldown: timedelta, since: datetime
) -> list[tuple[Take, int]]:
    """Which of a seller's takes in a room a cooldown would have refused from `since` on, each with
    the seconds that were left: it counts from the last take that it let through, and from when the
    seller last gave back or lost that very activity.
    """
    refused: list[tuple[Take, int]] = []
    last_take: datetime | None = None
    for take in sorted(takes, key=lambda take: (take.at, take.activity_id)):
        ready_at = ready_to_take_at(last_take, take.released_at, cooldown)
        if take.judged and take.at >= since and ready_at and take.at < ready_at:
            refused.append((take, seconds_until(ready_at, take.at)))
        else:
            last_take = take.at
    return refused
