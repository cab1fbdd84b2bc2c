"""Background jobs through the gateway: listed over all services, looked up at their owner."""

from typing import Any

from tests.e2e.office import Office
from tests.support.wait import eventually

KINDS = {"realign_deadlines", "realign_vip_deadlines"}


async def test_changed_room_settings_show_as_jobs_of_two_services(office: Office) -> None:
    activity = await office.register()
    vip = {
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "client_id": activity["client"]["id"],
    }
    await office.anna.do("/vip", vip)
    await office.set_room_settings(activity_reset_days=21, vip_reset_days=45)

    async def succeeded() -> list[dict[str, Any]]:
        jobs = await office.admin.see("/jobs?state=succeeded")
        assert jobs["missing"] == []
        return jobs["items"] if {job["kind"] for job in jobs["items"]} >= KINDS else []

    jobs = await eventually(succeeded)
    ids = [job["id"] for job in jobs]
    assert ids == sorted(ids, reverse=True)
    for job in jobs:
        assert await office.admin.see(f"/jobs/{job['id']}") == job
        assert "element" in await office.admin.see(f"/jobs/{job['id']}/report")
    refusal = await office.admin.refused(f"/jobs/{ids[0]}/cancel")
    assert refusal.code in ("job_already_finished", "job_not_cancellable")
    refusal = await office.vera.call("GET", f"/jobs/{ids[0]}")
    assert (refusal.status, refusal.code) == (404, "not_found")
