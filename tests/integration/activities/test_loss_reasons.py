"""Reasons of loss: a company's list, and losing by it."""

import asyncio
from typing import Any

import orjson

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, statuses


async def add_reason(tenant: Tenant, name: str, **more: Any) -> Any:
    return await tenant.create(
        "/loss-reasons", company_id=str(tenant.company_id), name=name, **more
    )


async def test_losing_needs_a_reason_of_the_list_from_the_first_one_on(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    first, second = [await tenant.register(seller, take=True) for _ in range(2)]
    in_words = await tenant.do(seller, first, "lose", reason="дорого")
    assert (in_words["lost_reason"], in_words["lost_reason_id"]) == ("дорого", None)
    reason = await add_reason(tenant, "Дорого")
    refused = await tenant.command(seller, second, "lose", reason="дорого")
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "reason_id")
    lost = await tenant.do(seller, second, "lose", reason_id=reason["id"])
    assert (lost["lost_reason"], lost["lost_reason_id"]) == ("Дорого", reason["id"])
    assert lost["lost_at"]
    reopened = await tenant.do(seller, second, "reopen")
    assert (reopened["lost_reason_id"], reopened["lost_at"]) == (None, None)


async def test_a_loss_that_does_not_count_says_so_to_readers(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    activity = await tenant.register()
    spam = await add_reason(tenant, "Спам", counts=False)
    await tenant.do(await tenant.user(), activity, "lose", reason_id=spam["id"], reason="бот")
    value = await tenant.reader.fetchval(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'activity.lost'",
        tenant.tenant_id,
    )
    event = orjson.loads(value)
    assert (event["reason_id"], event["counts"]) == (spam["id"], False)
    assert event["state"]["lost_reason_id"] == spam["id"]
    assert "бот" not in value.decode()


async def test_reasons_of_others_and_archived_ones_are_refused(new_tenant: NewTenant) -> None:
    tenant, other_tenant = await new_tenant(), await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    company = await tenant.create("/companies", name="Вторая")
    of_other_company = await tenant.create("/loss-reasons", company_id=company["id"], name="Дорого")
    foreign = await add_reason(other_tenant, "Дорого")
    for reason_id in (of_other_company["id"], foreign["id"], str(new_id())):
        refused = await tenant.command(seller, activity, "lose", reason_id=reason_id, reason="x")
        assert (refused.status, refused.body["errors"][0]["field"]) == (404, "reason_id")
    archived = await add_reason(tenant, "Кризис", active=False)
    refused = await tenant.command(seller, activity, "lose", reason_id=archived["id"])
    assert (refused.status, refused.body["errors"][0]["rule"]) == (422, "in_use")
    assert (await tenant.command(seller, activity, "lose")).status == 422
    assert (await tenant.see(activity))["status"] == "in_work"


async def test_a_name_stands_once_in_a_companys_list(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    body = {"company_id": str(tenant.company_id), "name": "Дорого"}
    created = await asyncio.gather(
        *(tenant.call(tenant.admin, "POST", "/loss-reasons", body) for _ in range(6))
    )
    assert statuses(created) == [201, 409, 409, 409, 409, 409]
    other = await add_reason(tenant, "Спам")
    path = f"/loss-reasons/{other['id']}"
    renamed = await tenant.call(tenant.admin, "PATCH", path, {"name": "ДОРОГО"})
    assert (renamed.status, renamed.body["code"]) == (409, "duplicate_loss_reason")
    archived = await tenant.call(tenant.admin, "PATCH", path, {"active": False, "name": "Спам"})
    assert (archived.status, archived.body["active"]) == (200, False)


async def test_a_list_of_reasons_is_paged_by_company_and_entered_by_admins(
    new_tenant: NewTenant,
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller = await tenant.user()
    names = [f"Причина {number}" for number in range(3)]
    for name in names:
        await add_reason(tenant, name)
    company = await tenant.create("/companies", name="Вторая")
    path = f"/loss-reasons?company_id={tenant.company_id}"
    listed = await tenant.pages(seller, path, 2)
    assert [reason["name"] for reason in listed] == names
    assert await tenant.pages(seller, f"/loss-reasons?company_id={company['id']}", 2) == []
    assert await stranger.pages(stranger.admin, path, 2) == []
    body = {"company_id": str(tenant.company_id), "name": "Моя"}
    assert (await tenant.call(seller, "POST", "/loss-reasons", body)).status == 403
    patched = await stranger.call(
        stranger.admin, "PATCH", f"/loss-reasons/{listed[0]['id']}", {"name": "Чужая"}
    )
    assert patched.status == 404
