"""One client of one company, as one seller holds it, and what can happen to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.money import Money
from shared.vocabulary import VipKind


@dataclass(frozen=True, slots=True)
class Vip:
    """While nobody holds it, `responsible`, `kind`, `since` and `reset_due_at` are None. Moments
    are UTC.

    `version` counts its facts, 0 before the first. The reset counts from `progress_at`.
    """

    id: VipId
    version: int
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    currency: str
    responsible: EmployeeId | None = None
    kind: VipKind | None = None
    since: datetime | None = None
    progress_at: datetime | None = None
    reset_due_at: datetime | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether the deadline has passed: then it is free, whenever the sweeper comes."""
        return self.reset_due_at is not None and self.reset_due_at <= now


@dataclass(frozen=True, slots=True)
class Ranked:
    """A VIP with its receipts of the window."""

    vip: Vip
    receipts: Money


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """A fact's type, the VIP after it, and what the fact says besides."""

    what: str
    after: Vip
    details: dict[str, Any] = field(default_factory=dict)
