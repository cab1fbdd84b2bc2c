"""Many activities lost at once by a reason of the company's list."""

from uuid import UUID

from shared.ids import new_id
from shared.jobs.worker import JobWorker
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.test_bulk import bulk, finished, many
from tests.integration.activities.test_loss_reasons import add_reason


async def test_many_are_lost_by_a_listed_reason_and_others_companies_are_refused(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    head = await tenant.user("head")
    other = await tenant.create("/companies", name="Вторая")
    both = [str(tenant.company_id), other["id"]]
    await tenant.call(tenant.admin, "PATCH", f"/rooms/{tenant.room_id}", {"company_ids": both})
    product = await tenant.create(
        "/products",
        company_id=other["id"],
        name="Иное",
        category="license",
        price={"amount": "1.00", "currency": "RUB"},
    )
    spam = await add_reason(tenant, "Спам", counts=False)
    activities = await many(tenant, 3)
    foreign = await tenant.register(
        company_id=other["id"], products=[{"product_id": product["id"]}]
    )
    answer = await bulk(tenant, head, "lose", reason_id=spam["id"])
    await job_worker.run_until_idle()
    job = await finished(tenant, head, answer)
    assert (job["done"], job["refused"]) == (5, 1)
    for activity in activities:
        lost = await tenant.see(activity)
        assert (lost["lost_reason_id"], lost["lost_reason"]) == (spam["id"], "Спам")
    report = await tenant.reader.fetch(
        "SELECT element, rule FROM job_refusal WHERE job_id = $1", UUID(job["id"])
    )
    assert [tuple(row) for row in report] == [(foreign["id"], "exists")]


async def test_a_comment_stands_beside_the_listed_reason(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    head = await tenant.user("head")
    reason = await add_reason(tenant, "Дорого")
    (activity,) = await many(tenant, 1)
    await bulk(tenant, head, "lose", reason_id=reason["id"], reason="весна")
    await job_worker.run_until_idle()
    lost = await tenant.see(activity)
    assert (lost["lost_reason_id"], lost["lost_reason"]) == (reason["id"], "весна")


async def test_a_reason_that_cannot_be_meant_is_refused_before_anything_is_lost(
    new_tenant: NewTenant,
) -> None:
    tenant, other_tenant = await new_tenant(), await new_tenant()
    head = await tenant.user("head")
    second = await tenant.create("/companies", name="Вторая")
    reason = await add_reason(tenant, "Дорого")
    archived = await add_reason(tenant, "Кризис", active=False)
    foreign = await add_reason(other_tenant, "Дорого")
    elsewhere = {"room_id": str(tenant.room_id), "company_id": second["id"]}
    for preview in (False, True):
        for body, status, rule in (
            ({"reason_id": str(new_id())}, 404, "exists"),
            ({"reason_id": foreign["id"]}, 404, "exists"),
            ({"reason_id": reason["id"], "filter": elsewhere}, 404, "exists"),
            ({"reason_id": archived["id"]}, 422, "in_use"),
        ):
            refused = await bulk(tenant, head, "lose", preview=preview, **body)
            assert (refused.status, refused.body["errors"][0]["rule"]) == (status, rule)
            assert refused.body["errors"][0]["field"] == "reason_id"
    refused = await bulk(tenant, head, "take_away", reason_id=reason["id"])
    assert (refused.status, refused.body["errors"][0]["rule"]) == (422, "unknown_field")
    assert (await tenant.call(head, "GET", "/jobs")).body["items"] == []
