"""Legal entities as one client: their receipts rank together, and one VIP covers them."""

from typing import Any
from uuid import UUID

import pytest

from services.vip.timers import reset_overdue
from shared.events.directory import ClientMerged
from shared.ids import ClientId, EmployeeId, RoomId, new_id
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant, concurrently
from tests.support.client import Response


async def join(tenant: Tenant, client: UUID, head: UUID, **options: Any) -> Response:
    body = {"head_client_id": str(head)}
    options = {"roles": ("head",), **options}
    return await tenant.request(tenant.head, "POST", f"/groups/{client}/join", body, **options)


async def leave(tenant: Tenant, client: UUID) -> Response:
    path = f"/groups/{client}/leave"
    return await tenant.request(tenant.head, "POST", path, roles=("head",))


async def holders(tenant: Tenant, *clients: ClientId) -> list[str | None]:
    """Who holds each client, as activities hears it."""
    rows = await tenant.reader.fetch(
        "SELECT client_id, responsible_id FROM vip WHERE tenant_id = $1", tenant.tenant_id
    )
    known = {row["client_id"]: row["responsible_id"] for row in rows}
    return [str(known[client]) if known.get(client) else None for client in clients]


async def test_a_claim_of_any_member_holds_the_whole_group(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=1)
    seller, other = await tenant.seller(), await tenant.seller()
    head, first, second = await tenant.clients(3)
    for member in (first, second):
        joined = await join(tenant, member, head)
        assert joined.status == 200, joined.body
    assert joined.body["member_ids"] == sorted(map(str, (first, second)))
    claimed = await tenant.claim(seller, first)
    assert (claimed.status, claimed.body["client"]["id"]) == (201, str(head))
    assert await holders(tenant, head, first, second) == [str(seller)] * 3
    assert (await tenant.claim(other, second)).body["code"] == "vip_of_another"
    assert (await tenant.claim(seller, second)).status == 200
    listed = (await tenant.request(seller, "GET", "")).body["items"]
    assert [vip["id"] for vip in listed] == [claimed.body["id"]], "it takes one place"
    await tenant.assert_versions_have_no_gaps()


