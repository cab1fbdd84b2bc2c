"""Background jobs through the gateway: listed over all services, looked up, followed live."""

from tests.e2e.office import Office
from tests.e2e.people import soon


async def test_changed_room_settings_show_as_jobs_of_their_services(
    office: Office,
) -> None:
    await office.register("goods", take=True)
    await office.set_numbers(activity_reset_days=21, vip_reset_days=45)

    async def finished() -> object:
        jobs = (await office.admin.call("GET", "/jobs?kind=realign_deadlines")).body
        assert jobs["missing"] == []
        states = [job["state"] for job in jobs["items"]]
        return jobs["items"] if states and set(states) == {"succeeded"} else None

    jobs = await soon(finished)
    ids = [job["id"] for job in jobs]
    assert ids == sorted(ids, reverse=True)
    for id_ in ids:
        view = await office.admin.call("GET", f"/jobs/{id_}")
        assert (view.status, view.body["id"]) == (200, id_)
        report = await office.admin.call("GET", f"/jobs/{id_}/report")
        assert report.status == 200 and "element" in report.body
        cancelled = await office.admin.call("POST", f"/jobs/{id_}/cancel", {})
        assert (cancelled.status, cancelled.code) == (409, "job_already_finished")
    foreign = await office.anna.call("GET", f"/jobs/{ids[0]}")
    assert (foreign.status, foreign.code) == (404, "not_found")
