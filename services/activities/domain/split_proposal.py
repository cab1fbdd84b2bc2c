"""A split of the pay that waits for those whom it concerns."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.ids import EmployeeId

Shares = tuple[tuple[EmployeeId, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SplitProposal:
    """The responsible proposed `shares` at a moment (UTC); `asked` have not agreed yet."""

    id: UUID
    by: EmployeeId
    at: datetime
    shares: Shares
    asked: tuple[EmployeeId, ...]
