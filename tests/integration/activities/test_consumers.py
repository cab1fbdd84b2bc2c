"""The holder of a client gets the client's next activity."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared.db import Database
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.vips import Vip


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


async def test_a_holder_counts_in_every_room_of_the_company(
    new_tenant: NewTenant, database: Database
) -> None:
    """What another room registers goes to the holder's room, and its pool refuses the client."""
    tenant = await new_tenant()
    anna = await tenant.user()
    there = await tenant.another_room()
    boris = await tenant.user(room_id=there)
    elsewhere = await tenant.register(room_id=str(there))
    until = datetime.now(UTC) + timedelta(days=3)
    vip = Vip(tenant, database, elsewhere["client"]["id"])
    await vip.publish((anna.id, 1), protected_until=until)
    refused = await tenant.command(boris, elsewhere, "take")
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert datetime.fromisoformat(refused.body["protected_until"]) == until
    body = {"room_id": str(there), "client_id": elsewhere["client"]["id"], "take": True}
    routed = await tenant.register(boris, **body)
    assert (routed["responsible_id"], routed["how"]) == (str(anna.id), "vip_routed")
    assert routed["room_id"] == str(tenant.room_id)
    assert (await tenant.command(boris, routed, "release", reason="x")).status == 404


async def test_a_room_that_is_not_there_is_unknown_also_where_a_holder_has_another(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    held = await tenant.register()
    await Vip(tenant, database, held["client"]["id"]).publish(((await tenant.user()).id, 1))
    body = tenant.registration(room_id=str(uuid4()), client_id=held["client"]["id"])
    refused = await tenant.call(tenant.admin, "POST", "/activities", body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "room_id")


async def test_a_client_of_another_room_stays_unknown_though_it_is_a_vip(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    held = await tenant.register()
    await Vip(tenant, database, held["client"]["id"]).publish((anna.id, 1))
    there = await tenant.another_room()
    boris = await tenant.user(room_id=there)
    body = tenant.registration(room_id=str(there), client_id=held["client"]["id"])
    refused = await tenant.call(boris, "POST", "/activities", body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "client_id")
