"""Large clients that were lost, to return to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User

PATH = "/clients/large-lost"


async def lost(tenant: Tenant, user: User, name: str, large: bool = True, **reason: Any) -> Any:
    client = {"name": name, "kind": "organization", "large": large}
    activity = await tenant.register(user, client=client, take=True)
    return await tenant.do(user, activity, "lose", **reason or {"reason": "дорого"})


async def names(tenant: Tenant, user: User, query: str = "") -> list[str]:
    return [item["client"]["name"] for item in await tenant.pages(user, PATH + query, 1)]


async def test_large_clients_that_were_lost_are_listed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.users(2)
    activity = await lost(tenant, seller, "Первый")
    await lost(tenant, seller, "Второй")
    await lost(tenant, seller, "Малый", large=False)
    assert await names(tenant, colleague) == ["Второй", "Первый"]
    _, first = await tenant.pages(colleague, PATH, 5)
    assert first == {
        "client": {"id": activity["client"]["id"], "name": "Первый", "large": True},
        "activity_id": activity["id"],
        "company_id": str(tenant.company_id),
        "room_id": str(tenant.room_id),
        "responsible_id": str(seller.id),
        "lost_at": activity["lost_at"],
        "lost_reason": "дорого",
        "lost_reason_id": None,
    }


@pytest.mark.parametrize("how", ["reopened", "registered", "taken", "older"])
async def test_who_is_returned_to_leaves_the_list(new_tenant: NewTenant, how: str) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.users(2)
    if how == "older":
        client = {"name": "Крупный", "kind": "organization", "large": True}
        older = await tenant.register(seller, client=client)
        newer = await tenant.register(seller, client_id=older["client"]["id"], take=True)
        await tenant.do(seller, newer, "lose", reason="дорого")
    else:
        activity = await lost(tenant, seller, "Крупный")
        assert await names(tenant, colleague) == ["Крупный"]
        if how == "reopened":
            await tenant.do(seller, activity, "reopen")
        else:
            client_id, take = activity["client"]["id"], how == "taken"
            again = await tenant.register(colleague, client_id=client_id, take=take)
            assert again["responsible_id"] == (str(colleague.id) if take else None)
    assert await names(tenant, colleague) == []


async def test_who_was_lost_again_is_listed_once_by_the_last(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    first = await lost(tenant, seller, "Крупный")
    again = await tenant.register(seller, client_id=first["client"]["id"], take=True)
    await tenant.do(seller, again, "lose", reason="снова дорого")
    (item,) = await tenant.pages(seller, PATH, 5)
    assert (item["activity_id"], item["lost_reason"]) == (again["id"], "снова дорого")


async def test_a_buyer_is_not_lost(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    first = await lost(tenant, seller, "Крупный")
    again = await tenant.register(seller, client_id=first["client"]["id"], take=True)
    await tenant.do(seller, again, "payments", amount={"amount": "1000.00", "currency": "RUB"})
    assert (await tenant.see(again))["status"] == "won"
    assert await names(tenant, seller) == []


async def test_spam_is_nobody_to_return_to(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    reasons = {
        name: await tenant.create(
            "/loss-reasons", company_id=str(tenant.company_id), name=name, counts=counts
        )
        for name, counts in (("Дорого", True), ("Спам", False))
    }
    await lost(tenant, seller, "Спамер", reason_id=reasons["Спам"]["id"])
    real = await lost(tenant, seller, "Крупный", reason_id=reasons["Дорого"]["id"])
    again = await tenant.register(seller, client_id=real["client"]["id"], take=True)
    await tenant.do(seller, again, "lose", reason_id=reasons["Спам"]["id"])
    (item,) = await tenant.pages(seller, PATH, 5)
    assert (item["activity_id"], item["lost_reason_id"]) == (real["id"], reasons["Дорого"]["id"])


async def test_they_are_chosen_by_company_and_by_when_they_were_lost(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    await lost(tenant, seller, "Крупный")
    other = await tenant.create("/companies", name="Поле")
    assert await names(tenant, seller, f"?company_id={tenant.company_id}") == ["Крупный"]
    assert await names(tenant, seller, f"?company_id={other['id']}") == []
    now = datetime.now(UTC)
    for moment, expected in (
        (now + timedelta(minutes=1), ["Крупный"]),
        (now - timedelta(days=90), []),
    ):
        query = f"?lost_before={quote(moment.isoformat())}"
        assert await names(tenant, seller, query) == expected
    bad = await tenant.call(seller, "GET", f"{PATH}?lost_before=2026")
    assert (bad.status, bad.body["errors"][0]["field"]) == (422, "lost_before")


async def test_other_rooms_and_tenants_see_nothing_of_them(new_tenant: NewTenant) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller, marketer = await tenant.user(), await tenant.user("marketer")
    outsider = await tenant.user(room_id=await tenant.another_room())
    activity = await lost(tenant, seller, "Крупный")
    query = f"?room_id={tenant.room_id}"
    assert await names(tenant, outsider) == []
    assert (await tenant.call(outsider, "GET", PATH + query)).status == 404
    assert (await tenant.call(marketer, "GET", PATH)).status == 403
    assert await names(stranger, stranger.admin) == []
    # What another room does with the client is not this room's business.
    theirs = {"client_id": activity["client"]["id"], "room_id": str(outsider.rooms[0])}
    await tenant.register(tenant.admin, **theirs)
    assert await names(tenant, seller, query) == ["Крупный"]
    assert await names(tenant, tenant.admin) == []
