"""Phone calls: one call is one fact, however many reports of it come, in whatever order.

Telephony reports of a call many times: that it rings, that somebody took it, that it is over, that
it was recorded. Each report is a `Call` of which little is known, and what is known of the call is
all of them merged. Merging does not depend on their order, nor on repetitions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from shared.vocabulary import CallDirection, CallOutcome

MOST_RECORDINGS = 5
MOST_LEGS = 100
LONGEST = timedelta(days=1)
"""Of a talk: more than that is no duration."""

RINGS_WITHIN = timedelta(hours=1)
"""How long after its last report a call that nobody took is taken to ring still."""
TALKS_WITHIN = timedelta(hours=4)
"""How long after its last report a call is taken to go on that somebody took."""

_T = TypeVar("_T")


class Place(NamedTuple):
    """Where a report stands among others of its call: what a summary says outranks what is said of
    a leg, and of legs the first counts. `at` is in unix seconds.
    """

    rank: int
    at: int
    sequence: int
    leg: str


class Sides(NamedTuple):
    """Who talks to whom. `client` and `ours` are phones in their canonical form, empty where a
    number is hidden or not understood; what is not an outside number is no phone.
    """

    place: Place
    direction: CallDirection
    client: str
    ours: str


class Employee(NamedTuple):
    """The extension, or phone, at which one of our people talked."""

    place: Place
    extension: str


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call; moments are UTC.

    `legs` are the parts of it that have begun, `legs_over` those that are over. `outcome` is how it
    ended where telephony says so; without that it is over when all its legs are.
    """

    sides: Sides | None = None
    employee: Employee | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    legs: frozenset[str] = frozenset()
    legs_over: frozenset[str] = frozenset()
    outcome: CallOutcome | None = None
    seconds: int | None = None
    recordings: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.outcome is not None or (bool(self.legs) and self.legs <= self.legs_over)

    @property
    def result(self) -> CallOutcome | None:
        """How the call ended; None while it goes on. That somebody talked outranks that nobody did,
        for only one of two reports may have known.
        """
        if not self.is_over:
            return None
        return "answered" if self.answered_at or self.outcome == "answered" else "missed"

    @property
    def talk_seconds(self) -> int | None:
        """How long they talked, as telephony counts it, else from taking the call to its end."""
        if self.result != "answered":
            return None
        if self.seconds is not None:
            return self.seconds
        if self.answered_at is None or self.ended_at is None:
            return None
        talk = self.ended_at - self.answered_at
        return int(talk.total_seconds()) if timedelta() <= talk <= LONGEST else None


def merged(call: Call, other: Call) -> Call:
    """What is known of a call by both reports."""
    return Call(
        sides=_first(call.sides, other.sides),
        employee=_first(call.employee, other.employee),
        started_at=_first(call.started_at, other.started_at),
        answered_at=_first(call.answered_at, other.answered_at),
        ended_at=_last(call.ended_at, other.ended_at),
        legs=_bounded(call.legs | other.legs),
        legs_over=_bounded(call.legs_over | other.legs_over),
        # "answered" comes before "missed".
        outcome=_first(call.outcome, other.outcome),
        seconds=_last(call.seconds, other.seconds),
        recordings=tuple(sorted({*call.recordings, *other.recordings}))[:MOST_RECORDINGS],
    )


def to_be_recorded(call: Call, recorded: CallOutcome | None) -> CallOutcome | None:
    """What is to be recorded of a call of which `recorded` was before; None for nothing.

    A call is recorded once it is over, and a missed one again where it turns out to be answered.
    Of a call between our own people, or with who did not show a number, nothing is.
    """
    if call.sides is None or call.sides.direction == "internal" or not call.sides.client:
        return None
    result = call.result
    return None if result == recorded or recorded == "answered" else result


def end_awaited(call: Call) -> timedelta | None:
    """How long after a report the call's end is awaited; None where it is over, or nothing will be
    recorded of it.
    """
    if call.is_over or call.sides is None or call.sides.direction == "internal":
        return None
    return TALKS_WITHIN if call.answered_at else RINGS_WITHIN


def taken_as_over(call: Call) -> Call:
    """A call whose end nobody has reported, as it is recorded: a talk of unknown length where
    somebody took it, else missed.
    """
    return replace(call, outcome="answered" if call.answered_at else "missed", ended_at=None)


def waits_for_person(call: Call) -> bool:
    """Whether nothing can be recorded of an outside call, though it is over: its number is hidden
    or not understood.
    """
    sides = call.sides
    return bool(sides and sides.direction != "internal" and not sides.client and call.is_over)


def _bounded(legs: frozenset[str]) -> frozenset[str]:
    return legs if len(legs) <= MOST_LEGS else frozenset(sorted(legs)[:MOST_LEGS])


def _first(one: _T | None, other: _T | None) -> _T | None:
    return min(_known(one, other), default=None)


def _last(one: _T | None, other: _T | None) -> _T | None:
    return max(_known(one, other), default=None)


def _known(*values: Any) -> Iterable[Any]:
    return [value for value in values if value is not None]
