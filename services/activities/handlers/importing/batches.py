"""What a batch of rows is imported for, and what it came to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.activities.domain.imports import KeyKind, RowOutcome
from services.activities.storage.import_keys import Keys
from shared.jobs import RefusedElement
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows go: a room and a company, by whom, and of which import they are."""

    import_id: UUID
    room_id: UUID
    company_id: UUID
    caller: Caller

    def keys(self, kind: KeyKind) -> Keys:
        """The sender's keys of things of a kind."""
        return Keys(kind, self.room_id, self.company_id, self.import_id)


@dataclass(slots=True)
class BatchResult:
    """How many rows came to what, and why the others were refused."""

    counts: Counter[RowOutcome] = field(default_factory=Counter)
    refusals: list[RefusedElement] = field(default_factory=list)

    def refuse(self, refusals: Sequence[RefusedElement]) -> None:
        """Counts one refused row."""
        self.counts["refused"] += 1
        self.refusals += refusals

    def add(self, other: "BatchResult") -> None:
        self.counts += other.counts
        self.refusals += other.refusals
