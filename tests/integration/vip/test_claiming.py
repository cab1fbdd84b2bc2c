"""Claiming and releasing, through the service's API."""

from typing import Any

import pytest

from shared.ids import EmployeeId, RoomId, new_id
from tests.integration.vip.conftest import NewTenant
from tests.support.stub_owner import StubOwner


async def test_a_seller_claims_a_client(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client("Ромашка", large=True)
    claimed = await tenant.claim(seller, client)
    assert claimed.status == 201
    vip = claimed.body
    assert vip["client"] == {
        "id": str(client),
        "name": "Ромашка",
        "large": True,
        "do_not_call": False,
    }
    assert (vip["version"], vip["kind"]) == (1, "in_development")
    assert vip["responsible_id"] == str(seller)
    assert vip["receipts"] == {"amount": "0.00", "currency": "RUB"}
    assert await tenant.get_vip(vip["id"]) == vip


async def test_claiming_again_answers_the_present_vip_and_publishes_nothing(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(development=1)
    seller, client = await tenant.seller(), await tenant.client()
    first = await tenant.claim(seller, client)
    second = await tenant.claim(seller, client)
    assert (second.status, second.body) == (200, first.body)
    assert await tenant.event_types_of(first.body["id"]) == ["vip.claimed"]


async def test_a_claim_of_anothers_vip_is_refused_until_its_protection_ends(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    client = await tenant.client()
    held = await tenant.claim(await tenant.seller(), client)
    refused = await tenant.claim(await tenant.seller(), client)
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert refused.body["protected_until"][:19] == held.body["reset_due_at"][:19]


async def test_the_limit_refuses_a_claim_and_lists_what_could_be_released(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(development=2)
    seller, clients = await tenant.seller(), await tenant.clients(3)
    held = [(await tenant.claim(seller, client)).body for client in clients[:2]]
    refused = await tenant.claim(seller, clients[2])
    assert (refused.status, refused.body["code"]) == (409, "vip_limit_reached")
    assert (refused.body["limit"], refused.body["held"]) == (2, 2)
    could_release = [vip["id"] for vip in refused.body["could_release"]]
    assert could_release == [vip["id"] for vip in held]
    assert (await tenant.release(seller, held[0]["id"])).status == 200
    assert (await tenant.claim(seller, clients[2])).status == 201


async def test_a_seller_who_sold_to_the_client_claims_by_receipts(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(receipts=1)
    seller, clients = await tenant.seller(), await tenant.clients(3)
    await tenant.apply_activity_event(tenant.payment(clients[0], seller, 500))
    await tenant.apply_activity_event(tenant.payment(clients[1], seller, 400))
    await tenant.apply_activity_event(tenant.payment(clients[2], await tenant.seller(), 700))
    vips = [(await tenant.claim(seller, client)).body for client in clients]
    assert [vip["kind"] for vip in vips] == ["by_receipts", "in_development", "in_development"]
    assert [vip["receipts"]["amount"] for vip in vips] == ["500.00", "400.00", "0.00"]


async def test_a_released_client_is_free_for_others_under_the_same_id(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    client, seller, other = await tenant.client(), await tenant.seller(), await tenant.seller()
    vip = (await tenant.claim(seller, client)).body
    assert (await tenant.release(other, vip["id"])).body["code"] == "forbidden"
    released = (await tenant.release(seller, vip["id"])).body
    assert released["responsible_id"] is released["kind"] is released["reset_due_at"] is None
    assert (await tenant.release(seller, vip["id"])).body["code"] == "vip_not_held"
    claimed = await tenant.claim(other, client)
    assert (claimed.status, claimed.body["id"], claimed.body["version"]) == (201, vip["id"], 3)
    events = await tenant.events_of(vip["id"])
    assert [(version, event_type) for version, event_type, _ in events] == [
        (1, "vip.claimed"),
        (2, "vip.released"),
        (3, "vip.claimed"),
    ]
    assert events[1][2]["why"] == "released"


@pytest.mark.parametrize("field", ["room_id", "company_id", "client_id"])
async def test_a_claim_of_what_does_not_exist_is_404_with_the_field(
    new_tenant: NewTenant, field: str
) -> None:
    tenant = await new_tenant()
    body = {
        "company_id": str(tenant.company_id),
        "room_id": str(tenant.room_id),
        "client_id": str(await tenant.client()),
    }
    response = await tenant.request(
        await tenant.seller(), "POST", "", body | {field: str(new_id())}, roles=("seller", "head")
    )
    (error,) = response.body["errors"]
    assert (response.status, error["field"], error["rule"]) == (404, field, "exists")


async def test_a_claim_for_a_company_not_sold_in_the_room_is_422(new_tenant: NewTenant) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    other.tenant_id, other.room_id = tenant.tenant_id, RoomId(new_id())
    await other.create()
    body = {
        "company_id": str(other.company_id),
        "room_id": str(tenant.room_id),
        "client_id": str(await tenant.client()),
    }
    response = await tenant.request(await tenant.seller(), "POST", "", body)
    (error,) = response.body["errors"]
    assert (response.status, error["field"], error["rule"]) == (422, "company_id", "sold_in_room")


@pytest.mark.parametrize("body", [{}, [], {"company_id": "x"}, {"employee_id": "\x00"}, None])
async def test_a_malformed_claim_is_422(new_tenant: NewTenant, body: object) -> None:
    tenant = await new_tenant()
    response = await tenant.request(await tenant.seller(), "POST", "", body)
    assert (response.status, response.body["code"]) == (422, "invalid")


async def test_a_room_without_settings_has_the_defaults(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, clients = await tenant.seller(), await tenant.clients(11)
    tenant.room_id = RoomId(new_id())
    await tenant.apply(tenant.room_changed(tenant.room_id), tenant.room_id)
    for client in clients[:10]:
        assert (await tenant.claim(seller, client)).status == 201
    assert (await tenant.claim(seller, clients[10])).body["limit"] == 10


async def test_an_admin_claims_only_in_rooms_they_work_in(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    response = await tenant.claim(
        await tenant.seller(), await tenant.client(), roles=("seller", "admin"), rooms=[]
    )
    assert (response.status, response.body["errors"][0]["field"]) == (404, "room_id")


async def test_a_claim_is_pushed_to_activities_before_it_answers(
    new_tenant: NewTenant, owner: StubOwner
) -> None:
    tenant = await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    (pushed,) = owner.pushed_about(vip["id"])
    assert (pushed["type"], pushed["version"]) == ("vip.claimed", 1)
    assert pushed["data"]["state"]["responsible_id"] == vip["responsible_id"]


async def test_a_repeated_idempotency_key_gives_the_first_response(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, (client, other) = await tenant.seller(), await tenant.clients(2)
    key = {"Idempotency-Key": "once"}
    first = await tenant.claim(seller, client, headers=key)
    await tenant.release(seller, first.body["id"])
    second = await tenant.claim(seller, client, headers=key)
    assert (second.status, second.body) == (201, first.body)
    reused = await tenant.claim(seller, other, headers=key)
    assert reused.body["code"] == "idempotency_key_reused"


async def test_commands_from_other_rooms_and_tenants_find_nothing(new_tenant: NewTenant) -> None:
    tenant, foreign = await new_tenant(), await new_tenant()
    vip = (await tenant.claim(await tenant.seller(), await tenant.client())).body
    for caller, rooms in ((tenant, [RoomId(new_id())]), (foreign, [tenant.room_id])):
        for path, body in (("/release", None), ("/assign", {"employee_id": None})):
            response = await caller.request(
                EmployeeId(new_id()),
                "POST",
                f"/{vip['id']}{path}",
                body,
                roles=("seller", "head"),
                rooms=rooms,
            )
            assert (response.status, response.body["code"]) == (404, "not_found")


async def test_a_client_of_other_rooms_is_not_there_to_be_claimed(new_tenant: NewTenant) -> None:
    tenant, elsewhere = await new_tenant(), RoomId(new_id())
    client = await tenant.client(room_ids=[elsewhere])
    refused = await tenant.claim(await tenant.seller(), client)
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "client_id")
    unknown = await tenant.claim(await tenant.seller(), new_id())
    assert unknown.body == refused.body
    assert await tenant.events_of() == []


async def test_a_client_whom_a_colleague_works_is_not_claimed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.seller(), await tenant.seller()
    client, company = await tenant.client(), tenant.company_id
    tenant.owner.works(client, [tenant.room_id], [(company, colleague), (company, seller)])
    refused = await tenant.claim(seller, client)
    assert (refused.status, refused.body["code"]) == (409, "worked_by_another")
    for work in ([(company, seller)], [(new_id(), colleague)], []):
        tenant.owner.works(client, [tenant.room_id], work)
        claimed = await tenant.claim(seller, client)
        assert claimed.status == 201, work
        await tenant.release(seller, claimed.body["id"])


async def test_a_repeated_claim_has_its_response_though_a_colleague_works_the_client_since(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    once: Any = {"headers": {"Idempotency-Key": "once"}}
    first = await tenant.claim(seller, client, **once)
    tenant.owner.works(client, [tenant.room_id], [(tenant.company_id, new_id())])
    again = await tenant.claim(seller, client, **once)
    assert (again.status, again.body) == (201, first.body)


async def test_a_head_of_a_room_that_works_the_client_contests_the_vip(
    new_tenant: NewTenant,
) -> None:
    tenant, elsewhere = await new_tenant(), RoomId(new_id())
    await tenant.apply(tenant.room_changed(elsewhere), elsewhere)
    client = await tenant.client(room_ids=[tenant.room_id, elsewhere])
    vip = (await tenant.claim(await tenant.seller(), client)).body
    theirs = await tenant.seller(room_ids=[elsewhere])
    as_head: Any = {"roles": ("head",), "rooms": [elsewhere]}
    for path in (f"?room_id={elsewhere}", ""):
        listed = await tenant.request(tenant.head, "GET", path, **as_head)
        assert [item["id"] for item in listed.body["items"]] == [vip["id"]]
    assert (await tenant.request(tenant.head, "GET", f"/{vip['id']}", **as_head)).status == 200
    as_seller: Any = {"roles": ("seller",), "rooms": [elsewhere]}
    assert (await tenant.request(theirs, "GET", f"/{vip['id']}", **as_seller)).status == 404
    assigned = await tenant.assign(vip["id"], theirs, **as_head)
    assert (assigned.body["responsible_id"], assigned.body["room_id"]) == (
        str(theirs),
        str(elsewhere),
    )
    freed = await tenant.assign(vip["id"], None, **as_head)
    assert freed.body["responsible_id"] is None


async def test_receipts_are_those_of_rooms_that_the_viewer_sees(new_tenant: NewTenant) -> None:
    tenant, elsewhere = await new_tenant(), RoomId(new_id())
    client, seller = await tenant.client(), await tenant.seller()
    await tenant.apply_activity_event(tenant.payment(client, seller, 100))
    await tenant.apply_activity_event(tenant.payment(client, seller, 777, room_id=elsewhere))
    vip = (await tenant.claim(seller, client)).body
    assert vip["receipts"]["amount"] == "100.00"
    for roles, rooms, receipts in (
        (("seller",), [tenant.room_id], "100.00"),
        (("head",), [tenant.room_id, elsewhere], "877.00"),
        (("admin",), [], "877.00"),
        (("accountant",), [], "877.00"),
    ):
        shown = await tenant.request(tenant.head, "GET", f"/{vip['id']}", roles=roles, rooms=rooms)
        listed = await tenant.request(tenant.head, "GET", "", roles=roles, rooms=rooms)
        assert shown.body["receipts"]["amount"] == receipts
        assert [item["receipts"]["amount"] for item in listed.body["items"]] == [receipts]
