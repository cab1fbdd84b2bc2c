"""A payroll system that follows the events comes to the same sums, though it is killed."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import urllib.parse
from pathlib import Path

from aiohttp import web

from shared.events import MOTIVATION
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.tenant import ids
from tests.support.servers import ROOT, free_ports


class Gateway:
    """The routes of the gateway that payroll calls, on top of the real service."""

    def __init__(self, api: TenantApi) -> None:
        self.api, self.app = api, web.Application()
        self.app.router.add_post("/api/v1/auth/token", self.token)
        self.app.router.add_get("/api/v1/me", self.me)
        self.app.router.add_get("/api/v1/employees", self.employees)
        self.app.router.add_get("/api/v1/motivation/statement", self.statement)

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        return web.json_response({"access_token": str(form["username"])})

    async def me(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer accountant"
        return web.json_response({"tenant_id": str(self.api.tenant.id)})

    async def employees(self, request: web.Request) -> web.Response:
        sellers = [str(seller) for seller in self.api.tenant.sellers]
        later = "cursor" in request.query
        items = [{"id": seller} for seller in (sellers[2:] if later else sellers[:2])]
        return web.json_response({"items": items, "next_cursor": None if later else "2"})

    async def statement(self, request: web.Request) -> web.Response:
        _, statement = await self.api.user("accountant").send(
            "GET", f"/statement?{urllib.parse.urlencode(request.query)}"
        )
        return web.json_response(statement)


async def payroll(api: TenantApi, folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    options = ["--file", str(folder / "payroll.sqlite")]
    topic = ["--topic", api.installation.namespace + MOTIVATION]
    command = [sys.executable, "-m", "deploy.examples.payroll", *arguments, *options, *topic]
    log_in = api.installation.kafka_of("payroll").as_environment()
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | log_in,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def test_payroll_killed_and_run_twice_adds_up_the_same_sums(
    api: TenantApi, tmp_path: Path
) -> None:
    tenant = api.tenant
    await api.plan()
    followers = [await payroll(api, tmp_path, "follow") for _ in range(2)]
    for start in range(0, 60, 10):
        state = tenant.state("1000", shares={tenant.sellers[start // 10 % 3]: "1"})
        await api.publish(*(tenant.event(activity, 1, state) for activity in ids(10)))
        followers[0].kill()
        await followers[0].wait()
        followers = [followers[1], await payroll(api, tmp_path, "follow")]
        await asyncio.sleep(0.5)
    for seller in tenant.sellers:
        await api.statement("1000.00", seller)
    for follower in followers:
        follower.kill()
        await follower.wait()
    both = [await payroll(api, tmp_path, "follow", "--until-idle") for _ in range(2)]
    outputs = [await follower.communicate() for follower in both]
    assert [follower.returncode for follower in both] == [0, 0], outputs
    (port,) = free_ports(1)
    runner = web.AppRunner(Gateway(api).app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    log_in = [
        "--gateway",
        f"http://127.0.0.1:{port}",
        "--username",
        "accountant",
        "--password",
        "secret",
    ]
    proof = await payroll(api, tmp_path, "prove", *log_in)
    output, _ = await proof.communicate()
    assert (proof.returncode, output.decode().strip()) == (
        0,
        "3 statements compared, 0 differences",
    )
    with sqlite3.connect(tmp_path / "payroll.sqlite") as database:
        assert database.execute(
            "SELECT count(*) FROM entry WHERE tenant = ?", (str(tenant.id),)
        ).fetchone() == (60,)
        database.execute(
            "UPDATE entry SET kopecks = kopecks + 1 WHERE employee != ?", (str(tenant.sellers[0]),)
        )
        database.execute("DELETE FROM entry WHERE employee = ?", (str(tenant.sellers[0]),))
    database.close()
    proof = await payroll(api, tmp_path, "prove", *log_in)
    output, _ = await proof.communicate()
    assert (
        proof.returncode == 1
        and output.decode().count("payroll has") == 3
        and "payroll has nothing" in output.decode()
    )
    await runner.cleanup()
