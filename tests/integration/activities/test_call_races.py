"""Reports of one call at once, and calls of one number at once."""

from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.telephony import (
    CLIENT,
    answered,
    calls_of,
    has_line,
    key_of,
    report,
)
from tests.integration.activities.tenant import all_at_once, statuses

CUSTOMER = {"name": "Ромашка", "kind": "organization", "phones": [CLIENT]}


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("state", ["missed", "answered"])
async def test_eight_equal_reports_at_once_are_one_call(
    new_tenant: NewTenant, state: str, attempt: int
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    told = await all_at_once(report(tenant, key, state=state) for _ in range(8))
    assert statuses(told) == [200] * 8
    (activity,) = await tenant.pages(tenant.admin, "/activities", 100)
    assert await tenant.event_types(activity) == ["activity.registered", "interaction.recorded"]
    assert len(await calls_of(tenant, activity)) == 1


@pytest.mark.parametrize("attempt", range(3))
async def test_answered_and_missed_at_once_end_answered(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await tenant.register(seller, client=CUSTOMER, take=True)
    states: list[dict[str, Any]] = [{"state": "missed"}, {"state": "answered", "duration": 35}]
    told = await all_at_once(report(tenant, key, **states[n % 2]) for n in range(8))
    assert statuses(told) == [200] * 8
    seen = await tenant.see(work)
    assert seen["next_step"] is None
    (call,) = await calls_of(tenant, work)
    assert call["outcome"] == "answered"
    talks = [entry for entry in seen["timeline"] if entry.get("outcome") == "answered"]
    assert len(talks) == 1


@pytest.mark.parametrize("attempt", range(3))
async def test_five_missed_calls_of_a_stranger_at_once_make_one_activity(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    told = await all_at_once(
        report(tenant, key, str(number), state="missed") for number in range(5)
    )
    (activity,) = await tenant.pages(tenant.admin, "/activities", 100)
    assert {each.body["activity_id"] for each in told} == {activity["id"]}
    assert len(await calls_of(tenant, activity)) == 5


async def test_five_missed_calls_at_once_ask_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await tenant.register(seller, client=CUSTOMER, take=True)
    await all_at_once(report(tenant, key, str(number), state="missed") for number in range(5))
    assert (await tenant.event_types(work)).count("interaction.recorded") == 1
    await answered(tenant, key, "9")
    assert (await tenant.see(work))["next_step"] is None
