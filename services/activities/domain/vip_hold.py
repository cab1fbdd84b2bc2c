"""A seller's hold on a very important client, as far as activities follow it."""

from dataclasses import dataclass
from datetime import datetime

from shared.ids import EmployeeId


@dataclass(frozen=True, slots=True)
class VipHold:
    """`holder_id` holds the client for the company; `protected_until` is when that ends without
    progress, UTC, None for never.
    """

    holder_id: EmployeeId
    protected_until: datetime | None
