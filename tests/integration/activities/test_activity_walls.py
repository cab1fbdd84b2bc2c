"""A seller sees only the rooms that they work in; who does not work any more does nothing."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.activities.consumers import subscription
from shared.db import Database
from shared.events import Envelope, PublishedEvent
from shared.events.vip import VipClaimed, VipReleased, VipState
from shared.ids import ClientId, EmployeeId, VipId, new_id
from shared.money import Money
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import World

MONEY = {"amount": {"amount": "1.00", "currency": "RUB"}}
COMMANDS: list[tuple[str, Any]] = [
    ("take", None),
    ("release", {"reason": "x"}),
    ("assign", {"employee_id": None}),
    ("interactions", {"kind": "call"}),
    ("invoices", MONEY),
    ("invoices/00000000-0000-0000-0000-000000000001/cancel", {"reason": "x"}),
    ("payments", MONEY),
    ("refunds", {**MONEY, "reason": "x"}),
    ("shipments", {}),
    ("documents", {"state": "signed"}),
    ("lose", {"reason": "x"}),
    ("reopen", None),
    ("split", {"shares": [{"employee_id": "00000000-0000-0000-0000-000000000001", "share": "1"}]}),
]


@pytest.mark.parametrize("whose", ["another room's", "another tenant's"])
async def test_a_stranger_gets_404_everywhere_as_if_it_did_not_exist(
    new_world: NewWorld, whose: str
) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    if whose == "another room's":
        door, stranger = (
            world,
            await world.person("seller", "head", room_id=await world.another_room()),
        )
    else:
        door = await new_world()
        stranger = await door.person("seller", "head")
    missing = {"id": str(new_id())}
    for command, body in COMMANDS:
        answer = await door.call(stranger, "POST", f"/activities/{activity['id']}/{command}", body)
        nothing = await door.call(stranger, "POST", f"/activities/{missing['id']}/{command}", body)
        assert (answer.status, answer.body) == (404, nothing.body), command
    assert (await door.call(stranger, "GET", f"/activities/{activity['id']}")).status == 404
    for path in (
        f"/activities?room_id={world.room_id}",
        f"/pool?room_id={world.room_id}",
        f"/rooms/{world.room_id}",
    ):
        assert (await door.call(stranger, "GET", path)).status == 404, path
    for path in (
        "/activities",
        "/pool",
        f"/activities?client_id={activity['client']['id']}",
        f"/activities?responsible_id={seller.id}",
    ):
        assert (await door.call(stranger, "GET", path)).body["items"] == [], path
    assert (await door.call(stranger, "GET", f"/clients/{activity['client']['id']}")).status == 404
    registered = await door.call(stranger, "POST", "/activities", world.wish())
    assert (registered.status, registered.body["errors"][0]["field"]) == (404, "room_id")
    assert (await world.see(activity))["version"] == activity["version"], "nothing happened"


async def test_who_left_the_room_or_the_firm_takes_nothing_though_the_token_still_says_otherwise(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    left, dismissed = await world.people(2)
    await world.call(world.admin, "PATCH", f"/employees/{left.id}", {"room_ids": []})
    await world.call(world.admin, "PATCH", f"/employees/{dismissed.id}", {"active": False})
    head, activity = await world.person("head"), await world.register()
    for gone in (left, dismissed):
        assert (await world.do(gone, activity, "take")).status == 404
        assert (await world.call(gone, "POST", "/activities", world.wish(take=True))).status == 403
        assigned = await world.do(head, activity, "assign", employee_id=str(gone.id))
        assert (assigned.status, assigned.body["errors"][0]["field"]) == (404, "employee_id")
    assert (await world.see(activity))["status"] == "free"


async def test_an_accountant_of_the_room_is_no_seller(new_world: NewWorld) -> None:
    world = await new_world()
    accountant = await world.person("accountant")
    assert (
        await world.call(accountant, "POST", "/activities", world.wish(take=True))
    ).status == 403


async def test_a_lost_activity_of_who_is_gone_reopens_into_the_pool(new_world: NewWorld) -> None:
    world = await new_world()
    seller, head = await world.person(), await world.person("head")
    activity = await world.register(seller, take=True)
    await world.done(seller, activity, "lose", reason="нет бюджета")
    await world.call(world.admin, "PATCH", f"/employees/{seller.id}", {"active": False})
    reopened = await world.done(head, activity, "reopen")
    assert (reopened["status"], reopened["responsible_id"]) == ("free", None)


class Vips:
    """What the vip service says about one client of the world's company."""

    def __init__(self, world: World, database: Database, client_id: str) -> None:
        self.world, self.vip_id, self.client_id = world, VipId(new_id()), ClientId(UUID(client_id))
        self.database, self.replicas = database, None

    async def say(self, *told: tuple[EmployeeId | None, int]) -> None:
        """Facts of one batch, each with its holder and version."""
        await subscription.consume(
            self, self.world.tenant_id, [self._fact(holder, version) for holder, version in told]
        )

    def _fact(self, holder: EmployeeId | None, version: int) -> PublishedEvent:
        state = VipState(
            company_id=self.world.company_id,
            room_id=self.world.room_id,
            client_id=self.client_id,
            responsible_id=holder,
            kind="in_development" if holder else None,
            receipts=Money(amount="0.00", currency="RUB"),
            reset_due_at=None,
        )
        about: dict[str, Any] = {"vip_id": self.vip_id, "by": None, "state": state}
        event = (
            VipClaimed(**about, responsible=holder, kind="in_development")
            if holder
            else VipReleased(**about, former=EmployeeId(new_id()), why="released")
        )
        envelope = Envelope(
            new_id(), event.type, self.world.tenant_id, self.vip_id, version, datetime.now(UTC)
        )
        return PublishedEvent(envelope, event)


