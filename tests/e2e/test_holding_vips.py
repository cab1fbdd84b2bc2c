"""8.

Very important clients: held within the limit, and their next activity goes straight to who holds
them.
"""

from typing import Any

from tests.e2e.office import Office
from tests.support.client import User
from tests.support.money import rub
from tests.support.wait import eventually


async def _claim(office: Office, seller: User, activity: dict[str, Any]) -> Any:
    wanted = {
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "client_id": activity["client"]["id"],
    }
    return await seller.call("POST", "/vip", wanted)


async def _gathered(office: Office, activity: dict[str, Any], seller: User) -> None:
    """Waits until the activity is the seller's, to whom a claim brought it."""

    async def is_gathered() -> bool:
        seen = await office.head.see(f"/activities/{activity['id']}")
        return bool(seen["responsible_id"] == seller.id and seen["how"] == "vip_routed")

    assert await eventually(is_gathered)


async def test_a_claimed_client_is_routed_to_its_holder_within_the_limit(
    office: Office,
) -> None:
    waiting, second, third = [await office.register() for _ in range(3)]
    held = await _claim(office, office.anna, waiting)
    assert held.status == 201, held
    assert (held.body["kind"], held.body["responsible_id"], held.body["client"]) == (
        "in_development",
        office.anna.id,
        waiting["client"],
    )
    assert (await _claim(office, office.anna, waiting)).status == 200, "hers already"

    routed = await office.boris.do(
        "/activities", office.order(client_id=waiting["client"]["id"], take=True)
    )
    assert (routed["status"], routed["responsible_id"], routed["how"]) == (
        "in_work",
        office.anna.id,
        "vip_routed",
    )
    pool = [item["id"] for item in (await office.boris.see("/pool?limit=200"))["items"]]
    assert routed["id"] not in pool
    await _gathered(office, waiting, office.anna)
    refused = await _claim(office, office.boris, waiting)
    assert (refused.status, refused.code) == (409, "vip_of_another")
    assert refused.body["protected_until"] >= held.body["reset_due_at"]

    assert (await _claim(office, office.anna, second)).status == 201
    full = await _claim(office, office.anna, third)
    assert (full.status, full.code, full.body["limit"], full.body["held"]) == (
        409,
        "vip_limit_reached",
        2,
        2,
    )
    assert {each["client_id"] for each in full.body["could_release"]} == {
        each["client"]["id"] for each in (waiting, second)
    }

    freed = await office.anna.do(f"/vip/{held.body['id']}/release")
    assert (freed["responsible_id"], freed["kind"]) == (None, None)
    refused = await _claim(office, office.boris, waiting)
    assert (refused.status, refused.code) == (409, "worked_by_another"), "Anna works the client"
    for activity in (waiting, routed):
        await office.head.do(f"/activities/{activity['id']}/assign", {"employee_id": None})
    assert (await _claim(office, office.boris, waiting)).status == 201
    routed = await office.register(by=office.anna, client_id=waiting["client"]["id"])
    assert (routed["responsible_id"], routed["how"]) == (office.boris.id, "vip_routed")
    await office.boris.do(f"/vip/{held.body['id']}/release")
    assert (await office.register(by=office.anna, client_id=waiting["client"]["id"]))[
        "status"
    ] == "free"


async def test_the_first_money_moves_a_client_to_the_places_by_receipts(office: Office) -> None:
    activity = await office.register(by=office.boris, take=True)
    held = (await _claim(office, office.boris, activity)).body
    await office.boris.do(f"/activities/{activity['id']}/payments", {"amount": rub("250.00")})

    async def moved() -> dict[str, Any] | None:
        vip: dict[str, Any] = await office.boris.see(f"/vip/{held['id']}")
        return vip if vip["kind"] == "by_receipts" else None

    vip = await eventually(moved)
    assert vip and vip["receipts"] == rub("250.00")
    places = await office.head.see(
        f"/vip/places?room_id={office.rooms['front']}&company_id={office.companies['main']}"
    )
    (his,) = [each for each in places if each["employee_id"] == office.boris.id]
    assert his["by_receipts"] == {"held": 1, "limit": 2}


async def test_a_client_of_another_room_is_not_there_to_be_seen(office: Office) -> None:
    activity = await office.register()
    held = (await _claim(office, office.anna, activity)).body
    assert held["id"] not in [vip["id"] for vip in (await office.vera.see("/vip"))["items"]]
    for path in (f"/vip/{held['id']}", f"/vip?room_id={office.rooms['front']}"):
        assert (await office.vera.call("GET", path)).code == "not_found"
    assert (await office.vera.refused(f"/vip/{held['id']}/release")).code == "not_found"
