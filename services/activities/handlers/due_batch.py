"""A batch of what falls due, as a timer takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DueBatch:
    """How many elements were looked at, how many of them the batch changed, and which failed; more
    may be due where the batch was full.
    """

    looked_at: int
    changed: int
    failed: Sequence[tuple[UUID, Exception]] = ()
