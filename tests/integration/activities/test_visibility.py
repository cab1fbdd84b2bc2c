"""A seller sees only the rooms that they work in, and nobody another tenant."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant

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
async def test_a_stranger_gets_404_everywhere_as_if_nothing_existed(
    new_tenant: NewTenant, whose: str
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    if whose == "another room's":
        theirs, stranger = (
            tenant,
            await tenant.user("seller", "head", room_id=await tenant.another_room()),
        )
    else:
        theirs = await new_tenant()
        stranger = await theirs.user("seller", "head")
    missing = {"id": str(new_id())}
    for command, body in COMMANDS:
        response = await theirs.call(
            stranger, "POST", f"/activities/{activity['id']}/{command}", body
        )
        nothing = await theirs.call(
            stranger, "POST", f"/activities/{missing['id']}/{command}", body
        )
        assert (response.status, response.body) == (404, nothing.body), command
    assert (await theirs.call(stranger, "GET", f"/activities/{activity['id']}")).status == 404
    for path in (
        f"/activities?room_id={tenant.room_id}",
        f"/pool?room_id={tenant.room_id}",
        f"/rooms/{tenant.room_id}",
    ):
        assert (await theirs.call(stranger, "GET", path)).status == 404, path
    for path in (
        "/activities",
        "/pool",
        f"/activities?client_id={activity['client']['id']}",
        f"/activities?responsible_id={seller.id}",
    ):
        assert (await theirs.call(stranger, "GET", path)).body["items"] == [], path
    assert (
        await theirs.call(stranger, "GET", f"/clients/{activity['client']['id']}")
    ).status == 404
    registered = await theirs.call(stranger, "POST", "/activities", tenant.registration())
    assert (registered.status, registered.body["errors"][0]["field"]) == (404, "room_id")
    assert (await tenant.see(activity))["version"] == activity["version"], "nothing happened"
