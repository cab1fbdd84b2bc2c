"""The service as a process: facts from Kafka in, pay by HTTP and Kafka out, payroll's sums the same."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.environment import Installation
from services.motivation.metrics import MotivationMetrics
from shared.db import Database
from shared.events import ACTIVITIES, MOTIVATION, Fact, headers, key
from shared.events.base import REGISTRY
from shared.ids import ActivityId, EmployeeId, RoomId, new_id
from shared.neighbours import Copies, Copy
from shared.tenancy import Caller, mint
from shared.web.callers import INTERNAL_TOKEN
from tests.integration.motivation.conftest import Tenant, ids
from tests.servers import ROOT, Service, free_ports

PERCENT = {"kind": "percent_of_receipts", "percent": "5.00"}


class Owner:
    """The activities service as its neighbours see it: answers for what it is told it knows."""

    def __init__(self) -> None:
        self.known: dict[str, Fact] = {}
        self.asked: list[str] = []
        self.app = web.Application()
        self.app.router.add_get("/internal/copies/{noun}/{subject}", self.copies)

    async def copies(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        fact = self.known.get(request.match_info["subject"])
        if fact is None:
            return web.Response(status=404)
        told = Copies(facts=[Copy.of(fact.event, fact.envelope.subject, fact.envelope.version)])
        return web.json_response(text=told.model_dump_json())


@dataclass
class Person:
    """Somebody at the service's API."""

    session: aiohttp.ClientSession
    token: str

    async def send(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        sent = {INTERNAL_TOKEN: self.token, **more}
        async with self.session.request(method, f"/api/v1/motivation{path}", json=body, headers=sent) as answer:
            return answer.status, json.loads(await answer.read() or b"null")


@dataclass
class World:
    """A running service, its neighbour, and a tenant."""

    tenant: Tenant
    owner: Owner
    service: Service
    installation: Installation
    session: aiohttp.ClientSession
    producer: AIOKafkaProducer

    def caller(self, *roles: str, employee: EmployeeId | None = None, rooms: tuple[RoomId, ...] = ()) -> Person:
        who = Caller(self.tenant.id, employee or EmployeeId(new_id()), frozenset(roles), frozenset(rooms))
        return Person(self.session, mint(who, self.installation.secrets.internal_secret, time.time()))

    async def tell(self, *facts: Fact) -> None:
        """Publishes facts as activities would."""
        topic = self.installation.namespace + ACTIVITIES
        for fact in facts:
            one = fact.envelope
            told = headers(one, REGISTRY[one.type].noun, "activities")
            await self.producer.send_and_wait(topic, fact.event.to_json(), key=key(one.tenant_id, one.subject), headers=told)

    async def statement(self, until: str, employee: EmployeeId | None = None) -> Any:
        """The first seller's statement once its total is `until`."""
        accountant = self.caller("accountant")
        for _ in range(100):
            status, found = await accountant.send("GET", f"/statement?employee_id={employee or self.tenant.sellers[0]}")
            if status == 200 and found["total"]["amount"] == until:
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"{status} {found}; {self.service.tail()}")

    async def plan(self, *rules: dict[str, Any]) -> dict[str, Any]:
        body = {
            "company_id": str(self.tenant.company),
            "room_id": str(self.tenant.room),
            "name": "Осень",
            "effective_from": "2026-11-01",
            "rules": list(rules) or [PERCENT],
        }
        status, made = await self.caller("admin").send("POST", "/plans", body)
        assert status == 201, made
        status, published = await self.caller("admin").send("POST", f"/plans/{made['id']}/publish")
        assert status == 200, published
        return dict(published)


