"""The holder of a client gets the client's next activity."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.activities.consumers import subscription
from shared.db import Database
from shared.events import Envelope, PublishedEvent
from shared.events.vip import VipClaimed, VipReleased, VipState
from shared.ids import ClientId, EmployeeId, VipId, new_id
from shared.money import Money
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant


class Vip:
    """A client of the tenant's company as the vip service publishes who holds it."""

    def __init__(self, tenant: Tenant, database: Database, client_id: str) -> None:
        self.tenant, self.vip_id, self.client_id = (
            tenant,
            VipId(new_id()),
            ClientId(UUID(client_id)),
        )
        self.database, self.replicas = database, None

    async def publish(
        self, *holds: tuple[EmployeeId | None, int], protected_until: datetime | None = None
    ) -> None:
        """Consumes a batch of events, each with its holder and version."""
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
            else VipReleased(**fields, former=EmployeeId(new_id()), why="released")
        )
        envelope = Envelope(
            new_id(), event.type, self.tenant.tenant_id, self.vip_id, version, datetime.now(UTC)
        )
        return PublishedEvent(envelope, event)


async def test_a_held_clients_activities_go_to_the_holder_alone(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    free = await tenant.register()
    vip = Vip(tenant, database, free["client"]["id"])
    until = datetime.now(UTC) + timedelta(days=3)
    await vip.publish((None, 2), (anna.id, 3), (boris.id, 1), protected_until=until)
    routed = await tenant.register(boris, client_id=free["client"]["id"], take=True)
    assert (routed["responsible_id"], routed["how"]) == (str(anna.id), "vip_routed")
    refused = await tenant.command(boris, free, "take")
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert datetime.fromisoformat(refused.body["protected_until"]) == until
    assert (await tenant.do(anna, free, "take"))["how"] == "taken"


async def test_the_highest_version_of_a_hold_counts_in_whatever_order(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    first = await tenant.register()
    vip = Vip(tenant, database, first["client"]["id"])
    for holder, version, expected in [
        (boris, 3, boris),
        (anna, 1, boris),
        (None, 2, boris),
        (None, 4, None),
        (anna, 3, None),
        (anna, 5, anna),
    ]:
        await vip.publish((holder.id if holder else None, version))
        registered = await tenant.register(client_id=first["client"]["id"])
        assert registered["responsible_id"] == (str(expected.id) if expected else None), (
            version,
            expected,
        )


async def test_a_dismissed_holder_holds_nobody(new_tenant: NewTenant, database: Database) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    first = await tenant.register()
    await Vip(tenant, database, first["client"]["id"]).publish((anna.id, 1))
    await tenant.call(tenant.admin, "PATCH", f"/employees/{anna.id}", {"active": False})
    assert (await tenant.register(client_id=first["client"]["id"]))["responsible_id"] is None
    assert (await tenant.do(boris, first, "take"))["responsible_id"] == str(boris.id)


async def test_a_holder_counts_only_in_the_rooms_where_they_work(
    new_tenant: NewTenant, database: Database
) -> None:
    """In another room the client is anybody's, and so is what stands in that room's pool."""
    tenant = await new_tenant()
    anna = await tenant.user()
    there = await tenant.another_room()
    boris = await tenant.user(room_id=there)
    elsewhere = await tenant.register(room_id=str(there))
    await Vip(tenant, database, elsewhere["client"]["id"]).publish((anna.id, 1))
    again = await tenant.register(boris, room_id=str(there), client_id=elsewhere["client"]["id"])
    assert (again["status"], again["responsible_id"]) == ("free", None)
    assert (await tenant.do(boris, elsewhere, "take"))["how"] == "taken"


async def test_a_hold_that_has_run_out_holds_nobody(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    first = await tenant.register()
    vip = Vip(tenant, database, first["client"]["id"])
    await vip.publish((anna.id, 1), protected_until=datetime.now(UTC) - timedelta(seconds=1))
    registered = await tenant.register(client_id=first["client"]["id"])
    assert registered["responsible_id"] is None
    assert (await tenant.do(boris, first, "take"))["responsible_id"] == str(boris.id)
