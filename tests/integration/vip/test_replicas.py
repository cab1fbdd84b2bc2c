"""Replicas of the directory: fetched where one is missing, pushed by their owner."""

from uuid import UUID

import pytest

from deploy.environment import Installation
from shared.events.people import PersonDescribed
from shared.ids import ClientId, EmployeeId, RoomId, derived_id, new_id
from shared.replicas import Snapshot, Snapshots
from shared.tenancy import Caller
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant
from tests.support.client import Response
from tests.support.service_client import ServiceClient, issuer_of
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


async def push(
    tenant: Tenant, installation: Installation, peer: str, snapshot: Snapshot
) -> Response:
    """`snapshot`, as `peer` pushes it."""
    client = ServiceClient(tenant.api.http, issuer_of(installation, peer), "vip")
    caller = Caller(tenant.tenant_id, EmployeeId(UUID(int=0)), system=peer)
    pushed = Snapshots(snapshots=[snapshot]).model_dump(mode="json")
    return await client.send(caller, "POST", "/internal/snapshots", pushed)


async def test_a_pushed_snapshot_is_stored(
    new_tenant: NewTenant, provisioned: Installation
) -> None:
    tenant = await new_tenant()
    client, seller = ClientId(new_id()), await tenant.seller()
    snapshot = Snapshot.of(tenant.client_changed(client), client, 1)
    assert (await push(tenant, provisioned, "activities", snapshot)).status == 204
    assert (await tenant.claim(seller, client)).status == 201


async def test_a_peer_pushes_only_what_it_owns(
    new_tenant: NewTenant, provisioned: Installation
) -> None:
    tenant = await new_tenant()
    client, seller = ClientId(new_id()), await tenant.seller()
    snapshot = Snapshot.of(tenant.client_changed(client), client, 1)
    for peer in ("motivation", "gateway"):
        assert (await push(tenant, provisioned, peer, snapshot)).status == 403
    assert (await tenant.claim(seller, client)).status == 404


async def test_no_person_opens_an_internal_path(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    client, seller = ClientId(new_id()), await tenant.seller()
    admin = Caller(tenant.tenant_id, seller, frozenset({"admin"}), operator=True)
    pushed = Snapshots(snapshots=[Snapshot.of(tenant.client_changed(client), client, 1)])
    body = pushed.model_dump(mode="json")
    response = await tenant.api.send(admin, "POST", "/internal/snapshots", body)
    assert (response.status, response.code) == (401, "unauthenticated")


@pytest.mark.parametrize("peer", ["gateway", "activities"])
async def test_no_service_calls_a_public_path_on_its_own_behalf(
    new_tenant: NewTenant, provisioned: Installation, peer: str
) -> None:
    tenant = await new_tenant()
    client = ServiceClient(tenant.api.http, issuer_of(provisioned, peer), "vip")
    nobody = Caller(tenant.tenant_id, EmployeeId(UUID(int=0)), system=peer)
    assert (await client.call(nobody, "GET", "/vip")).status == 401


async def test_a_peer_does_not_speak_for_people(
    new_tenant: NewTenant, provisioned: Installation
) -> None:
    tenant = await new_tenant()
    client = ServiceClient(tenant.api.http, issuer_of(provisioned, "activities"), "vip")
    admin = Caller(tenant.tenant_id, await tenant.seller(), frozenset({"admin"}))
    assert (await client.call(admin, "GET", "/vip")).status == 401
    assert (await tenant.api.call(admin, "GET", "/vip")).status == 200


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