@pytest.fixture(scope="session")
async def owner() -> AsyncIterator[tuple[Owner, str]]:
    found = Owner()
    (port,) = free_ports(1)
    runner = web.AppRunner(found.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield found, f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture(scope="session")
def running(provisioned: Installation, owner: tuple[Owner, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    one = Service.of(provisioned, "motivation", tmp_path_factory.mktemp("motivation"), SALES_ACTIVITIES_URL=owner[1])
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def world(
    provisioned: Installation, running: Service, owner: tuple[Owner, str], database: Database, tenant: Tenant
) -> AsyncIterator[World]:
    """A tenant of which the service knows nothing, and the owner everything."""
    fresh = Tenant(database, tenant.inbox)
    owner[0].known = {str(fact.envelope.subject): fact for fact in fresh.directory()}
    producer = AIOKafkaProducer(bootstrap_servers=provisioned.kafka)
    await producer.start()
    async with aiohttp.ClientSession(running.url) as session:
        yield World(fresh, owner[0], running, provisioned, session, producer)
    await producer.stop()


async def test_a_win_on_kafka_is_pay_by_http_and_on_kafka(world: World) -> None:
    tenant, activity = world.tenant, ActivityId(new_id())
    plan = await world.plan(PERCENT, {"kind": "fixed", "amount": {"amount": "300.00", "currency": "RUB"}, "source_kind": "inbound"})
    assert (plan["status"], plan["plan_version"], plan["rules"][0]["percent"]) == ("published", 1, "5.00")
    facts = [tenant.about(activity, 1, tenant.state("1000")), tenant.about(activity, 2, tenant.state("400"))]
    await world.tell(*facts)
    shown = await world.statement("20.00")
    accrual, correction = shown["lines"]
    assert (accrual["kind"], accrual["amount"]["amount"], accrual["personnel_number"]) == ("accrual", "50.00", "001")
    assert (correction["kind"], correction["amount"]["amount"], correction["corrects"]) == ("correction", "-30.00", accrual["id"])
    assert len(shown["checksum"]) == 64 and shown["closed_at"] is None
    status, why = await world.caller("seller", employee=tenant.sellers[0]).send("GET", f"/accruals/{accrual['id']}")
    assert status == 200
    assert (why["rule"]["name"], why["rule"]["terms"]["percent"], why["inputs"]["receipts"]) == ("1:percent_of_receipts", "5.00", "1000.00")
    assert [(fact["id"], fact["version"]) for fact in why["facts"]] == [(str(facts[0].envelope.id), 1)]
    assert [line["id"] for line in why["corrections"]] == [correction["id"]]
    status, why = await world.caller("admin").send("GET", f"/accruals/{correction['id']}")
    assert why["inputs"]["posted_before"] == "50.00" and len(why["facts"]) == 2
    published = await said(world, 3)
    assert [fact["type"] for fact in published] == ["plan.published", "accrual.posted", "correction.posted"]
    assert published[2]["value"]["statement_total"] == {"amount": "20.00", "currency": "RUB"}


async def said(world: World, count: int) -> list[dict[str, Any]]:
    """The first `count` facts that the service published about the tenant."""
    reader = AIOKafkaConsumer(
        world.installation.namespace + MOTIVATION, bootstrap_servers=world.installation.kafka, auto_offset_reset="earliest"
    )
    await reader.start()
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(20):
            while len(found) < count:
                record = await reader.getone()
                told = dict(record.headers)
                if told["ce_tenantid"].decode() == str(world.tenant.id):
                    found.append({"type": told["ce_type"].decode(), "value": json.loads(record.value)})
    finally:
        await reader.stop()
    return sorted(found, key=lambda fact: fact["type"] != "plan.published")


async def test_a_plan_names_what_the_owner_knows(world: World) -> None:
    tenant, admin = world.tenant, world.caller("admin")
    body: dict[str, Any] = {
        "company_id": str(tenant.company),
        "room_id": str(tenant.room),
        "name": "A",
        "effective_from": "2026-11-01",
        "rules": [PERCENT],
    }

    async def refused(status: int, field: str, **changes: Any) -> None:
        found, problem = await admin.send("POST", "/plans", body | changes)
        assert (found, problem["errors"][0]["field"]) == (status, field), problem

    await refused(404, "company_id", company_id=str(new_id()))
    await refused(404, "room_id", room_id=str(new_id()))
    other = Tenant(tenant.database, tenant.inbox)
    world.owner.known[str(other.company)] = other.directory()[0]
    await refused(422, "room_id", company_id=str(other.company))
    await refused(422, "rules.0.amount.currency", rules=[{"kind": "fixed", "amount": {"amount": "1.00", "currency": "EUR"}}])
    for rule in (
        {"kind": "percent_of_receipts", "percent": 5.5},
        {"kind": "percent_of_receipts", "percent": "NaN"},
        {"kind": "percent_of_receipts", "percent": "1e400"},
        {"kind": "percent_of_receipts", "percent": "0"},
        {"kind": "percent_of_receipts", "percent": "100.01"},
        {"kind": "fixed", "amount": {"amount": "-1", "currency": "RUB"}},
        {"kind": "gift"},
        {**PERCENT, "product_category": "a\u0000"},
        {**PERCENT, "sale": "third"},
        {**PERCENT, "tiers": []},
    ):
        status, problem = await admin.send("POST", "/plans", body | {"rules": [rule]})
        assert (status, problem["code"]) == (422, "invalid"), rule


async def test_who_may_do_and_see_what_about_plans(world: World) -> None:
    room, plan = world.tenant.room, await world.plan()
    for roles, rooms, status in [
        (("admin",), (), 200),
        (("accountant",), (), 200),
        (("head",), (room,), 200),
        (("seller",), (room,), 200),
        (("seller",), (), 404),
        (("head",), (), 404),
        (("marketer",), (), 403),
    ]:
        who = world.caller(*roles, rooms=rooms)
        assert (await who.send("GET", f"/plans/{plan['id']}"))[0] == status, roles
        found, listed = await who.send("GET", "/plans")
        assert found == (403 if status == 403 else 200)
        assert found == 403 or [one["id"] for one in listed["items"]] == ([plan["id"]] if status == 200 else [])
    assert (await world.caller("head", rooms=(room,)).send("POST", f"/plans/{plan['id']}/publish"))[0] == 403
    status, problem = await world.caller("admin").send("POST", f"/plans/{plan['id']}/publish")
    assert (status, problem["code"]) == (409, "plan_published")
    assert (await world.caller("admin").send("POST", f"/plans/{new_id()}/publish"))[0] == 404
    assert (await world.plan())["plan_version"] == 2


async def test_plans_come_in_pages(world: World) -> None:
    made = [(await world.plan())["id"] for _ in range(3)]
    admin = world.caller("admin")
    _, first = await admin.send("GET", "/plans?limit=2")
    _, second = await admin.send("GET", f"/plans?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1] and second["next_cursor"] is None
    for cursor in ("", "nonsense", "Ж", "%00", "A" * 600):
        assert (await admin.send("GET", f"/plans?cursor={cursor}"))[0] == 422, cursor


async def test_who_may_see_whose_pay(world: World) -> None:
    tenant = world.tenant
    anna, boris, _ = tenant.sellers
    await world.plan()
    await world.tell(*tenant.directory(), tenant.about(ActivityId(new_id()), 1, tenant.state("1000")))
    line = (await world.statement("50.00"))["lines"][0]["id"]
    for roles, employee, rooms, status in [
        (("seller",), anna, (tenant.room,), 200),
        (("seller",), boris, (tenant.room,), 404),
        (("head",), boris, (tenant.room,), 200),
        (("head",), boris, (), 404),
        (("marketer",), boris, (), 404),
        (("accountant",), boris, (), 200),
        (("admin",), boris, (), 200),
    ]:
        who = world.caller(*roles, employee=employee, rooms=rooms)
        assert (await who.send("GET", f"/statement?employee_id={anna}"))[0] == status, roles
        assert (await who.send("GET", f"/accruals/{line}"))[0] == status, roles
        assert (await who.send("GET", "/statement"))[1]["employee_id"] == str(employee)
    accountant = world.caller("accountant")
    status, problem = await accountant.send("GET", f"/statement?employee_id={new_id()}")
    assert (status, problem["errors"][0]["field"]) == (404, "employee_id")
    for period in ("2026-13", "2026-1", "now", "%00"):
        assert (await accountant.send("GET", f"/statement?period={period}"))[0] == 422
    _, empty = await accountant.send("GET", f"/statement?employee_id={anna}&period=2026-01")
    assert (empty["lines"], empty["total"]["amount"], empty["closed_at"]) == ([], "0.00", None)


async def test_an_accountant_adjusts_and_closes(world: World) -> None:
    tenant, accountant = world.tenant, world.caller("accountant")
    body = {
        "employee_id": str(tenant.sellers[0]),
        "company_id": str(tenant.company),
        "room_id": str(tenant.room),
        "amount": {"amount": "-12.34", "currency": "RUB"},
        "reason": "Возврат аванса",
    }
    once = {"Idempotency-Key": str(new_id())}
    status, line = await accountant.send("POST", "/adjustments", body, **once)
    assert (status, line["kind"], line["amount"]["amount"], line["reason"]) == (201, "adjustment", "-12.34", "Возврат аванса")
    assert (await accountant.send("POST", "/adjustments", body, **once)) == (201, line)
    for reason in ("", "  ", "a\u0000"):
        assert (await accountant.send("POST", "/adjustments", body | {"reason": reason}))[0] == 422
    most = {"amount": "999999999999.99", "currency": "RUB"}
    assert (await accountant.send("POST", "/adjustments", body | {"amount": most, "period": "2026-01"}))[0] == 201
    assert (await accountant.send("POST", "/adjustments", body | {"amount": most, "period": "2026-01"}))[0] == 422
    assert (await accountant.send("POST", "/adjustments", body | {"amount": {"amount": "0", "currency": "RUB"}}))[0] == 422
    assert (await accountant.send("POST", "/adjustments", body | {"amount": {"amount": "1", "currency": "EUR"}}))[0] == 422
    for field in ("employee_id", "company_id", "room_id"):
        status, problem = await accountant.send("POST", "/adjustments", body | {field: str(new_id())})
        assert (status, problem["errors"][0]["field"]) == (404, field)
    assert (await world.caller("head", rooms=(tenant.room,)).send("POST", "/adjustments", body))[0] == 403
    shown = await world.statement("-12.34")
    closing = f"/periods/{shown['period']}/close?company_id={tenant.company}"
    assert (await world.caller("head", rooms=(tenant.room,)).send("POST", closing))[0] == 403
    status, closed = await accountant.send("POST", closing)
    assert (status, closed["statements"], closed["totals"]) == (200, 1, [{"amount": "-12.34", "currency": "RUB"}])
    status, problem = await accountant.send("POST", closing)
    assert (status, problem["code"]) == (409, "period_closed")
    status, problem = await accountant.send("POST", "/adjustments", body | {"period": shown["period"]})
    assert (status, problem["code"]) == (409, "period_closed")
    assert (await accountant.send("POST", f"/periods/2099-01/close?company_id={tenant.company}"))[0] == 422
    assert (await accountant.send("POST", f"/periods/2026-01/close?company_id={new_id()}"))[0] == 404
    after = await world.statement("-12.34")
    assert after["closed_at"] == closed["closed_at"]
    sealed = [fact for fact in await said(world, 3) if fact["type"] == "statement.closed"]
    assert [fact["value"]["checksum"] for fact in sealed] == [shown["checksum"]]


async def test_recompute_agrees_with_the_ledger(world: World, provisioned: Installation, metrics: MotivationMetrics) -> None:
    tenant = world.tenant
    await world.plan()
    await world.tell(*(tenant.about(activity, 1, tenant.state("1000")) for activity in ids(5)))
    await world.statement("250.00")
    command = [sys.executable, "-m", "services.motivation.app", "recompute", "--tenant", str(tenant.id)]
    environment = {**provisioned.service("motivation"), "PATH": "/usr/bin:/bin"}
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "5 activities, 1 statements, 0 differences"), done.stderr


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
        _, found = await self.world.caller("accountant").send("GET", f"/statement?{urllib.parse.urlencode(request.query)}")
        return web.json_response(found)


async def payroll(world: World, folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    more = ["--file", str(folder / "payroll.sqlite"), "--kafka", world.installation.kafka]
    topic = ["--topic", world.installation.namespace + MOTIVATION]
    command = [sys.executable, "-m", "deploy.examples.payroll", *arguments, *more, *topic]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


async def test_payroll_adds_up_the_same_though_killed_and_run_twice(world: World, tmp_path: Path) -> None:
    tenant = world.tenant
    await world.plan()
    followers = [await payroll(world, tmp_path, "follow") for _ in range(2)]
    for start in range(0, 60, 10):
        told = [tenant.about(activity, 1, tenant.state("1000", shares={tenant.sellers[start // 10 % 3]: "1"})) for activity in ids(10)]
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
    log_in = ["--gateway", f"http://127.0.0.1:{port}", "--username", "accountant", "--password", "secret"]
    proof = await payroll(world, tmp_path, "prove", *log_in)
    output, _ = await proof.communicate()
    assert (proof.returncode, output.decode().strip()) == (0, "3 statements compared, 0 differences")
    with sqlite3.connect(tmp_path / "payroll.sqlite") as database:
        assert database.execute("SELECT count(*) FROM line WHERE tenant = ?", (str(tenant.id),)).fetchone() == (60,)
        database.execute("UPDATE line SET kopecks = kopecks + 1 WHERE employee != ?", (str(tenant.sellers[0]),))
        database.execute("DELETE FROM line WHERE employee = ?", (str(tenant.sellers[0]),))
    database.close()
    proof = await payroll(world, tmp_path, "prove", *log_in)
    output, _ = await proof.communicate()
    assert proof.returncode == 1 and output.decode().count("payroll has") == 3 and "payroll has nothing" in output.decode()
    await runner.cleanup()


async def test_two_replicas_share_the_facts(world: World, service: Callable[..., Service]) -> None:
    await world.plan()
    (port,) = free_ports(1)
    service("motivation", port=port).start()
    tenant = world.tenant
    for _ in range(5):
        shares = dict(zip(tenant.sellers, ["0.5", "0.3", "0.2"], strict=True))
        await world.tell(*(tenant.about(activity, 1, tenant.state("1000", shares=shares)) for activity in ids(20)))
    for seller, total in zip(tenant.sellers, ["2500.00", "1500.00", "1000.00"], strict=True):
        assert len((await world.statement(total, seller))["lines"]) == 100
