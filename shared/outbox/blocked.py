"""Aggregates that wait because their next event cannot be sent, told from a broker that is away."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import (
    CorruptRecordException,
    InvalidTimestampError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

from shared.outbox.batch import Aggregate, aggregate_of

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
REFUSALS = (
    CorruptRecordException,
    InvalidTimestampError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)
"""What the broker says of records that it will not take, however often they are sent."""


class Unsendable(Exception):
    """The client refused to send an event; nothing of it has left."""


class Withheld(Exception):
    """Not sent, because something before it was not."""


@dataclass(slots=True)
class _Blocked:
    reason: str
    pause: float
    retry_at: float


class BlockedAggregates:
    """Each waits for its own next try, ever longer, and holds up nobody else."""

    def __init__(self) -> None:
        self._blocked: dict[Aggregate, _Blocked] = {}

    def __len__(self) -> int:
        return len(self._blocked)

    @property
    def problem(self) -> str:
        """How many aggregates wait and why the first does; empty where none does."""
        for (_, topic, aggregate), blocked in self._blocked.items():
            return (
                f"{len(self._blocked)} aggregates wait for an event that cannot be sent;"
                f" the first: {topic} {aggregate}: {blocked.reason}"
            )
        return ""

    def block(self, row: Any, failure: BaseException, now: float | None = None) -> None:
        """Lets the aggregate of `row` wait, twice as long as the last time."""
        aggregate = aggregate_of(row)
        earlier = self._blocked.get(aggregate)
        pause = min(earlier.pause * 2, LONGEST_PAUSE_SECONDS) if earlier else FIRST_PAUSE_SECONDS
        reason = f"{type(failure.__cause__ or failure).__name__}: {failure}"[:200]
        retry_at = (time.monotonic() if now is None else now) + pause
        self._blocked[aggregate] = _Blocked(reason, pause, retry_at)
        if not earlier:
            log.error(
                "aggregate_blocked",
                tenant_id=str(row["tenant_id"]),
                topic=row["topic"],
                aggregate_id=str(row["aggregate_id"]),
                version=row["aggregate_version"],
                event_id=str(row["event_id"]),
                reason=reason,
            )

    def due(self, now: float | None = None) -> list[Aggregate]:
        """Those whose next try has come."""
        moment = time.monotonic() if now is None else now
        return [
            aggregate for aggregate, blocked in self._blocked.items() if blocked.retry_at <= moment
        ]

    def held(self, due: Iterable[Aggregate] = ()) -> list[Aggregate]:
        """Those that wait, but for those that are `due`."""
        if not self._blocked:
            return []
        tried = set(due)
        return [aggregate for aggregate in self._blocked if aggregate not in tried]

    def free(self, aggregates: Iterable[Aggregate]) -> None:
        """They wait no more."""
        for aggregate in aggregates:
            if self._blocked.pop(aggregate, None):
                log.info("aggregate_freed", topic=aggregate[1], aggregate_id=str(aggregate[2]))
