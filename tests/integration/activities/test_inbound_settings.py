"""Rules of sources, and numbers of ours."""

from typing import Any

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once, statuses
from tests.integration.activities.test_inbound import key_of, send

RULES = "/inbound/source-rules"


async def source(tenant: Tenant, name: str, kind: str = "inbound") -> str:
    made = await tenant.create("/sources", name=name, channel="x", kind=kind)
    return str(made["id"])


async def source_of(tenant: Tenant, phone: str, **marks: str) -> Any:
    sent = await send(tenant, key_of(tenant), phone=phone, source_id=None, advertising=marks)
    assert sent.status == 201, sent.body
    return (await tenant.see({"id": sent.body["activity_id"]}))["source_id"]


async def test_a_marketers_rules_give_requests_their_source(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    marketer = await tenant.user("marketer")
    direct, other = await source(tenant, "Директ"), await source(tenant, "Прочее")
    empty = await tenant.call(marketer, "GET", RULES)
    assert empty.body == {"version": 0, "rules": [], "default_source_id": None}
    rules = [
        {"source_id": direct, "utm_source": "yandex*", "utm_medium": "cpc"},
        {"source_id": other, "utm_source": "yandex*"},
    ]
    body = {"rules": rules, "default_source_id": tenant.source_id}
    done = await tenant.call(marketer, "PUT", RULES, body)
    assert (done.status, done.body["version"]) == (200, 1), done.body
    assert done.body["rules"][0] == {**rules[0], "utm_campaign": None}
    assert (await tenant.call(marketer, "GET", RULES)).body == done.body
    marks = {"utm_source": "Yandex.Direct", "utm_medium": "cpc"}
    assert await source_of(tenant, "+79160000001", **marks) == direct
    assert await source_of(tenant, "+79160000002", utm_source="yandex") == other
    assert await source_of(tenant, "+79160000003") == tenant.source_id
    seller = await tenant.user()
    assert (await tenant.call(seller, "GET", RULES)).status == 403


async def test_wrong_rules_change_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    renewals = await source(tenant, "Продления", "renewal")
    for wrong, status, field in (
        ({"rules": [{"source_id": str(new_id())}]}, 404, "rules.0.source_id"),
        ({"rules": [{"source_id": renewals}]}, 422, "rules.0.source_id"),
        ({"rules": [], "default_source_id": str(new_id())}, 404, "default_source_id"),
        ({"rules": [{"source_id": renewals, "utm": "x"}]}, 422, "rules.0.utm"),
    ):
        refused = await tenant.call(tenant.admin, "PUT", RULES, wrong)
        assert (refused.status, refused.body["errors"][0]["field"]) == (status, field)
    assert (await tenant.call(tenant.admin, "GET", RULES)).body["version"] == 0


async def test_rules_of_an_old_version_are_stale(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    caller = tenant.caller_of(tenant.admin)
    body = {"rules": [], "default_source_id": tenant.source_id}
    answers = [
        await tenant.api.call(caller, "PUT", RULES, body, {"If-Match": '"0"'}) for _ in range(2)
    ]
    assert [each.status for each in answers] == [200, 409]
    assert (answers[1].body["code"], answers[1].body["version"]) == ("stale", 1)


async def test_a_number_of_ours_is_entered_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    marketer = await tenant.user("marketer")
    body = {"number": "8 (495) 123-45-67", "source_id": tenant.source_id}
    answers = await all_at_once(
        tenant.call(marketer, "POST", "/inbound/numbers", body) for _ in range(4)
    )
    assert statuses(answers) == [201, 409, 409, 409]
    (made,) = (each.body for each in answers if each.status == 201)
    assert {each.body.get("our_number_id") for each in answers} == {made["id"], None}
    assert (made["number"], made["room_id"], made["archived"]) == ("+74951234567", None, False)
    path = f"/inbound/numbers/{made['id']}"
    place = {"room_id": str(tenant.room_id), "company_id": str(tenant.company_id)}
    changed = await tenant.call(marketer, "PATCH", path, place)
    assert (changed.status, changed.body["version"], changed.body["room_id"]) == (
        200,
        2,
        str(tenant.room_id),
    )
    assert (await tenant.call(marketer, "GET", path)).body == changed.body
    for field in ("source_id", "room_id", "company_id"):
        refused = await tenant.call(marketer, "PATCH", path, {field: str(new_id())})
        assert (refused.status, refused.body["errors"][0]["field"]) in (
            (404, field),
            (422, field),
        )
    assert await tenant.pages(marketer, "/inbound/numbers", 50) == [changed.body]
