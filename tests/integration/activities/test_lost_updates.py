"""Of two people who change the same thing, the second is told what the first has done."""

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once, statuses
from tests.support.client import Response
from tests.support.tenant import ROOM_SETTINGS


async def change(
    tenant: Tenant, path: str, body: Any, tag: str | None, method: str = "PATCH", key: str = ""
) -> Response:
    headers = {**({"If-Match": tag} if tag else {}), **({"Idempotency-Key": key} if key else {})}
    return await tenant.api.call(tenant.caller_of(tenant.admin), method, path, body, headers)


async def company(tenant: Tenant) -> str:
    return f"/companies/{tenant.company_id}"


def settings_path(tenant: Tenant) -> str:
    return f"/rooms/{tenant.room_id}/settings?company_id={tenant.company_id}"


async def test_a_read_and_every_change_carry_the_version_as_a_tag(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await company(tenant)
    read = await tenant.call(tenant.admin, "GET", path)
    assert read.tag == f'"{read.body["version"]}"' == '"1"'
    changed = await change(tenant, path, {"name": "Сад"}, '"1"')
    assert (changed.status, changed.tag) == (200, '"2"')
    activity = await tenant.register()
    seen = await tenant.call(tenant.admin, "GET", f"/activities/{activity['id']}")
    assert seen.tag == f'"{activity["version"]}"'
    listed = await tenant.call(tenant.admin, "GET", "/companies")
    assert listed.tag == ""


async def test_an_old_tag_is_stale_and_tells_what_differs(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await company(tenant)
    assert (await change(tenant, path, {"name": "Сад"}, '"1"')).status == 200
    refused = await change(tenant, path, {"name": "Луг", "inn": None}, '"1"')
    assert (refused.status, refused.code) == (409, "stale")
    assert (refused.body["version"], refused.body["changed"]) == (2, {"name": "Сад"})
    assert (await tenant.call(tenant.admin, "GET", path)).body["name"] == "Сад"


@pytest.mark.parametrize("tag", [None, "*", '"1", "2"', 'W/"2"'])
async def test_other_tags_let_the_change_pass(new_tenant: NewTenant, tag: str | None) -> None:
    tenant = await new_tenant()
    path = await company(tenant)
    await change(tenant, path, {"name": "Сад"}, None)
    assert (await change(tenant, path, {"name": "Луг"}, tag)).status == 200


async def test_a_malformed_tag_changes_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await company(tenant)
    refused = await change(tenant, path, {"name": "Сад"}, "1")
    assert (refused.status, refused.fields) == (422, {"If-Match": "entity_tag"})
    assert (await tenant.call(tenant.admin, "GET", path)).body["version"] == 1


async def test_of_eight_changes_of_one_version_one_wins(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await company(tenant)
    responses = await all_at_once(
        change(tenant, path, {"name": f"Сад {number}"}, '"1"') for number in range(8)
    )
    assert statuses(responses) == [200] + [409] * 7
    assert {response.code for response in responses if response.status == 409} == {"stale"}
    assert (await tenant.call(tenant.admin, "GET", path)).body["version"] == 2


async def test_of_eight_first_settings_of_a_room_one_wins(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    room_id = await tenant.another_room()
    path = f"/rooms/{room_id}/settings?company_id={tenant.company_id}"
    responses = await all_at_once(
        change(tenant, path, {**ROOM_SETTINGS, "vip_reset_days": number}, '"0"', "PUT")
        for number in range(8)
    )
    assert statuses(responses) == [200] + [409] * 7
    history = await tenant.call(tenant.admin, "GET", path.replace("?", "/history?"))
    assert [entry["version"] for entry in history.body["items"]] == [1]


async def test_a_repetition_gets_the_first_answer_though_its_tag_is_old(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    path, key = await company(tenant), str(uuid4())
    first = await change(tenant, path, {"name": "Сад"}, '"1"', key=key)
    again = await change(tenant, path, {"name": "Сад"}, '"1"', key=key)
    assert (again.status, again.body) == (200, first.body)
    assert again.tag == first.tag == '"2"'
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_stale_change_may_be_sent_again_under_its_key(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path, key = await company(tenant), str(uuid4())
    await change(tenant, path, {"name": "Сад"}, None)
    assert (await change(tenant, path, {"name": "Луг"}, '"1"', key=key)).code == "stale"
    again = await change(tenant, path, {"name": "Луг"}, '"2"', key=key)
    assert (again.status, again.body["name"]) == (200, "Луг")


async def test_a_stale_price_is_told_as_money(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/products/{tenant.product_id}"
    price = {"amount": "1500.00", "currency": "RUB"}
    await change(tenant, path, {"price": price}, None)
    other = {"amount": "2000.00", "currency": "RUB"}
    refused = await change(tenant, path, {"price": other}, '"1"')
    assert refused.body["changed"] == {"price": price}


async def test_two_admins_who_change_one_number_each_both_have_their_way(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    path = settings_path(tenant)
    responses = await all_at_once(
        [
            change(tenant, path, {"activity_reset_days": 5}, None),
            change(tenant, path, {"vip_reset_days": 77}, None),
        ]
    )
    assert statuses(responses) == [200, 200]
    numbers = (await tenant.call(tenant.admin, "GET", path)).body
    assert (numbers["activity_reset_days"], numbers["vip_reset_days"]) == (5, 77)
    assert numbers["vip_by_receipts_limit"] == ROOM_SETTINGS["vip_by_receipts_limit"]


async def test_stale_settings_tell_which_numbers_changed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = settings_path(tenant)
    version = (await tenant.call(tenant.admin, "GET", path)).tag
    await change(tenant, path, {"vip_reset_days": 77}, version)
    refused = await change(tenant, path, {"activity_reset_days": 5}, version)
    assert (refused.code, refused.body["changed"]) == ("stale", {"vip_reset_days": 77})


async def test_a_change_of_no_number_changes_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = settings_path(tenant)
    before = await tenant.call(tenant.admin, "GET", path)
    same = await change(tenant, path, {}, before.tag)
    assert (same.status, same.body) == (200, before.body)
    assert (await change(tenant, path, {}, '"99"')).code == "stale"


@pytest.mark.parametrize("body", [{"activity_reset_days": None}, {"unknown": 1}])
async def test_a_change_to_no_number_is_refused(new_tenant: NewTenant, body: Any) -> None:
    tenant = await new_tenant()
    assert (await change(tenant, settings_path(tenant), body, None)).status == 422


async def test_numbers_of_a_company_no_longer_sold_for_hold_while_work_is_open(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    room = f"/rooms/{tenant.room_id}"
    assert (await change(tenant, room, {"company_ids": []}, None)).status == 200
    path = settings_path(tenant)
    assert (await tenant.call(seller, "GET", path)).status == 200
    assert (await change(tenant, path, {"activity_reset_days": 3}, None)).status == 200
    await tenant.do(seller, activity, "lose", reason="Не нужно")
    gone = await tenant.call(tenant.admin, "GET", path)
    assert gone.fields == {"company_id": "sold_in_room"}
