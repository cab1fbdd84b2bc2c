"""Places of a past quarter by other limits, from the history of VIPs on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest

from services.vip.api.responses import VipWithoutPlace
from shared.ids import RoomId, new_id
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant

SINCE = datetime(2026, 7, 1, tzinfo=UTC)


def path(tenant: Tenant, in_development: int, by_receipts: int, room: RoomId | None = None) -> str:
    query = {
        "room_id": room or tenant.room_id,
        "company_id": tenant.company_id,
        "since": "2026-07-01T00:00:00Z",
        "until": "2026-10-01T00:00:00Z",
        "in_development_limit": in_development,
        "by_receipts_limit": by_receipts,
    }
    return f"/places/what-if?{urlencode(query)}"


async def happened(tenant: Tenant, vip_id: str, *days: float) -> None:
    """As if the changes of the VIP had been so many days after the quarter began, in order."""
    for version, day in enumerate(days, 1):
        await tenant.reader.execute(
            "UPDATE vip_change SET at = $3 WHERE vip_id = $1 AND version = $2",
            UUID(vip_id),
            version,
            SINCE + timedelta(days=day),
        )


async def test_vips_beyond_other_limits_are_named_in_order(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.seller(), await tenant.seller()
    vips = [(await tenant.claim(anna, client)).body for client in await tenant.clients(4)]
    await tenant.claim(boris, await tenant.client())
    for vip, day in zip(vips, (-5, 10, 20, 95), strict=True):
        await happened(tenant, vip["id"], day)
    response = await tenant.request(tenant.head, "GET", path(tenant, 1, 5), roles=("head",))
    assert response.status == 200, response.body
    for row in response.body:
        assert VipWithoutPlace.model_validate(row)
    assert [(row["vip_id"], row["held"], row["limit"]) for row in response.body] == [
        (vips[1]["id"], 1, 1),
        (vips[2]["id"], 1, 1),
    ], "neither the one that was held before, nor the one after the quarter"
    assert response.body[0] == {
        "vip_id": vips[1]["id"],
        "client_id": vips[1]["client"]["id"],
        "employee_id": str(anna),
        "kind": "in_development",
        "at": "2026-07-11T00:00:00Z",
        "held": 1,
        "limit": 1,
    }
    again = await tenant.request(tenant.head, "GET", path(tenant, 1, 5), roles=("head",))
    assert again.body == response.body
    enough = await tenant.request(tenant.head, "GET", path(tenant, 3, 5), roles=("head",))
    assert enough.body == []


async def test_a_released_vip_makes_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna = await tenant.seller()
    first, second = [(await tenant.claim(anna, each)).body for each in await tenant.clients(2)]
    await tenant.release(anna, first["id"])
    await happened(tenant, first["id"], 1, 9)
    await happened(tenant, second["id"], 10)
    response = await tenant.request(tenant.head, "GET", path(tenant, 1, 0), roles=("head",))
    assert response.body == []
    await happened(tenant, second["id"], 8)
    response = await tenant.request(tenant.head, "GET", path(tenant, 1, 0), roles=("head",))
    assert [row["vip_id"] for row in response.body] == [second["id"]]


@pytest.mark.parametrize(
    ("roles", "here", "status"),
    [
        (("head",), True, 200),
        (("admin",), False, 200),
        (("seller",), True, 403),
        (("accountant",), True, 403),
        (("head",), False, 404),
    ],
)
async def test_it_is_for_who_heads_the_room(
    new_tenant: NewTenant, roles: tuple[str, ...], here: bool, status: int
) -> None:
    tenant = await new_tenant()
    rooms = [tenant.room_id if here else RoomId(new_id())]
    response = await tenant.request(
        await tenant.seller(), "GET", path(tenant, 1, 1), roles=roles, rooms=rooms
    )
    assert response.status == status


async def test_another_tenants_room_is_404(new_tenant: NewTenant) -> None:
    ours, theirs = await new_tenant(), await new_tenant()
    foreign = path(theirs, 0, 0)
    response = await ours.request(ours.head, "GET", foreign, roles=("head",))
    assert response.status == 404
    vip = (await theirs.claim(await theirs.seller(), await theirs.client())).body
    await happened(theirs, vip["id"], 1)
    admin = await ours.request(ours.head, "GET", foreign, roles=("admin",))
    assert admin.body == [], "an admin sees every room of their own tenant"
