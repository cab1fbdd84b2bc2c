"""A room's settings: only for the companies that it sells for."""

import pytest

from shared.ids import new_id
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import SETTINGS

DEFAULTS = {
    "version": 0,
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 60,
    "vip_in_development_limit": 10,
    "vip_by_receipts_limit": 20,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}


async def test_settings_nobody_has_set_are_the_defaults(new_world: NewWorld) -> None:
    world = await new_world()
    path = f"/rooms/{await world.another_room()}/settings?company_id={world.company_id}"
    assert (await world.call(world.admin, "GET", path)).body == DEFAULTS


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "settings", None), ("GET", "settings/history", None), ("PUT", "settings", SETTINGS)],
)
async def test_settings_of_a_company_not_sold_in_the_room_are_refused(
    new_world: NewWorld, method: str, path: str, body: object
) -> None:
    world = await new_world()
    url = f"/rooms/{world.room_id}/{path}?company_id={new_id()}"
    refused = await world.call(world.admin, method, url, body)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, "company_id", "sold_in_room")


async def test_registering_for_a_company_not_sold_in_the_room_is_refused_alike(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    other = await world.create("/companies", name="Степь")
    wish = world.registration(company_id=other["id"])
    refused = await world.call(world.admin, "POST", "/activities", wish)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, "company_id", "sold_in_room")
