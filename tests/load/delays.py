"""What quiet costs, and how soon others see what somebody did: a win as pay, a take as one activity
less in another seller's pool.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from tests.load.http import Connection
from tests.load.measuring import Figure
from tests.load.stock import Stocked, multiply, template
from tests.load.world import World

PER_MINUTE = 100
COUNT = 200
WARM_UP = 5
LOOK_SECONDS = 0.004
QUIET_SECONDS = 15
PAYMENT = {"amount": {"amount": "1500.00", "currency": "RUB"}}

Seen = Callable[[Connection, Stocked], Awaitable[bool]]


async def measure(world: World) -> list[Figure]:
    """At 100 wins, and then 100 takes, a minute; from the moment that the command was answered,
    looking every 4 ms.
    """
    await world.stage.settled()
    quiet = await _quiet(world)
    period = time.strftime("%Y-%m", time.gmtime(time.time() + 3 * 3600))
    invoiced = await multiply(world, await template(world, "invoiced"), WARM_UP + COUNT)
    free = await multiply(world, await template(world, "free"), WARM_UP + COUNT)

    async def paid(connection: Connection, one: Stocked) -> bool:
        path = f"/motivation/statement?employee_id={one.seller.id}&period={period}"
        return one.id.encode() in (await connection.ask(world.request(one.seller, "GET", path)))[1]

    async def gone(connection: Connection, one: Stocked) -> bool:
        other = world.sellers[world.sellers.index(one.seller) - 1]
        path = f"/pool?room_id={world.room_id}&limit=200"
        return one.id.encode() not in (await connection.ask(world.request(other, "GET", path)))[1]

    wins = await _each(world, invoiced, "payments", PAYMENT, paid)
    takes = await _each(world, free, "take", None, gone)
    return [
        *quiet,
        *_figures("win to accrual visible", wins, "p99 < 100"),
        *_figures("take to seen in another seller's pool", takes, ""),
    ]


async def _quiet(world: World) -> list[Figure]:
    """CPU of each process while nobody does anything."""
    before = world.stage.costs()
    await asyncio.sleep(QUIET_SECONDS)
    after = world.stage.costs()
    spent = {
        name: 100 * (cost.cpu - before[name].cpu) / QUIET_SECONDS for name, cost in after.items()
    }
    return [Figure(f"idle: {name}", "% of a core", [share]) for name, share in spent.items()]


def _figures(name: str, delays: list[float], aim: str) -> list[Figure]:
    ordered = sorted(1000 * each for each in delays)
    note = (
        f"{len(ordered)} at {PER_MINUTE} a minute; least {ordered[0]:.1f}, most"
        f" {ordered[-1]:.1f} ms"
    )
    return [
        Figure(f"{name}, p50", "ms", [ordered[len(ordered) // 2]], note=note),
        Figure(
            f"{name}, p99",
            "ms",
            [ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]],
            aim=aim,
        ),
    ]


async def _each(
    world: World, stocked: list[Stocked], what: str, body: object, seen: Seen
) -> list[float]:
    at = urlsplit(world.address())
    assert at.hostname and at.port
    doing, looking = (
        await Connection.to(at.hostname, at.port),
        await Connection.to(at.hostname, at.port),
    )
    delays = []
    for one in stocked:
        began = time.perf_counter()
        status, answer = await doing.ask(
            world.request(one.seller, "POST", f"/activities/{one.id}/{what}", body)
        )
        assert status < 300, answer[:300]
        done = time.perf_counter()
        while not await seen(looking, one):
            assert time.perf_counter() < done + 30, f"{what} of {one.id} is not seen after 30 s"
            await asyncio.sleep(LOOK_SECONDS)
        delays.append(time.perf_counter() - done)
        await asyncio.sleep(max(0.0, 60 / PER_MINUTE - (time.perf_counter() - began)))
    doing.close()
    looking.close()
    return delays[WARM_UP:]