async def test_receipts_of_a_group_rank_together(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(receipts=1)
    seller, (head, member, rival) = await tenant.seller(), await tenant.clients(3)
    for client, amount in ((head, 40), (member, 70), (rival, 100)):
        await tenant.apply_activity_event(tenant.payment(client, seller, amount))
    alone, large = [(await tenant.claim(seller, client)).body for client in (head, rival)]
    assert [vip["kind"] for vip in (alone, large)] == ["by_receipts", "by_receipts"]
    assert (await tenant.get_vip(alone["id"]))["kind"] is None, "outranked"
    await join(tenant, member, head)
    vip = (await tenant.claim(seller, head)).body
    assert (vip["kind"], vip["receipts"]["amount"]) == ("by_receipts", "110.00")
    await tenant.apply_activity_event(tenant.payment(member, seller, 5))
    assert (await tenant.get_vip(vip["id"]))["receipts"]["amount"] == "115.00"
    assert await holders(tenant, rival, member) == [None, str(seller)]
    await tenant.assert_versions_have_no_gaps()


async def test_a_group_is_held_and_lost_together(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.seller(), await tenant.seller()
    head, member = await tenant.clients(2)
    vip = (await tenant.claim(seller, head)).body
    await join(tenant, member, head)
    assert await holders(tenant, member) == [str(seller)]
    await tenant.assign(vip["id"], other)
    assert await holders(tenant, head, member) == [str(other)] * 2
    await tenant.make_overdue(vip["id"])
    await reset_overdue(context)
    assert await holders(tenant, head, member) == [None] * 2
    await tenant.claim(seller, head)
    assert await holders(tenant, head, member) == [str(seller)] * 2
    await tenant.release(seller, vip["id"])
    assert await holders(tenant, head, member) == [None] * 2
    await tenant.assert_versions_have_no_gaps()


async def test_who_leaves_a_group_is_held_by_nobody(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, (head, member) = await tenant.seller(), await tenant.clients(2)
    await tenant.apply_activity_event(tenant.payment(member, seller, 70))
    await join(tenant, member, head)
    vip = (await tenant.claim(seller, head)).body
    assert vip["kind"] == "by_receipts"
    left = await leave(tenant, member)
    assert (left.body["head_client_id"], left.body["member_ids"]) == (None, [])
    assert await holders(tenant, head, member) == [str(seller), None]
    assert (await tenant.get_vip(vip["id"]))["kind"] == "in_development"
    assert (await tenant.claim(seller, member)).body["client"]["id"] == str(member)
    types = [data["head_client_id"] for _, event_type, data in await tenant.events_of(str(member))]
    assert types == [str(head), None]
    assert (await leave(tenant, member)).status == 200
    await tenant.assert_versions_have_no_gaps()


async def test_progress_of_a_member_keeps_the_group(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, (head, member) = await tenant.seller(), await tenant.clients(2)
    await join(tenant, member, head)
    vip = (await tenant.claim(seller, head)).body
    await tenant.apply_activity_event(tenant.interaction(member, seller))
    seen = await tenant.get_vip(vip["id"])
    assert (seen["version"], seen["reset_due_at"] > vip["reset_due_at"]) == (2, True)
    await tenant.assert_versions_have_no_gaps()


async def test_a_client_held_by_another_does_not_join(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.seller(), await tenant.seller()
    head, member = await tenant.clients(2)
    await tenant.claim(seller, head)
    held = (await tenant.claim(other, member)).body
    refused = await join(tenant, member, head)
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert (await tenant.get_vip(held["id"]))["responsible_id"] == str(other)
    await tenant.assign(held["id"], seller)
    assert (await join(tenant, member, head)).status == 200
    assert await holders(tenant, head, member) == [str(seller)] * 2


async def test_a_group_has_one_head(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    head, member, third = await tenant.clients(3)
    assert (await join(tenant, member, head)).status == 200
    assert (await join(tenant, member, head)).status == 200
    for client, leader in ((third, member), (member, third), (head, third)):
        refused = await join(tenant, client, leader)
        assert (refused.status, refused.body["code"]) == (409, "client_in_group")
    itself = await join(tenant, third, third)
    assert (itself.status, itself.body["errors"][0]["field"]) == (422, "head_client_id")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"roles": ("seller",)}, 403),
        ({"roles": ("head",), "headed": []}, 403),
        ({"roles": ("head",), "rooms": [RoomId(new_id())]}, 404),
        ({"roles": ("admin",), "rooms": []}, 200),
    ],
)
async def test_a_head_of_a_room_that_sees_both_joins_them(
    new_tenant: NewTenant, options: dict[str, Any], status: int
) -> None:
    tenant = await new_tenant()
    head = await tenant.client(room_ids=[tenant.room_id])
    member = await tenant.client(room_ids=[tenant.room_id])
    assert (await join(tenant, member, head, **options)).status == status
    unknown = await join(tenant, member, new_id())
    assert (unknown.status, unknown.body["errors"][0]["field"]) == (404, "head_client_id")


async def test_a_merged_client_leaves_its_group(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, (head, member, into) = await tenant.seller(), await tenant.clients(3)
    await join(tenant, member, head)
    await tenant.claim(seller, head)
    merged = ClientMerged(client_id=head, into_client_id=into, room_ids=[], by=tenant.head)
    for _ in range(2):
        await tenant.apply(merged, head, 2)
    assert await holders(tenant, head, member, into) == [None, None, str(seller)]
    await tenant.assert_versions_have_no_gaps()


@pytest.mark.parametrize("attempt", range(3))
async def test_joins_racing_claims_leave_one_holder_of_the_group(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant()
    head, *members = await tenant.clients(4)
    sellers: list[EmployeeId] = [await tenant.seller() for _ in range(4)]
    await concurrently(
        *(join(tenant, member, head) for member in members),
        *(
            tenant.claim(seller, client)
            for seller, client in zip(sellers, (head, *members), strict=True)
        ),
    )
    body = (await tenant.request(tenant.head, "GET", f"/groups/{head}", roles=("head",))).body
    (held_by, *others) = await holders(
        tenant, head, *(ClientId(UUID(member)) for member in body["member_ids"])
    )
    assert set(others) <= {held_by}
    await tenant.assert_versions_have_no_gaps()
