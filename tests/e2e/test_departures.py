"""A dismissal through the gateway: access, work and VIPs go in one act."""

import asyncio

import pytest_asyncio

from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient, User
from tests.support.wait import eventually


@pytest_asyncio.fixture
async def office(gateway: ApiClient, product: Product) -> Office:
    return await open_office(gateway, product.operator_key)


async def test_a_dismissal_ends_access_and_hands_over_work_and_vips(office: Office) -> None:
    activity = await office.register(by=office.anna, take=True)
    wanted = {
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "client_id": activity["client"]["id"],
    }
    vip = await office.anna.do("/vip", wanted)
    path, body = f"/employees/{office.anna.id}/dismiss", {"hand_over": {"to": office.boris.id}}

    async def preview_knows_the_vip() -> bool:
        shown = await office.admin.do(path, {**body, "preview": True})
        assert [room["activities"] for room in shown["rooms"]] == [1]
        return [each["id"] for each in shown["vips"]] == [vip["id"]]

    await eventually(preview_knows_the_vip)
    assert (await office.anna.call("GET", "/me")).status == 200
    departure = await office.admin.do(path, body)
    assert departure["employee"]["active"] is False
    assert (await office.anna.call("GET", "/me")).status == 401

    async def handed_over() -> bool:
        work, held = await asyncio.gather(
            office.boris.see(f"/activities/{activity['id']}"), office.head.see(f"/vip/{vip['id']}")
        )
        return bool(work["responsible_id"] == held["responsible_id"] == office.boris.id)

    async def is_on_his_desk() -> bool:
        stages = (await office.boris.see("/desk"))["mine"].values()
        return activity["id"] in [each["id"] for stage in stages for each in stage]

    await eventually(handed_over)
    await eventually(is_on_his_desk)
    again = await office.admin.call("POST", path, body)
    assert (again.status, again.code) == (409, "already_dismissed")


async def test_a_fired_sellers_vip_protects_nobody_in_either_door(office: Office) -> None:
    await office.set_room_settings(vip_reset_days=0)
    activity = await office.register(by=office.anna, take=True)
    client_id = activity["client"]["id"]
    wanted = {
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "client_id": client_id,
    }
    await office.anna.do("/vip", wanted)
    await office.admin.call("PATCH", f"/employees/{office.anna.id}", {"active": False})
    free = await office.register(by=office.boris, client_id=client_id)
    assert free["responsible_id"] is None

    async def claimed() -> bool:
        answer = await office.boris.call("POST", "/vip", wanted)
        assert answer.code != "vip_of_another", answer.body
        return answer.status == 201

    await eventually(claimed)


async def test_pay_stays_with_who_won_when_another_answers_for_the_client(office: Office) -> None:
    await office.publish_plan([{"kind": "percent_of_receipts", "percent": "10.00"}])
    won = await office.win(office.anna, "plain")

    async def pay(user: User) -> list[str]:
        statement = await user.see("/motivation/statement")
        return [line["amount"]["amount"] for line in statement["lines"]]

    async def paid() -> bool:
        return await pay(office.anna) == ["100.00"]

    await eventually(paid)
    body = {"employee_id": office.boris.id}
    given = await office.head.do(f"/activities/{won['id']}/assign", body)
    assert (given["status"], given["responsible_id"]) == ("won", office.boris.id)
    # A later win is paid after the handing over has been heard.
    another = await office.win(office.boris, "plain")

    async def heard() -> bool:
        return await pay(office.boris) == ["100.00"]

    await eventually(heard)
    assert another["status"] == "won"
    assert await pay(office.anna) == ["100.00"]


async def test_a_moved_activity_leaves_the_pool_of_its_room_at_once(office: Office) -> None:
    activity = await office.register()
    body = {"room_id": office.rooms["back"], "reason": "другой регион"}
    moved = await office.admin.do(f"/activities/{activity['id']}/move", body)
    assert moved["from_room_id"] == office.rooms["front"]
    for user, room, is_there in (
        (office.anna, "front", False),
        (office.vera, "back", True),
    ):
        pool = await user.see(f"/pool?room_id={office.rooms[room]}&limit=200")
        assert (activity["id"] in [each["id"] for each in pool["items"]]) is is_there
    assert (await office.anna.call("GET", f"/activities/{activity['id']}")).status == 404
    assert (await office.vera.see(f"/activities/{activity['id']}"))["status"] == "free"
