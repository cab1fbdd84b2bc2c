"""The routes of jobs: who sees a job, its report, cancelling it."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import pytest_asyncio
import uvicorn
from yarl import URL

from shared.ids import EmployeeId, TenantId, new_id
from shared.internal_keys import KeyRing, PrivateKeys
from shared.internal_tokens import TokenIssuer, TokenReader
from shared.jobs.api import router
from shared.tenancy import Caller
from shared.web.app import new_app
from shared.web.commands import CommandRunner
from tests.integration.shared.job_kinds import Jobs
from tests.integration.shared.scratch import Scratch
from tests.support.servers import free_ports

GATEWAY = TokenIssuer(KeyRing("gateway", "g" * 32, f"jobs={PrivateKeys('j' * 32).public}"))


@dataclass
class Api:
    """A service that has nothing but jobs."""

    jobs: Jobs
    http: aiohttp.ClientSession

    async def call(self, caller: Caller, method: str, path: str, **headers: str) -> tuple[int, Any]:
        url = URL(f"/api/v1{path}")
        token = GATEWAY.headers(caller, "jobs", method, url.raw_path_qs)
        async with self.http.request(method, url, headers=token | headers) as response:
            if response.content_type == "text/csv":
                return response.status, await response.read()
            return response.status, await response.json(content_type=None)

    async def ids(self, caller: Caller, query: str = "") -> list[str]:
        status, body = await self.call(caller, "GET", f"/jobs{query}")
        assert status == 200, body
        return [item["id"] for item in body["items"]]


@pytest_asyncio.fixture
async def api(scratch: Scratch) -> AsyncIterator[Api]:
    jobs = await scratch.jobs()

    async def ready() -> dict[str, Any]:
        return {}

    app = new_app(
        "Jobs",
        jobs.metrics,
        TokenReader(KeyRing("jobs", "j" * 32, f"gateway={PrivateKeys('g' * 32).public}")),
        ready,
    )
    app.state.commands = CommandRunner(jobs.context)
    app.include_router(router, prefix="/api/v1")
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        yield Api(jobs, http)
    server.should_exit = True
    await serving


def caller(*roles: str, tenant_id: UUID | None = None) -> Caller:
    return Caller(
        TenantId(tenant_id or new_id()), EmployeeId(new_id()), frozenset(roles or ("seller",))
    )


async def test_a_job_shows_where_it_stands(api: Api) -> None:
    owner = caller()
    job = await api.jobs.create(
        owner.tenant_id, owner_id=owner.employee_id, elements=4, batch=2, refuse_every=2
    )
    path = f"/jobs/{job.id}"
    status, queued = await api.call(owner, "GET", path)
    assert (status, queued["state"], queued["started_at"]) == (200, "queued", None)
    await api.jobs.runner().advance(owner.tenant_id)
    _, running = await api.call(owner, "GET", path)
    assert (running["state"], running["done"], running["total"]) == ("running", 2, 4)
    await api.jobs.worker().run_until_idle()
    _, over = await api.call(owner, "GET", path)
    assert over == {
        "id": str(job.id),
        "kind": "count",
        "arguments": {"elements": 4, "batch": 2, "refuse_every": 2},
        "owner_id": str(owner.employee_id),
        "state": "succeeded",
        "done": 4,
        "total": 4,
        "refused": 2,
        "error": None,
        "created_at": over["created_at"],
        "started_at": running["started_at"],
        "finished_at": over["finished_at"],
    }


async def test_only_its_owner_and_admins_see_a_job(api: Api) -> None:
    owner = caller()
    colleague, admin = (caller(role, tenant_id=owner.tenant_id) for role in ("head", "admin"))
    stranger = Caller(TenantId(new_id()), owner.employee_id, frozenset({"admin"}))
    own = await api.jobs.create(owner.tenant_id, owner_id=owner.employee_id, elements=1)
    system = await api.jobs.create(owner.tenant_id, elements=1)
    for who, visible in (
        (owner, {own.id}),
        (admin, {own.id, system.id}),
        (colleague, set()),
        (stranger, set()),
    ):
        assert set(await api.ids(who)) == {str(job_id) for job_id in visible}
        for job in (own, system):
            for method, suffix in (("GET", ""), ("GET", "/report"), ("POST", "/cancel")):
                if method == "POST" and job.id in visible:
                    continue
                status, body = await api.call(who, method, f"/jobs/{job.id}{suffix}")
                assert status == (200 if job.id in visible else 404), body
    assert (await api.jobs.read(own)).state == "queued", "nobody cancelled it"
    assert (await api.call(owner, "GET", f"/jobs/{new_id()}"))[0] == 404


async def test_the_list_is_newest_first_in_pages_and_by_state_and_kind(api: Api) -> None:
    admin = caller("admin")
    kinds = ["count", "flaky", "count", "flaky", "count"]
    created = [await api.jobs.create(admin.tenant_id, kind, elements=1) for kind in kinds]
    newest_first = [str(job.id) for job in reversed(created)]
    assert await api.ids(admin) == newest_first
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        _, body = await api.call(admin, "GET", f"/jobs?limit=2{cursor}")
        pages.append([item["id"] for item in body["items"]])
        cursor = f"&cursor={body['next_cursor']}" if body["next_cursor"] else None
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert await api.ids(admin, "?kind=flaky") == newest_first[1:4:2]
    await api.jobs.cancel(created[0])
    assert await api.ids(admin, "?state=cancelled") == [str(created[0].id)]
    assert (await api.call(admin, "GET", "/jobs?state=lost"))[0] == 422
    assert (await api.call(admin, "GET", "/jobs?cursor=x"))[0] == 422


async def test_the_report_lists_every_refused_element_with_its_reason(api: Api) -> None:
    owner = caller()
    job = await api.jobs.create(
        owner.tenant_id, owner_id=owner.employee_id, elements=12_000, batch=3000, refuse_every=2
    )
    await api.jobs.worker().run_until_idle()
    language = {"Accept-Language": "ru"}
    status, content = await api.call(owner, "GET", f"/jobs/{job.id}/report", **language)
    assert status == 200 and content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["element", "field", "rule", "message"]
    assert rows[1] == ["0", "'=name", "too_long", "Символов не больше 200"]
    assert [int(row[0]) for row in rows[1:]] == list(range(0, 12_000, 2))


async def test_the_owner_cancels_a_job_once(api: Api) -> None:
    owner = caller()
    job = await api.jobs.create(owner.tenant_id, owner_id=owner.employee_id, elements=1)
    for _ in range(2):
        status, body = await api.call(owner, "POST", f"/jobs/{job.id}/cancel")
        assert (status, body["state"]) == (200, "cancelled")
    other = await api.jobs.create(owner.tenant_id, owner_id=owner.employee_id, elements=1)
    await api.jobs.worker().run_until_idle()
    status, body = await api.call(owner, "POST", f"/jobs/{other.id}/cancel")
    assert (status, body["code"], body["job_state"]) == (
        409,
        "job_already_finished",
        "succeeded",
    )
