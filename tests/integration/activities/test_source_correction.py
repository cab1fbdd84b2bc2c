"""Correcting where a request came from, and what stays of the first source."""

from uuid import uuid4

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response

REASON = "Позвонили по объявлению в газете"


async def correct(tenant: Tenant, user: User, activity: object, source_id: str) -> Response:
    path = f"/activities/{activity['id']}/source"  # type: ignore[index]
    body = {"source_id": source_id, "reason": REASON}
    return await tenant.call(user, "POST", path, body)


async def another_source(tenant: Tenant, **about: str) -> str:
    source = {"name": "Газета", "channel": "print", "kind": "cold", **about}
    return str((await tenant.create("/sources", **source))["id"])


async def test_the_first_source_stays_in_the_view_and_the_timeline(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    head, seller = await tenant.user("head"), await tenant.user()
    paper = await another_source(tenant)
    activity = await tenant.register(seller, take=True)
    corrected = (await correct(tenant, head, activity, paper)).body
    assert (corrected["source_id"], corrected["source_kind"]) == (paper, "cold")
    assert corrected["first_source_id"] == tenant.source_id
    assert corrected["progress_at"] == activity["progress_at"]
    seen = (await tenant.call(seller, "GET", f"/activities/{activity['id']}")).body
    assert seen["source_id"] == paper
    entry = seen["timeline"][0]
    assert (entry["what"], entry["who"]) == ("activity.source_corrected", str(head.id))
    assert (entry["from_source"], entry["to_source"]) == (tenant.source_id, paper)
    assert entry["note"] == REASON
    again = (await correct(tenant, head, activity, paper)).body
    assert again["version"] == corrected["version"]
    assert (await tenant.event_types(activity))[-1] == "activity.source_corrected"


async def test_a_source_is_corrected_by_who_decides_in_the_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    paper = await another_source(tenant)
    there = await tenant.another_room()
    stranger = await tenant.user("head", room_id=there)
    activity = await tenant.register()
    for user, status in (
        (await tenant.user(), 403),
        (await tenant.user("marketer"), 403),
        (stranger, 404),
        (await tenant.user("head"), 200),
        (tenant.admin, 200),
    ):
        assert (await correct(tenant, user, activity, paper)).status == status


async def test_only_a_source_in_use_that_others_may_have_is_taken(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    activity = await tenant.register()
    renewals = await another_source(tenant, name="Продления", kind="renewal")
    old = await another_source(tenant, name="Старый")
    await tenant.call(tenant.admin, "PATCH", f"/sources/{old}", {"archived": True})
    elsewhere = (await new_tenant()).source_id
    for source_id, status, rule in (
        (renewals, 422, "source_of_renewals"),
        (old, 422, "archived"),
        (elsewhere, 404, None),
        (str(uuid4()), 404, None),
    ):
        refused = await correct(tenant, tenant.admin, activity, source_id)
        assert refused.status == status
        assert refused.body["errors"][0]["field"] == "source_id"
        assert rule in (None, refused.body["errors"][0]["rule"])
    seen = (await tenant.call(tenant.admin, "GET", f"/activities/{activity['id']}")).body
    assert seen["version"] == activity["version"]
