"""Jobs of all services as one list; one job at the service that runs it."""

from typing import Any
from uuid import UUID

from shared.ids import new_id
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant

SERVICES = ("activities", "vip", "motivation")


def job(id_: UUID) -> dict[str, Any]:
    return {"id": str(id_), "kind": "realign_deadlines", "state": "running"}


def page(*ids: UUID, more: str | None = None) -> dict[str, Any]:
    return {"items": [job(id_) for id_ in ids], "next_cursor": more}


async def test_jobs_of_all_services_are_one_list_newest_first(
    tenant: Tenant, services: StubServices
) -> None:
    oldest, older, newer, newest = (new_id() for _ in range(4))
    services.on("activities GET /api/v1/jobs", body=page(newest, oldest))
    services.on("vip GET /api/v1/jobs", body=page(newer))
    services.on("motivation GET /api/v1/jobs", body=page(older))
    status, jobs, _ = await tenant.call("GET", "/api/v1/jobs?state=running")
    assert (status, jobs["missing"], jobs["next_cursor"]) == (200, [], None)
    assert jobs["items"] == [job(id_) for id_ in (newest, newer, older, oldest)]
    assert {request.query for request in services.received("/api/v1/jobs")} == {
        "state=running&limit=50"
    }
    _, first, _ = await tenant.call("GET", "/api/v1/jobs?limit=2")
    assert first["items"] == [job(newest), job(newer)] and first["next_cursor"]


async def test_a_list_of_jobs_names_the_services_that_did_not_answer(
    tenant: Tenant, services: StubServices
) -> None:
    id_ = new_id()
    services.on("activities GET /api/v1/jobs", body=page(id_))
    services.on("vip GET /api/v1/jobs", body=page())
    services.on("motivation GET /api/v1/jobs", 503, {"code": "unavailable"})
    status, jobs, _ = await tenant.call("GET", "/api/v1/jobs")
    assert (status, jobs["missing"], jobs["items"]) == (200, ["motivation"], [job(id_)])


async def test_a_job_is_cancelled_at_its_owner_only(tenant: Tenant, services: StubServices) -> None:
    path = f"/api/v1/jobs/{new_id()}"
    services.on(f"vip GET {path}", body={"state": "running"})
    services.on(f"vip POST {path}/cancel", body={"state": "cancelled"})
    assert (await tenant.call("GET", path))[1] == {"state": "running"}
    headers = {"Idempotency-Key": "k", "Accept-Language": "ru"}
    status, view, _ = await tenant.call("POST", f"{path}/cancel", headers=headers)
    assert (status, view) == (200, {"state": "cancelled"})
    (request,) = services.received(f"{path}/cancel")
    assert request.service == "vip"
    assert request.headers["idempotency-key"] == "k"
    assert request.headers["accept-language"] == "ru"


async def test_a_report_passes_as_its_owner_made_it(tenant: Tenant, services: StubServices) -> None:
    path = f"/api/v1/jobs/{new_id()}"
    services.on(f"motivation GET {path}", body={})
    csv = {"content-type": "text/csv; charset=utf-8", "Content-Disposition": 'x; filename="j.csv"'}
    services.on(f"motivation GET {path}/report", 200, b"element;field\n", **csv)
    status, report, headers = await tenant.call("GET", f"{path}/report")
    assert (status, report) == (200, "element;field\n")
    assert {name: headers[name] for name in csv} == csv


async def test_an_unknown_job_is_not_found_once_all_services_answered(
    tenant: Tenant, services: StubServices
) -> None:
    path = f"/api/v1/jobs/{new_id()}"
    assert (await tenant.call("GET", path))[0] == 404
    assert {request.service for request in services.received(path)} == set(SERVICES)
    services.on(f"vip GET {path}", 503, {"code": "unavailable"})
    assert (await tenant.call("POST", f"{path}/cancel"))[0] == 503
