"""Relays beside raw sending, consumers with their effects beside raw reading; one part of one service at a time."""

import asyncio
import time
from collections import defaultdict

from deploy.environment import SERVICES
from shared.events import ACTIVITIES, MOTIVATION, PEOPLE, VIP
from tests.load import raw
from tests.load.measuring import Figure
from tests.load.stage import Stage
from tests.load.stock import Template, tell, template
from tests.load.world import World

CHAINS = 2_500
READS = {
    "vip": (ACTIVITIES, PEOPLE),
    "motivation": (ACTIVITIES, VIP),
    "gateway": (ACTIVITIES, VIP, MOTIVATION, PEOPLE),
    "activities": (VIP,),
}


async def measure(world: World, runs: int) -> list[Figure]:
    """Each round says the facts of whole chains, from registration to win, of new activities, and lets each part have them in turn."""
    stage = world.stage
    chain = await template(world, "won")
    await stage.settled()
    await asyncio.to_thread(stage.stop, SERVICES)
    await raw.create_topic(stage)
    values: dict[str, list[float]] = defaultdict(list)
    floors: dict[str, list[float]] = defaultdict(list)
    for _ in range(runs):
        await _round(world, chain, values, floors)
    await asyncio.to_thread(stage.start)
    aims = {"relay": "0.5"}
    return [
        Figure(
            name if name == "relay" else f"consumer of {name}, with its effects", "facts/s", found, floors[name], [], aims.get(name, "0.3")
        )
        for name, found in values.items()
    ]


async def _round(world: World, chain: Template, values: dict[str, list[float]], floors: dict[str, list[float]]) -> None:
    stage = world.stage
    since = await raw.ends(stage.servers, [stage.installation.namespace + topic for topic in (ACTIVITIES, PEOPLE)])
    said = await tell(world, chain, CHAINS)
    values["relay"].append(await _relayed(stage))
    records, _ = await raw.read(stage.servers, since)
    floors["relay"].append(await raw.send(stage, records))
    for name, topics in READS.items():
        _, reading = await raw.read(stage.servers, {each: offset for each, offset in since.items() if each.topic.endswith(topics)})
        floors[name].append(reading)
        values[name].append(await _consumed(stage, name, sum(count for topic, count in said.items() if topic in topics)))


async def _relayed(stage: Stage) -> float:
    """Facts a second, from the first batch that was marked as published to the last."""
    await asyncio.to_thread(stage.start, ["activities"], SALES_PARTS="relay")
    began = time.monotonic()
    while await stage.waiting("activities"):
        assert time.monotonic() < began + 300, "the relay stands still"
        await asyncio.sleep(0.2)
    connection = await stage.database("activities")
    rate = await connection.fetchval(_RATE)
    await connection.close()
    await asyncio.to_thread(stage.stop, ["activities"])
    return float(rate)


_RATE = """
    WITH sent AS (SELECT published_at FROM outbox WHERE published_at > clock_timestamp() - interval '5 minutes'
        AND created_at >= (SELECT max(created_at) - interval '1 minute' FROM outbox)),
    first AS (SELECT min(published_at) AS at FROM sent)
    SELECT count(*) FILTER (WHERE published_at > first.at) / extract(epoch FROM max(published_at) - min(first.at)) FROM sent, first
"""


async def _consumed(stage: Stage, name: str, expected: int) -> float:
    """Facts a second, from the first look that finds any to the last. What the facts ask the directory is there to answer."""
    await asyncio.to_thread(stage.start, ["activities"], SALES_PARTS="api")
    await asyncio.to_thread(stage.start, [name], SALES_PARTS="consumers")
    seen: list[tuple[float, float]] = []
    until = time.monotonic() + 300
    while not seen or seen[-1][1] < expected:
        assert time.monotonic() < until, f"{name} took in {seen[-1:]} of {expected}: {stage.services[name].tail(5)}"
        count = await asyncio.to_thread(stage.metric, name, "consumed_facts_total")
        if count and (not seen or count > seen[-1][1]):
            seen.append((time.perf_counter(), count))
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    await asyncio.to_thread(stage.stop, [name, "activities"])
    (first, had), (last, got) = seen[0], seen[-1]
    return (got - had) / (last - first)
