"""Desk, pool and one activity through the gateway, beside one Redis GET of as many bytes through
FastAPI.
"""

import asyncio

from tests.load.floors import Floors
from tests.load.generate import Outcome
from tests.load.http import Connection
from tests.load.measuring import Figure, beside, rates
from tests.load.world import World

SECONDS = 2.0


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """At 8 connections; 64 free activities in the pool, 8 in the seller's hands."""
    one = await _furnish(world)
    paths = {
        "desk": "/desk",
        "pool of 50": f"/pool?room_id={world.room_id}&limit=50",
        "one activity": f"/activities/{one}",
    }
    figures = []
    for name, path in paths.items():
        await floors.keep(name.replace(" ", "-"), await _answer(world, path))
        requests = [world.request(seller, "GET", path) for seller in world.sellers[:8]]

        def run(requests: list[bytes] = requests) -> Outcome:
            return world.stage.load(world.address(), requests, 8, SECONDS, again=True)

        def floor(name: str = name) -> Outcome:
            return floors.read(name.replace(" ", "-"), 8, SECONDS)

        bare, outcomes = await asyncio.to_thread(beside, floor, {name: run}, runs)
        figures.append(rates(f"{name}, 8 connections", outcomes[name], bare, "1.0"))
        figures += [
            Figure(
                f"CPU per 1,000 of {name}: {process}",
                "s",
                [each.cpu[process] for each in outcomes[name]],
            )
            for process in ("gateway", "activities", "postgres", "redis")
        ]
    return figures


async def _furnish(world: World) -> str:
    seller, one = world.sellers[0], ""
    for number in range(64):
        await world.call("POST", "/activities", world.order(number), seller.public)
    for number in range(8):
        one = (
            await world.call("POST", "/activities", world.order(number, take=True), seller.public)
        )["id"]
    return one


async def _answer(world: World, path: str) -> bytes:
    """What the product says, to give the floor as much to say."""
    port = world.stage.installation.ports["gateway"]
    connection = await Connection.to("127.0.0.1", port)
    status, body = await connection.ask(world.request(world.sellers[0], "GET", path))
    connection.close()
    assert status == 200, body[:300]
    return body
