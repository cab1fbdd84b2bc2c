"""A client of a company as one seller holds it, and the domain events about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.money import MoneySum
from shared.vocabulary import VipKind


@dataclass(frozen=True, slots=True)
class Vip:
    """While nobody holds it, `responsible`, `kind`, `since`, `progress_at` and `reset_due_at` are
    None. Moments are UTC.

    `version` counts its events, 0 before the first. The reset deadline counts from `progress_at`;
    `warning_at` is when its holder is warned of it, None once they were. `head_id` is the VIP of
    the group's head that covers this one, which then takes no place; `covers` says that this one
    covers others.
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
    warning_at: datetime | None = None
    head_id: VipId | None = None
    covers: bool = False

    def overdue(self, now: datetime) -> bool:
        """Whether the deadline has passed: it is free then, whenever the timer gets to it."""
        return self.reset_due_at is not None and self.reset_due_at <= now


@dataclass(frozen=True, slots=True)
class RankedVip:
    """A VIP with what came in during the window while its holder was responsible."""

    vip: Vip
    receipts: MoneySum


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """An event's type, the VIP after it, and the event's further fields."""

    type: str
    after: Vip
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def holder(self) -> EmployeeId | None:
        """Who holds the VIP after the event; of a released one, who held it before."""
        return self.after.responsible or self.details.get("former")
