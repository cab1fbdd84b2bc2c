"""The six numbers: a preview through every service, and heads who may change their own room's."""

from shared.room_settings import DEFAULTS
from tests.e2e.office import Office
from tests.support.wait import eventually


async def test_a_preview_tells_of_resets_and_of_sellers_over_the_limit_of_vips(
    office: Office,
) -> None:
    worked = await office.register(take=True)
    claim = {
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "client_id": worked["client"]["id"],
    }
    assert (await office.anna.call("POST", "/vip", claim)).status == 201
    path = f"/rooms/{office.rooms['front']}/settings/preview?company_id={office.companies['main']}"
    proposed = {**DEFAULTS, "activity_reset_days": 2, "vip_in_development_limit": 0}
    preview = (await office.head.call("POST", path, proposed)).body
    over = {
        "employee_id": office.anna.id,
        "kind": "in_development",
        "held": 1,
        "limit": 0,
    }
    assert over in preview["over_vip_limits"]
    assert worked["id"] in [item["activity_id"] for item in preview["resets"]["first"]]
    assert preview["renewals"] == {"count": 0, "items": []}
    assert (await office.anna.refused(path, proposed)).code == "forbidden"
    refused = await office.head.call("POST", path, {**proposed, "vip_reset_days": -1})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "vip_reset_days")


async def test_a_head_changes_the_numbers_that_the_company_allows(office: Office) -> None:
    company_id = office.companies["main"]
    path = f"/rooms/{office.rooms['front']}/settings?company_id={company_id}"
    present = await office.head.see(path)
    present.pop("version")
    changed = {**present, "activity_reset_days": present["activity_reset_days"] + 1}
    assert (await office.head.refused(path, changed, "PUT")).code == "forbidden"
    defaults = {**DEFAULTS, "heads_may_change": ["activity_reset_days"]}
    response = await office.admin.call("PUT", f"/companies/{company_id}/room-defaults", defaults)
    assert response.status == 200, response
    assert (await office.head.call("PUT", path, changed)).status == 200
    assert (await office.head.see(path))["activity_reset_days"] == changed["activity_reset_days"]


async def test_a_past_quarter_is_judged_through_every_service(office: Office) -> None:
    body = {
        "room_id": office.rooms["front"],
        "company_id": office.companies["main"],
        "quarter": "2026-Q3",
        "settings": {"activity_reset_days": 5},
    }
    job = await office.head.call("POST", "/motivation/what-if", body)
    assert job.status == 202, job.body

    async def judged() -> bool:
        return bool((await office.head.see(f"/jobs/{job.body['id']}"))["state"] == "succeeded")

    await eventually(judged)
    found = await office.head.see(f"/motivation/what-if/{job.body['id']}")
    assert found["settings"]["activity_reset_days"] == 5
    # Nothing was worked then; what vip says of it is there, and not missing.
    assert (found["lost"]["count"], found["vips_without_place"]) == (0, [])
    assert (await office.anna.refused("/motivation/what-if", body)).code == "forbidden"
