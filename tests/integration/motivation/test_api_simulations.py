"""Simulations through the service's API: who may ask, and who may read."""

import asyncio
from typing import Any

from services.motivation.api.simulation_bodies import SimulationsView, SimulationView
from shared.ids import ActivityId, RoomId, new_id
from tests.integration.motivation.api import TenantApi, User
from tests.integration.motivation.tenant import PERCENT
from tests.support.months import LAST_MONTH, TWO_MONTHS_AGO

MONTHS = {"from": TWO_MONTHS_AGO, "to": LAST_MONTH}


async def settle_in(api: TenantApi) -> dict[str, Any]:
    """A plan in force, a win in the last month, and the draft that is to be tried."""
    tenant = api.tenant
    await tenant.consume(*tenant.directory())
    await tenant.publish(PERCENT, since=LAST_MONTH.begins)
    at = LAST_MONTH.at(5)
    state = tenant.state("1000.00", won_at=at, won_on=at.date())
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, state))
    return await api.draft({**PERCENT, "percent": "3.00"})


async def finished(user: User, job_id: str) -> None:
    async with asyncio.timeout(20):
        while (await user.send("GET", f"/jobs/{job_id}"))[1]["state"] != "succeeded":
            await asyncio.sleep(0.05)


async def test_a_head_tries_a_draft_of_their_room(api: TenantApi) -> None:
    draft = await settle_in(api)
    head = api.user("head", rooms=(api.tenant.room,))
    path = f"/plans/{draft['id']}"
    status, job = await head.send("POST", f"{path}/simulate", MONTHS)
    assert (status, job["kind"], job["total"]) == (202, "simulate_plan", 2), job
    await finished(head, job["id"])
    status, view = await head.send("GET", f"{path}/simulations/{job['id']}")
    assert status == 200, view
    assert SimulationView.model_validate(view)
    anna = str(api.tenant.sellers[0])
    sums = {
        "earned": {"amount": "30.00", "currency": "RUB"},
        "posted": {"amount": "50.00", "currency": "RUB"},
        "difference": {"amount": "-20.00", "currency": "RUB"},
    }
    assert {name: view[name] for name in sums} == sums
    assert view["employees"] == [{"employee_id": anna, **sums}]
    assert [month["period"] for month in view["months"]] == [TWO_MONTHS_AGO, LAST_MONTH]
    status, listed = await head.send("GET", f"{path}/simulations")
    assert SimulationsView.model_validate(listed)
    assert [each["job_id"] for each in listed["items"]] == [job["id"]]
    status, csv = await head.send("GET", f"/jobs/{job['id']}/report")
    assert (status, csv.decode("utf-8-sig").split("\r\n")) == (
        200,
        [
            "period;employee_id;personnel_number;earned;posted;difference;currency",
            f"{LAST_MONTH};{anna};001;30.00;50.00;-20.00;RUB",
            "",
        ],
    )


async def test_a_simulation_is_of_who_heads_the_room(api: TenantApi) -> None:
    draft, room = await settle_in(api), api.tenant.room
    path = f"/plans/{draft['id']}"
    admin = api.user("admin")
    status, job = await admin.send("POST", f"{path}/simulate")
    assert status == 202, job
    await finished(admin, job["id"])
    one = f"{path}/simulations/{job['id']}"
    foreign = api.user("head", rooms=(RoomId(new_id()),))
    seller_here = api.user("head", "seller", rooms=(room,), headed=())
    for stranger in (foreign, seller_here):
        assert (await stranger.send("POST", f"{path}/simulate"))[0] == 404
        assert (await stranger.send("GET", f"{path}/simulations"))[0] == 404
        assert (await stranger.send("GET", one))[0] == 404
    assert (await api.user("seller", rooms=(room,)).send("GET", one))[0] == 403
    assert (await api.user("accountant").send("GET", one))[0] == 200
    other = await api.draft()
    assert (await admin.send("GET", f"/plans/{other['id']}/simulations/{job['id']}"))[0] == 404


async def test_who_no_longer_heads_the_room_cannot_read_the_report(api: TenantApi) -> None:
    draft, room = await settle_in(api), api.tenant.room
    head = api.user("head", rooms=(room,))
    status, job = await head.send("POST", f"/plans/{draft['id']}/simulate", MONTHS)
    assert status == 202, job
    await finished(head, job["id"])
    report = f"/jobs/{job['id']}/report"
    assert (await head.send("GET", report))[0] == 200
    moved = api.user("seller", employee=head.caller.employee_id, rooms=(room,))
    assert (await moved.send("GET", report))[0] == 404
