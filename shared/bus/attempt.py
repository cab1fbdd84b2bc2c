"""One attempt to apply records of a tenant: what it rejects, and what it leaves."""

from dataclasses import dataclass, field
from typing import Any

from shared.bus.records import Rejected
from shared.ids import TenantId


@dataclass(slots=True)
class Attempt:
    """Rejects at most `may_reject` records; the next one that would be and all that follow it are
    `left`, in their order.
    """

    tenant_id: TenantId
    may_reject: int
    rejected: list[Rejected] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)
    excess: str = ""

    def reject(self, record: Any, reason: str) -> None:
        """Rejects a record for `reason`, or leaves it."""
        if self.left:
            self.left.append(record)
        elif len(self.rejected) < self.may_reject:
            self.rejected.append(Rejected(record, reason, self.tenant_id))
        else:
            self.excess = reason
            self.left.append(record)