async def test_a_held_client_goes_to_the_holder_and_to_nobody_else(
    new_world: NewWorld, database: Database
) -> None:
    world = await new_world()
    anna, boris = await world.people(2)
    free = await world.register()
    vips = Vips(world, database, free["client"]["id"])
    await vips.say((None, 2), (anna.id, 3), (boris.id, 1))
    routed = await world.register(boris, client_id=free["client"]["id"], take=True)
    assert (routed["responsible_id"], routed["how"]) == (str(anna.id), "vip_routed")
    refused = await world.do(boris, free, "take")
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert refused.body["protected_until"] is None, "the room of this world never resets a VIP"
    assert (await world.done(anna, free, "take"))["how"] == "taken"


async def test_of_what_is_said_of_a_holder_the_highest_version_counts_in_whatever_order(
    new_world: NewWorld, database: Database
) -> None:
    world = await new_world()
    anna, boris = await world.people(2)
    first = await world.register()
    vips = Vips(world, database, first["client"]["id"])
    for holder, version, expected in [
        (boris, 3, boris),
        (anna, 1, boris),
        (None, 2, boris),
        (None, 4, None),
        (anna, 3, None),
        (anna, 5, anna),
    ]:
        await vips.say((holder.id if holder else None, version))
        registered = await world.register(client_id=first["client"]["id"])
        assert registered["responsible_id"] == (str(expected.id) if expected else None), (
            version,
            expected,
        )


async def test_a_holder_who_does_not_work_any_more_holds_nobody(
    new_world: NewWorld, database: Database
) -> None:
    world = await new_world()
    anna, boris = await world.people(2)
    first = await world.register()
    await Vips(world, database, first["client"]["id"]).say((anna.id, 1))
    await world.call(world.admin, "PATCH", f"/employees/{anna.id}", {"active": False})
    assert (await world.register(client_id=first["client"]["id"]))["responsible_id"] is None
    assert (await world.done(boris, first, "take"))["responsible_id"] == str(boris.id)


async def test_a_holder_counts_only_in_the_rooms_where_they_work(
    new_world: NewWorld, database: Database
) -> None:
    """In another room the client is anybody's; what stands in that room's pool can be taken there."""
    world = await new_world()
    anna = await world.person()
    there = await world.another_room()
    boris = await world.person(room_id=there)
    elsewhere = await world.register(room_id=str(there))
    await Vips(world, database, elsewhere["client"]["id"]).say((anna.id, 1))
    again = await world.register(boris, room_id=str(there), client_id=elsewhere["client"]["id"])
    assert (again["status"], again["responsible_id"]) == ("free", None)
    assert (await world.done(boris, elsewhere, "take"))["how"] == "taken"
