"""The adapters of telephony, the signatures of Mango, and where our people are rung."""

from itertools import permutations
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.telephony import (
    API_KEY,
    CLIENT,
    SALT,
    TALK,
    calls_of,
    has_line,
    key_of,
    mango_form,
    mango_leg,
    set_extensions,
)
from tests.integration.activities.tenant import Tenant, User

ACCOUNT = {"name": "Офис", "api_key": API_KEY, "salt": SALT}


async def post(tenant: Tenant, key: User, form: bytes) -> Any:
    return await tenant.call(key, "POST", f"/inbound/calls/mango/{key.id}", form)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_mangos_events_are_one_call_in_any_order(
    new_tenant: NewTenant, order: tuple[int, ...]
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    await has_line(tenant)
    await set_extensions(tenant, seller, "101")
    await tenant.create("/telephony-accounts", **ACCOUNT)
    for number in (*order, *order):
        response = await post(tenant, key, mango_form(TALK[number]))
        assert response.status == 200, response.body
    (activity,) = await tenant.pages(tenant.admin, "/activities", 100)
    (call,) = await calls_of(tenant, activity)
    assert (call["outcome"], call["duration_seconds"]) == ("answered", 35)
    assert call["employee_id"] == str(seller.id)
    talks = [
        entry
        for entry in (await tenant.see(activity))["timeline"]
        if entry.get("outcome") == "answered"
    ]
    assert len(talks) == 1


async def test_what_no_account_has_signed_changes_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    event = mango_leg("Disconnected", 1, 9)
    unknown = await post(tenant, key, mango_form(event))
    assert (unknown.status, unknown.body["code"]) == (403, "forbidden")
    account = await tenant.create("/telephony-accounts", **ACCOUNT)
    assert (await post(tenant, key, mango_form(event, salt="another"))).status == 403
    assert (await post(tenant, key, mango_form(event).replace(b"Disc", b"Conn"))).status == 403
    assert await tenant.pages(tenant.admin, "/activities", 100) == []
    assert (await post(tenant, key, mango_form(event))).body["recorded"] == "missed"
    path = f"/telephony-accounts/{account['id']}/remove"
    assert (await tenant.call(tenant.admin, "POST", path)).status == 200
    assert (await tenant.call(tenant.admin, "POST", path)).status == 404
    assert (await post(tenant, key, mango_form(event))).status == 403


async def test_an_accounts_secrets_rest_sealed_and_are_not_shown(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    made = await tenant.create("/telephony-accounts", **ACCOUNT)
    (listed,) = await tenant.pages(tenant.admin, "/telephony-accounts", 50)
    assert listed == made
    assert set(made) == {"id", "provider", "name", "created_at"}
    twice = await tenant.call(tenant.admin, "POST", "/telephony-accounts", ACCOUNT)
    assert (twice.status, twice.body["code"]) == (409, "duplicate_telephony_account")
    row = await tenant.reader.fetchrow(
        "SELECT * FROM telephony_account WHERE tenant_id = $1", tenant.tenant_id
    )
    assert row is not None
    assert SALT.encode() not in row["secret"] and API_KEY not in str(dict(row))


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/inbound/calls", {"state": "missed"}, "call_id"),
        ("POST", "/inbound/calls", {"call_id": "1", "state": "asleep"}, "state"),
        ("POST", "/inbound/calls", {"call_id": "1", "state": "missed", "x": 1}, "x"),
        ("POST", "/inbound/calls", {"call_id": "1"}, "state"),
        ("POST", "/inbound/calls/uis/KEY", {"direction": "in"}, "call_session_id"),
        ("POST", "/inbound/calls/uis/KEY", [], "body"),
        ("POST", "/inbound/calls/generic/KEY", b"state=missed", "call_id"),
        ("POST", "/inbound/calls/mango/KEY", b"json=1", "vpbx_api_key"),
        ("GET", "/inbound/calls/generic/KEY?call_id=1&state=missed&form=1", None, "form"),
        ("GET", "/inbound/calls/generic/KEY?state=missed", None, "call_id"),
    ],
)
async def test_a_malformed_report_is_refused_by_field(
    new_tenant: NewTenant, method: str, path: str, body: Any, field: str
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    response = await tenant.call(key, method, path.replace("KEY", str(key.id)), body)
    assert (response.status, response.body["code"]) == (422, "invalid"), response.body
    assert response.body["errors"][0]["field"] == field


async def test_every_door_takes_a_missed_call(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    query = f"call_id=1&from={CLIENT[1:]}&our_number=74951234567&state=NOANSWER"
    uis = {
        "call_session_id": 1,
        "direction": "in",
        "contact_phone_number": CLIENT[1:],
        "virtual_phone_number": "74951234567",
        "is_lost": True,
    }
    told = [
        await tenant.call(key, "GET", f"/inbound/calls/generic/{key.id}?{query}"),
        await tenant.call(key, "POST", f"/inbound/calls/generic/{key.id}", query.encode()),
        await tenant.call(
            key, "POST", f"/inbound/calls/uis/{key.id}", {**uis, "call_session_id": 2}
        ),
    ]
    assert [each.body["recorded"] for each in told] == ["missed"] * 3
    assert len({each.body["activity_id"] for each in told}) == 1


async def test_who_decides_in_a_room_sets_extensions(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    head, seller = await tenant.user("head"), await tenant.user()
    stranger = await tenant.user("head", room_id=await tenant.another_room())
    path = f"/employees/{seller.id}/extensions"
    body = {"extensions": [" 101 ", "8 (916) 123-45-67", "101", "Emp-7"]}
    made = await tenant.call(head, "PUT", path, body)
    assert made.body["extensions"] == ["101", CLIENT, "emp-7"], made.body
    assert made.body["version"] == 1
    same = await tenant.call(head, "PUT", path, body)
    assert same.body == made.body
    assert (await tenant.call(seller, "PUT", path, body)).status == 403
    assert (await tenant.call(stranger, "PUT", path, body)).status == 404
    assert (await tenant.call(stranger, "GET", path)).status == 404
    assert (await tenant.call(seller, "GET", path)).body == made.body


async def test_a_phone_of_several_people_names_nobody(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key, first, second = key_of(tenant), await tenant.user(), await tenant.user()
    await has_line(tenant)
    for person in (first, second):
        await set_extensions(tenant, person, "101")
    await tenant.create("/telephony-accounts", **ACCOUNT)
    for event in TALK:
        await post(tenant, key, mango_form(event))
    (activity,) = await tenant.pages(tenant.admin, "/activities", 100)
    assert activity["status"] == "free"


async def test_a_path_of_another_key_is_not_found(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/inbound/calls/generic/{key_of(tenant).id}?call_id=1&from={CLIENT[1:]}&state=missed"
    response = await tenant.call(key_of(tenant), "GET", path)
    assert (response.status, response.body["code"]) == (404, "not_found")
