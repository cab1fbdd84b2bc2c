"""Whoever adds up pay comes to the same: a recomputation, a payroll system that is killed, two
replicas.
"""

import asyncio
import sqlite3
import subprocess
import sys
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from deploy.environment import Installation
from services.motivation.metrics import MotivationMetrics
from shared.events import MOTIVATION
from tests.integration.motivation.tenant import ids
from tests.integration.motivation.world import World
from tests.servers import ROOT, Service, free_ports


async def test_recompute_agrees_with_the_ledger(
    world: World, provisioned: Installation, metrics: MotivationMetrics
) -> None:
    tenant = world.tenant
    await world.plan()
    await world.tell(*(tenant.about(activity, 1, tenant.state("1000")) for activity in ids(5)))
    await world.statement("250.00")
    command = [
        sys.executable,
        "-m",
        "services.motivation.app",
        "recompute",
        "--tenant",
        str(tenant.id),
    ]
    environment = {**provisioned.service("motivation"), "PATH": "/usr/bin:/bin"}
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "5 activities, 1 statements, 0 differences",
    ), done.stderr


class Gateway:
    """The three answers of the gateway that payroll asks for, on top of the real service."""

    def __init__(self, world: World) -> None:
        self.world, self.app = world, web.Application()
        self.app.router.add_post("/api/v1/auth/token", self.token)
        self.app.router.add_get("/api/v1/me", self.me)
        self.app.router.add_get("/api/v1/employees", self.employees)
        self.app.router.add_get("/api/v1/motivation/statement", self.statement)

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        return web.json_response({"access_token": str(form["username"])})

    async def me(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer accountant"
        return web.json_response({"tenant_id": str(self.world.tenant.id)})

    async def employees(self, request: web.Request) -> web.Response:
        sellers = [str(seller) for seller in self.world.tenant.sellers]
        later = "cursor" in request.query
        shown = [{"id": seller} for seller in (sellers[2:] if later else sellers[:2])]
        return web.json_response({"items": shown, "next_cursor": None if later else "2"})

    async def statement(self, request: web.Request) -> web.Response:
        _, found = await self.world.caller("accountant").send(
            "GET", f"/statement?{urllib.parse.urlencode(request.query)}"
        )
        return web.json_response(found)


async def payroll(world: World, folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    more = ["--file", str(folder / "payroll.sqlite"), "--kafka", world.installation.kafka]
    topic = ["--topic", world.installation.namespace + MOTIVATION]
    command = [sys.executable, "-m", "deploy.examples.payroll", *arguments, *more, *topic]
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


async def test_payroll_adds_up_the_same_though_killed_and_run_twice(
    world: World, tmp_path: Path
) -> None:
    tenant = world.tenant
    await world.plan()
    followers = [await payroll(world, tmp_path, "follow") for _ in range(2)]
    for start in range(0, 60, 10):
        told = [
            tenant.about(
                activity, 1, tenant.state("1000", shares={tenant.sellers[start // 10 % 3]: "1"})
            )
            for activity in ids(10)
        ]
        await world.tell(*told)
        followers[0].kill()
        await followers[0].wait()
        followers = [followers[1], await payroll(world, tmp_path, "follow")]
        await asyncio.sleep(0.5)
    for seller in tenant.sellers:
        await world.statement("1000.00", seller)
    for follower in followers:
        follower.kill()
        await follower.wait()
    both = [await payroll(world, tmp_path, "follow", "--until-idle") for _ in range(2)]
    outputs = [await follower.communicate() for follower in both]
    assert [follower.returncode for follower in both] == [0, 0], outputs
    (port,) = free_ports(1)
    runner = web.AppRunner(Gateway(world).app)
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
    proof = await payroll(world, tmp_path, "prove", *log_in)
    output, _ = await proof.communicate()
    assert (proof.returncode, output.decode().strip()) == (
        0,
        "3 statements compared, 0 differences",
    )
    with sqlite3.connect(tmp_path / "payroll.sqlite") as database:
        assert database.execute(
            "SELECT count(*) FROM line WHERE tenant = ?", (str(tenant.id),)
        ).fetchone() == (60,)
        database.execute(
            "UPDATE line SET kopecks = kopecks + 1 WHERE employee != ?", (str(tenant.sellers[0]),)
        )
        database.execute("DELETE FROM line WHERE employee = ?", (str(tenant.sellers[0]),))
    database.close()
    proof = await payroll(world, tmp_path, "prove", *log_in)
    output, _ = await proof.communicate()
    assert (
        proof.returncode == 1
        and output.decode().count("payroll has") == 3
        and "payroll has nothing" in output.decode()
    )
    await runner.cleanup()


async def test_two_replicas_share_the_facts(world: World, service: Callable[..., Service]) -> None:
    await world.plan()
    (port,) = free_ports(1)
    service("motivation", port=port).start()
    tenant = world.tenant
    for _ in range(5):
        shares = dict(zip(tenant.sellers, ["0.5", "0.3", "0.2"], strict=True))
        await world.tell(
            *(
                tenant.about(activity, 1, tenant.state("1000", shares=shares))
                for activity in ids(20)
            )
        )
    for seller, total in zip(tenant.sellers, ["2500.00", "1500.00", "1000.00"], strict=True):
        assert len((await world.statement(total, seller))["lines"]) == 100
