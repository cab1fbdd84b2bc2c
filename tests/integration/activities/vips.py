"""VIPs as the vip service publishes them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.activities.consumers import subscription
from shared.db import Database
from shared.events import Envelope, PublishedEvent
from shared.events.vip import VipClaimed, VipReleased, VipState
from shared.ids import ClientId, EmployeeId, VipId, new_id
from shared.money import Money
from shared.vocabulary import VipReleaseReason
from tests.integration.activities.tenant import Tenant


class Vip:
    """A client of the tenant's company as the vip service publishes who holds it."""

    def __init__(
        self,
        tenant: Tenant,
        database: Database,
        client_id: str,
        why: VipReleaseReason = "released",
    ) -> None:
        self.tenant, self.vip_id, self.client_id = (
            tenant,
            VipId(new_id()),
            ClientId(UUID(client_id)),
        )
        self.database, self.replicas = database, None
        self.former, self.why = EmployeeId(new_id()), why

    async def publish(
        self, *holds: tuple[EmployeeId | None, int], protected_until: datetime | None = None
    ) -> None:
        """Consumes a batch of events, each with its holder, None after a release, and version."""
        events = [self._event(holder, version, protected_until) for holder, version in holds]
        await subscription.consume(self, self.tenant.tenant_id, events)

    def _event(
        self, holder: EmployeeId | None, version: int, protected_until: datetime | None
    ) -> PublishedEvent:
        state = VipState(
            company_id=self.tenant.company_id,
            room_id=self.tenant.room_id,
            client_id=self.client_id,
            responsible_id=holder,
            kind="in_development" if holder else None,
            receipts=Money(amount="0.00", currency="RUB"),
            reset_due_at=protected_until,
        )
        fields: dict[str, Any] = {"vip_id": self.vip_id, "by": None, "state": state}
        event = (
            VipClaimed(**fields, responsible=holder, kind="in_development")
            if holder
            else VipReleased(**fields, former=self.former, why=self.why)
        )
        envelope = Envelope(
            new_id(), event.type, self.tenant.tenant_id, self.vip_id, version, datetime.now(UTC)
        )
        return PublishedEvent(envelope, event)
