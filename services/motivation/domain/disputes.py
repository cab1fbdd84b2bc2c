"""Disputes: a seller objects to a line of their pay, the head of its room answers in time."""

from datetime import date, datetime, timedelta

from shared.clock import local_day
from shared.errors import Refusal
from shared.vocabulary import DisputeOutcome, DisputeState


class DisputeNotOpen(Refusal):
    """Somebody answered or resolved the dispute before."""

    code = "dispute_not_open"


class AlreadyDisputed(Refusal):
    """A line has one open dispute at a time."""

    code = "already_disputed"


def due_on(opened_at: datetime, time_zone: str, days: int) -> date:
    """The last day on which an answer is in time, in the company's days."""
    return local_day(opened_at, time_zone) + timedelta(days=days)


def is_overdue(state: DisputeState, overdue_at: datetime, now: datetime) -> bool:
    """Whether nobody has answered though the last day is over where the company keeps its books,
    which is at `overdue_at`.
    """
    return state == "open" and now >= overdue_at


def require_unanswered(state: DisputeState) -> None:
    """Raises `DisputeNotOpen` where there is an answer: it is given once."""
    if state != "open":
        raise DisputeNotOpen(dispute_state=state)


def require_unresolved(state: DisputeState) -> None:
    """Raises `DisputeNotOpen` where the dispute is at its end."""
    if state == "resolved":
        raise DisputeNotOpen(dispute_state=state)


def outcome_of(*, adjusted: bool) -> DisputeOutcome:
    """How a dispute ended that was not taken back."""
    return "adjusted" if adjusted else "declined"
