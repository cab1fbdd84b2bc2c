"""A room's settings: only for the companies that it sells for."""

import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.support.tenant import ROOM_SETTINGS

DEFAULTS = {
    "version": 0,
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 60,
    "vip_in_development_limit": 10,
    "vip_by_receipts_limit": 20,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}


async def test_settings_nobody_has_set_are_the_defaults(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/rooms/{await tenant.another_room()}/settings?company_id={tenant.company_id}"
    assert (await tenant.call(tenant.admin, "GET", path)).body == DEFAULTS


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "settings", None),
        ("GET", "settings/history", None),
        ("PUT", "settings", ROOM_SETTINGS),
    ],
)
async def test_settings_of_a_company_not_sold_in_the_room_are_refused(
    new_tenant: NewTenant, method: str, path: str, body: object
) -> None:
    tenant = await new_tenant()
    url = f"/rooms/{tenant.room_id}/{path}?company_id={new_id()}"
    refused = await tenant.call(tenant.admin, method, url, body)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, "company_id", "sold_in_room")


async def test_registering_for_a_company_not_sold_in_the_room_is_refused_alike(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    other = await tenant.create("/companies", name="Степь")
    wish = tenant.registration(company_id=other["id"])
    refused = await tenant.call(tenant.admin, "POST", "/activities", wish)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, "company_id", "sold_in_room")
