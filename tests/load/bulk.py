"""One command on 10,000 activities: how many a second its job changes, beside the one-hop floor of
single commands.
"""

import asyncio
import time
from typing import Any

from tests.load.floors import Floors
from tests.load.measuring import Figure
from tests.load.stock import multiply, template
from tests.load.world import World

COUNT = 10_000
CONNECTIONS = 8
FLOOR_SECONDS = 2.0
LOOK_SECONDS = 0.05


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """From the command's answer until its job has succeeded; each run in a room of its own."""
    free = await template(world, "free")
    rates, bare = [], []
    for number in range(runs):
        await floors.refill(4_000)
        room_id = await _new_room(world, number)
        await multiply(world, free, COUNT, [room_id])
        floor = await asyncio.to_thread(floors.take, CONNECTIONS, FLOOR_SECONDS)
        bare.append(floor.rate)
        rates.append(COUNT / await _lose_all(world, room_id))
    name = f"bulk: lose {COUNT:,} activities"
    return [Figure(name, "activities/s", rates, bare, note="floor: takes, one hop")]


async def _new_room(world: World, number: int) -> str:
    body = {"name": f"Много сразу {number}", "company_ids": [world.company_id]}
    room: dict[str, Any] = await world.call("POST", "/rooms", body)
    return str(room["id"])


async def _lose_all(world: World, room_id: str) -> float:
    """Seconds until the job was through."""
    body = {"action": "lose", "filter": {"room_id": room_id}, "reason": "Проверка"}
    began = time.monotonic()
    job = await world.call("POST", "/activities/bulk", body)
    while job["finished_at"] is None:
        await asyncio.sleep(LOOK_SECONDS)
        job = await world.call("GET", f"/jobs/{job['id']}")
    assert (job["state"], job["done"], job["refused"]) == ("succeeded", COUNT, 0), job
    return time.monotonic() - began
