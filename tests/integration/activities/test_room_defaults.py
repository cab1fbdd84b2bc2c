"""What a company's new rooms begin with, what heads may change, and a preview of other numbers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.ids import new_id
from shared.room_settings import DEFAULTS
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.tenant import ROOM_SETTINGS


def defaults_path(tenant: Tenant, company_id: object = None) -> str:
    return f"/companies/{company_id or tenant.company_id}/room-defaults"


def settings_path(tenant: Tenant, room_id: object = None, company_id: object = None) -> str:
    room, company = room_id or tenant.room_id, company_id or tenant.company_id
    return f"/rooms/{room}/settings?company_id={company}"


async def set_defaults(tenant: Tenant, *heads_may_change: str, **numbers: int) -> Any:
    body = {**DEFAULTS, **numbers, "heads_may_change": list(heads_may_change)}
    response = await tenant.call(tenant.admin, "PUT", defaults_path(tenant), body)
    assert response.status == 200, response.body
    return response.body


async def test_new_rooms_begin_with_the_numbers_of_their_company(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(activity_reset_days=30)
    path = defaults_path(tenant)
    assert (await tenant.call(tenant.admin, "GET", path)).body == {
        "version": 0,
        **DEFAULTS,
        "heads_may_change": [],
    }
    older = await tenant.another_room()
    await set_defaults(tenant, activity_reset_days=5, vip_reset_days=50)
    room_id = await tenant.another_room()
    begun = (await tenant.call(tenant.admin, "GET", settings_path(tenant, room_id))).body
    assert begun == {"version": 1, **DEFAULTS, "activity_reset_days": 5, "vip_reset_days": 50}
    for kept, days in ((older, 14), (tenant.room_id, 30)):
        seen = (await tenant.call(tenant.admin, "GET", settings_path(tenant, kept))).body
        assert seen["activity_reset_days"] == days
    history = f"/rooms/{room_id}/settings/history?company_id={tenant.company_id}"
    (change,) = (await tenant.call(tenant.admin, "GET", history)).body["items"]
    assert (change["before"], change["changed_by"]) == (None, str(tenant.admin.id))


async def test_a_room_that_comes_to_sell_for_a_company_begins_with_its_numbers(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    other = await tenant.create("/companies", name="Степь")
    body = {**DEFAULTS, "activity_reset_days": 8, "heads_may_change": []}
    await tenant.call(tenant.admin, "PUT", defaults_path(tenant, other["id"]), body)
    await set_defaults(tenant, activity_reset_days=3)
    both = {"company_ids": [str(tenant.company_id), other["id"]]}
    changed = await tenant.call(tenant.admin, "PATCH", f"/rooms/{tenant.room_id}", both)
    assert changed.status == 200
    began, kept = [
        (await tenant.call(tenant.admin, "GET", settings_path(tenant, company_id=id_))).body
        for id_ in (other["id"], tenant.company_id)
    ]
    assert (began["activity_reset_days"], kept["activity_reset_days"]) == (8, 14)


async def test_the_history_of_defaults_tells_who_changed_what(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    await set_defaults(tenant, activity_reset_days=5)
    await set_defaults(tenant, activity_reset_days=5)
    await set_defaults(tenant, "vip_reset_days", activity_reset_days=5)
    path = f"{defaults_path(tenant)}/history"
    second, first = (await tenant.call(tenant.admin, "GET", path)).body["items"]
    assert (first["before"], first["after"]["activity_reset_days"]) == (None, 5)
    assert second["before"] == first["after"]
    assert second["after"]["heads_may_change"] == ["vip_reset_days"]
    assert second["changed_by"] == str(tenant.admin.id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"heads_may_change": ["work_limit"]}, "heads_may_change.0"),
        ({"activity_reset_days": -1}, "activity_reset_days"),
        ({"retake_cooldown_seconds": None}, "retake_cooldown_seconds"),
    ],
)
async def test_defaults_out_of_bounds_are_refused(
    new_tenant: NewTenant, changes: Any, field: str
) -> None:
    tenant = await new_tenant()
    body = {**DEFAULTS, "heads_may_change": [], **changes}
    refused = await tenant.call(tenant.admin, "PUT", defaults_path(tenant), body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, field)
    unknown = await tenant.call(tenant.admin, "GET", defaults_path(tenant, new_id()))
    assert unknown.status == 404


async def put(tenant: Tenant, user: User, **numbers: int) -> Any:
    return await tenant.call(user, "PUT", settings_path(tenant), {**ROOM_SETTINGS, **numbers})


async def test_heads_change_the_numbers_that_their_company_lets_them(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    head, seller = await tenant.user("head"), await tenant.user()
    there = await tenant.another_room()
    other_head = await tenant.user("head", room_id=there)
    elsewhere = await tenant.head_here_seller_there(there, tenant.room_id)
    refused = await put(tenant, head, activity_reset_days=7)
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    await set_defaults(tenant, "activity_reset_days", "vip_reset_days")
    assert (await put(tenant, head, activity_reset_days=7)).status == 200
    refused = await put(tenant, head, activity_reset_days=9, retake_cooldown_seconds=1)
    assert (refused.status, refused.body["settings"]) == (403, ["retake_cooldown_seconds"])
    assert (await put(tenant, seller, activity_reset_days=9)).status == 403
    assert (await put(tenant, other_head, activity_reset_days=9)).status == 404
    assert (await put(tenant, elsewhere, activity_reset_days=9)).status == 403
    seen = (await tenant.call(head, "GET", settings_path(tenant))).body
    assert (seen["activity_reset_days"], seen["retake_cooldown_seconds"]) == (
        7,
        ROOM_SETTINGS["retake_cooldown_seconds"],
    )


async def test_a_preview_tells_who_would_be_reset_and_changes_nothing(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    head, seller = await tenant.user("head"), await tenant.user()
    stale, fresh = [await tenant.register(seller, name, take=True) for name in ("Лес", "Поле")]
    await tenant.register(seller, "Степь")
    await tenant.rewind(stale, timedelta(days=10))
    path = f"/rooms/{tenant.room_id}/settings/preview?company_id={tenant.company_id}"
    body = {**ROOM_SETTINGS, "activity_reset_days": 9}
    preview = (await tenant.call(head, "POST", path, body)).body["resets"]
    assert {name: preview[name] for name in ("in_work", "sooner", "later", "within_a_week")} == {
        "in_work": 2,
        "sooner": 2,
        "later": 0,
        "within_a_week": 1,
    }
    first, second = preview["first"]
    assert (first["activity_id"], first["client"]["name"]) == (stale["id"], "Лес")
    assert first["responsible_id"] == str(seller.id)
    gained = datetime.fromisoformat(second["reset_due_at"]) - datetime.fromisoformat(
        second["new_reset_due_at"]
    )
    assert (second["activity_id"], gained) == (fresh["id"], timedelta(days=5))
    assert (await tenant.see(fresh))["reset_due_at"] == fresh["reset_due_at"]
    longer = await tenant.call(head, "POST", path, {**ROOM_SETTINGS, "activity_reset_days": 0})
    assert (longer.body["resets"]["sooner"], longer.body["resets"]["later"]) == (0, 2)
    assert (await tenant.call(seller, "POST", path, body)).status == 403
    outsider = await tenant.user("head", room_id=await tenant.another_room())
    assert (await tenant.call(outsider, "POST", path, body)).status == 404


async def test_a_preview_says_what_setting_the_numbers_then_does(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(activity_reset_days=30)
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.rewind(activity, timedelta(days=20))
    path = f"/rooms/{tenant.room_id}/settings/preview?company_id={tenant.company_id}"
    body = {**ROOM_SETTINGS, "activity_reset_days": 3}
    (shown,) = (await tenant.call(tenant.admin, "POST", path, body)).body["resets"]["first"]
    await tenant.set_room_settings(activity_reset_days=3)
    due_at = datetime.fromisoformat((await tenant.see(activity))["reset_due_at"])
    difference = due_at - datetime.fromisoformat(shown["new_reset_due_at"])
    assert timedelta(0) <= difference < timedelta(seconds=30)
