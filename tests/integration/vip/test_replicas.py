"""Replicas of the directory: fetched where one is missing, pushed by their owner."""

from shared.events.people import PersonDescribed
from shared.ids import ClientId, EmployeeId, RoomId, derived_id, new_id
from shared.replicas import Snapshot, Snapshots
from shared.tenancy import Caller
from tests.integration.vip.conftest import NewTenant
from tests.support.stub_owner import StubOwner


async def test_a_claim_fetches_replicas_that_have_not_come(
    new_tenant: NewTenant, owner: StubOwner
) -> None:
    tenant = await new_tenant()
    seller, client, room = await tenant.seller(), ClientId(new_id()), RoomId(new_id())
    tenant.room_id = room
    owner.owns(
        "client",
        client,
        tenant.client_changed(client, large=True),
        PersonDescribed(kind="client", name="Новый"),
        version=4,
    )
    owner.owns("room", room, tenant.room_changed(room))
    settings = tenant.settings_changed(room, development=1, receipts=1, reset_days=0)
    owner.owns("room_settings", derived_id(room, tenant.company_id), settings)
    claimed = await tenant.claim(seller, client)
    assert claimed.status == 201
    assert (claimed.body["client"]["name"], claimed.body["reset_due_at"]) == ("Новый", None)
    refused = await tenant.claim(seller, await tenant.client())
    assert refused.body["code"] == "vip_limit_reached"


async def test_an_assignment_fetches_a_new_employee(
    new_tenant: NewTenant, owner: StubOwner
) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    new = EmployeeId(new_id())
    assert (await tenant.assign(vip["id"], new)).status == 404
    owner.owns("employee", new, tenant.employee_changed(new))
    assert (await tenant.assign(vip["id"], new)).body["responsible_id"] == str(new)


async def test_what_the_owner_does_not_know_is_fetched_once_a_command(
    new_tenant: NewTenant, owner: StubOwner
) -> None:
    tenant = await new_tenant()
    client = ClientId(new_id())
    assert (await tenant.claim(await tenant.seller(), client)).status == 404
    assert owner.fetched.count(("client", str(client))) == 1


async def test_a_pushed_snapshot_is_stored(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    client, seller = ClientId(new_id()), await tenant.seller()
    snapshot = Snapshot.of(tenant.client_changed(client), client, 1)
    headers = tenant.api.headers_of(Caller(tenant.tenant_id, seller, frozenset({"admin"})))
    pushed = Snapshots(snapshots=[snapshot]).model_dump(mode="json")
    async with tenant.api.http.post(
        "/internal/snapshots", json=pushed, headers=headers
    ) as response:
        assert response.status == 204
    assert (await tenant.claim(seller, client)).status == 201


async def test_an_older_event_changes_no_replica(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=5)
    await tenant.set_room_settings(development=1)
    tenant.settings_version = 0
    await tenant.set_room_settings(development=9)
    seller = await tenant.seller()
    await tenant.claim(seller, await tenant.client())
    assert (await tenant.claim(seller, await tenant.client())).body["limit"] == 1


async def test_erasure_forgets_the_name(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    client = await tenant.client("Иванов")
    vip = (await tenant.claim(await tenant.seller(), client)).body
    await tenant.erase(client)
    assert (await tenant.get_vip(vip["id"]))["client"]["name"] == ""
    count = await tenant.reader.fetchval(
        "SELECT count(*) FROM outbox WHERE convert_from(value, 'UTF8') LIKE '%Иванов%'"
    )
    assert count == 0
