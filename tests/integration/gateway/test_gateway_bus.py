"""Read models over a real bus: rebuilt beside the live ones, whole again after Redis was emptied,
told to live connections.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import pytest
from redis.asyncio import Redis

from deploy.environment import Installation
from services.gateway.read_models.generations import GenerationPointer
from services.gateway.read_models.keys import Keys, built_on, lock, pointer
from shared.events.directory import EmployeeChanged, RoomChanged
from shared.events.people import PersonDescribed
from shared.ids import CompanyId, EmployeeId, RoomId
from tests.integration.gateway.bus import Bus, bus_of
from tests.integration.gateway.saying import activity_fact, activity_state, person, said, text, vip
from tests.integration.gateway.saying import said as fact
from tests.integration.gateway.standin import StandIn
from tests.integration.gateway.world import Tenant, log_in
from tests.servers import ROOT, Service


@pytest.fixture
async def bus(provisioned: Installation) -> AsyncIterator[Bus]:
    async with bus_of(provisioned) as one:
        yield one


async def until(truth: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while not (found := await truth()):
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.1)
    return found


async def a_room(bus: Bus, tenant: Tenant) -> UUID:
    room = uuid4()
    await bus.say(
        [
            said(
                tenant.id,
                RoomChanged(
                    room_id=RoomId(room), name="Север", company_ids=[CompanyId(UUID(int=2))]
                ),
                room,
                1,
            )
        ]
    )
    return room


async def pool(tenant: Tenant, room: UUID, token: str | None = None) -> list[dict[str, Any]] | None:
    status, page, _ = await tenant.call("GET", f"/api/v1/pool?room_id={room}&limit=200", token)
    return page["items"] if status == 200 else None


def operate(gateway: Service, command: str) -> tuple[int, str]:
    """An operator's command, as a process of its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("SALES_")
    } | gateway.environment
    done = subprocess.run(
        [sys.executable, "-m", "services.gateway.app", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


async def test_employees_facts_complete_an_account_whose_command_was_cut_short(
    tenant: Tenant, bus: Bus, said: StandIn
) -> None:
    def cut(asked: Any) -> Any:
        raise asyncio.CancelledError

    said.replies["POST /api/v1/employees"] = cut
    email = f"{uuid4().hex}@example.com"
    body = {"name": "П", "email": email, "password": "correct horse battery", "roles": ["seller"]}
    assert (await tenant.call("POST", "/api/v1/employees", json=body))[0] == 503
    assert (await log_in(tenant.session, tenant.url, email))[0] == 401
    employee_id = UUID(said.asked[-1].json["employee_id"])
    changed = EmployeeChanged(
        employee_id=EmployeeId(employee_id),
        roles=["seller"],
        room_ids=[],
        personnel_number=None,
        active=True,
    )
    described = PersonDescribed(kind="employee", name="П", emails=[email])
    await bus.say(
        [fact(tenant.id, changed, employee_id, 1), fact(tenant.id, described, employee_id, 1)]
    )

    async def in_() -> bool:
        return (await log_in(tenant.session, tenant.url, email))[0] == 200

    for _ in range(3):
        await asyncio.sleep(1)
        if await in_():
            break
    else:
        raise AssertionError("the account was not completed")
    await bus.forget(tenant.id, employee_id)

    async def out() -> bool:
        return (await tenant.call("GET", "/api/v1/me"))[0] == 200 and (
            await log_in(tenant.session, tenant.url, email)
        )[0] == 401

    await until(out)


async def test_a_rebuild_while_facts_flow_equals_the_live_model(
    tenant: Tenant, bus: Bus, gateway: Service
) -> None:
    room = await a_room(bus, tenant)
    client = uuid4()
    flowing = asyncio.Event()

    async def flow() -> int:
        number = 0
        while not flowing.is_set() or number < 40:
            id_ = uuid4()
            facts = [
                activity_fact(tenant.id, id_, 1, activity_state(room, client, UUID(int=2))),
                text(tenant.id, id_, f"{number}"),
            ]
            if number % 3 == 0:
                facts.append(
                    activity_fact(
                        tenant.id, id_, 2, activity_state(room, client, UUID(int=2), uuid4())
                    )
                )
            await bus.say(
                [
                    *facts,
                    person(tenant.id, client, f"Имя {number}", number + 1),
                    vip(tenant.id, client, number + 1, uuid4()),
                ]
            )
            number += 1
            await asyncio.sleep(0.02)
        return number

    writing = asyncio.create_task(flow())
    await asyncio.sleep(0.5)
    code, told = await asyncio.to_thread(operate, gateway, "rebuild")
    assert code == 0, told
    assert "is live" in told and "removed" in told
    flowing.set()
    number = await writing
    free = number - (number + 2) // 3

    async def whole() -> bool:
        items = await pool(tenant, room)
        return (
            items is not None
            and len(items) == min(200, free)
            and all(item["client"]["name"] == f"Имя {number - 1}" for item in items)
        )

    await until(whole)

    async def equal() -> bool:
        """The pool is whole before the last news of VIPs are: two models are compared at rest."""
        return (await asyncio.to_thread(operate, gateway, "compare"))[0] == 0

    await until(equal, 60)


async def test_emptied_redis_becomes_whole_by_itself_and_reads_go_on(
    tenant: Tenant, bus: Bus, said: StandIn, provisioned: Installation
) -> None:
    room = await a_room(bus, tenant)
    ids = sorted((uuid4() for _ in range(5)), key=str)
    await bus.say(
        activity_fact(tenant.id, id_, 1, activity_state(room, uuid4(), UUID(int=2))) for id_ in ids
    )

    async def shown() -> bool:
        return [item["id"] for item in await pool(tenant, room) or []] == [str(id_) for id_ in ids]

    await until(shown)
    said.on("GET /api/v1/pool", body={"items": [], "next_cursor": None, "from": "the owner"})
    client: Redis = Redis.from_url(provisioned.redis_url)
    await client.flushall()
    await client.aclose()
    while not await shown():
        assert (await tenant.call("GET", f"/api/v1/pool?room_id={room}"))[0] == 200
        assert (await tenant.call("GET", "/api/v1/desk"))[0] in (200, 503)
        await asyncio.sleep(0.05)


async def test_redis_started_again_without_its_last_writes_becomes_whole_by_itself(
    tenant: Tenant, bus: Bus, said: StandIn, provisioned: Installation
) -> None:
    room, id_ = await a_room(bus, tenant), uuid4()
    await bus.say([activity_fact(tenant.id, id_, 1, activity_state(room, uuid4(), UUID(int=2)))])

    async def shown() -> bool:
        return [item["id"] for item in await pool(tenant, room) or []] == [str(id_)]

    await until(shown)
    client: Redis = Redis.from_url(provisioned.redis_url)
    named = GenerationPointer.parse(await client.get(pointer(provisioned.namespace)))  # type: ignore[arg-type]
    assert named.live
    lost = [
        key
        async for key in client.scan_iter(
            match=f"{Keys(provisioned.namespace, named.live).of(tenant.id).room(room)}*"
        )
    ]
    assert await client.delete(*lost) == len(lost) > 0
    await asyncio.sleep(1.5)
    assert not await shown()
    await client.set(built_on(provisioned.namespace), "as the server was called before")
    await client.aclose()
    await until(shown)


async def test_the_desk_says_what_is_missing_and_answers_while_one_source_does(
    tenant: Tenant, said: StandIn, provisioned: Installation
) -> None:
    client: Redis = Redis.from_url(provisioned.redis_url)
    await client.set(lock(provisioned.namespace), "a test", ex=20)
    kept = await client.getdel(pointer(provisioned.namespace))
    try:
        said.on("GET /api/v1/vip", body={"items": [{"kind": "by_receipts"}], "next_cursor": None})
        status, desk, _ = await tenant.call("GET", "/api/v1/desk")
        assert status == 200 and desk["vip"]["by_receipts"] == 1
        assert {
            "mine",
            "overdue_steps",
            "about_to_reset",
            "pay",
            "pool_count",
            "ready_to_take_at",
        } <= set(desk["missing"])
        said.replies.clear()
        status, problem, _ = await tenant.call("GET", "/api/v1/desk")
        assert (status, problem["code"]) == (503, "unavailable")
    finally:
        await client.set(pointer(provisioned.namespace), kept or b"")
        await client.delete(lock(provisioned.namespace))
        await client.aclose()


@contextlib.asynccontextmanager
async def listening(
    tenant: Tenant, token: str, query: str = "", **headers: str
) -> AsyncIterator["Ears"]:
    timeout = aiohttp.ClientTimeout(total=None, sock_read=10)
    told = {"authorization": f"Bearer {token}", **headers}
    async with tenant.session.get(
        f"{tenant.url}/api/v1/stream{query}", headers=told, timeout=timeout
    ) as answer:
        assert answer.status == 200, await answer.text()
        yield Ears(answer)


class Ears:
    """Events as they come, heartbeats left out."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.beats = 0

    async def hear(self) -> dict[str, Any] | None:
        """The next event; None when the connection ended."""
        event: dict[str, Any] = {}
        while line := (await self._answer.content.readline()).decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "" and value:
                self.beats += 1
            elif name in ("id", "event", "data"):
                event[name] = value
            elif not line.strip() and "data" in event:
                event["data"] = orjson.loads(event["data"])
                return event
        return None


async def test_live_updates_reach_those_concerned_and_resume(tenant: Tenant, bus: Bus) -> None:
    mine, others = await a_room(bus, tenant), await a_room(bus, tenant)
    seller, token = await tenant.employee(room_ids=[str(mine)])
    first, second, third = uuid4(), uuid4(), uuid4()

    async def happen(id_: UUID, room: UUID) -> None:
        await bus.say(
            [activity_fact(tenant.id, id_, 1, activity_state(room, uuid4(), UUID(int=2)))]
        )

    async with listening(tenant, token) as ears:
        await asyncio.sleep(1.5)
        await happen(uuid4(), others)
        await bus.say([vip(tenant.id, uuid4(), 1, uuid4())])
        await happen(first, mine)
        heard = await ears.hear()
        while heard and heard["event"] == "room.changed":
            heard = await ears.hear()
        assert heard and heard["event"] == "activity.registered" and ears.beats >= 1
        assert heard["data"] == {
            "kind": "activity.registered",
            "id": str(first),
            "version": 1,
            "room_id": str(mine),
        }
    await happen(second, mine)
    await asyncio.sleep(1)
    async with listening(
        tenant, token, f"?room_id={mine}", **{"Last-Event-ID": heard["id"]}
    ) as ears:
        again = await ears.hear()
        assert again and again["data"]["id"] == str(second)
        await happen(third, mine)
        live = await ears.hear()
        assert live and live["data"]["id"] == str(third)
        await tenant.call("PATCH", f"/api/v1/employees/{seller}", json={"active": False})
        assert await asyncio.wait_for(ears.hear(), 10) is None


async def test_who_missed_too_much_is_told_to_read_anew(tenant: Tenant) -> None:
    async with listening(tenant, tenant.token, **{"Last-Event-ID": "1-1"}) as ears:
        heard = await ears.hear()
        assert heard and heard["event"] == "reset"


async def test_a_deactivation_heard_on_the_bus_shuts_the_door(tenant: Tenant, bus: Bus) -> None:
    seller, token = await tenant.employee()
    changed = EmployeeChanged(
        employee_id=EmployeeId(seller),
        roles=["seller"],
        room_ids=[],
        personnel_number=None,
        active=False,
    )
    await bus.say([said(tenant.id, changed, seller, 2)])

    async def out() -> bool:
        return (await tenant.call("GET", "/api/v1/nothing", token))[0] == 401

    await until(out)
