"""Relays beside raw sending, consumers beside raw reading, without effects and with; one part of
one service at a time.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from deploy.environment import SERVICES
from shared.events import ACTIVITIES, MOTIVATION, PEOPLE, TOPICS, VIP
from shared.outbox.relay import LOCK_CLASS
from tests.load import raw
from tests.load.measuring import Figure
from tests.load.raw import Pace
from tests.load.stage import Stage
from tests.load.stock import Template, tell, template
from tests.load.world import World

CHAINS = 2_000
HOLDINGS = 10_000
SHARDS = 8
LOOK_SECONDS = 0.25
WORKING = {"SALES_PARTS": "consumers"}
READS = {
    "vip": (ACTIVITIES, PEOPLE),
    "motivation": (ACTIVITIES,),
    "gateway": (ACTIVITIES, VIP, MOTIVATION, PEOPLE),
    "activities": (VIP,),
}


@dataclass
class Paces:
    """The rates of one part, round by round."""

    own: list[Pace] = field(default_factory=list)
    bare: list[Pace] = field(default_factory=list)
    effects: list[Pace] = field(default_factory=list)


async def measure(world: World, runs: int) -> list[Figure]:
    """Each round says the facts of whole chains, from registration to win, of new activities, and
    lets each part have them in turn.
    """
    stage = world.stage
    chain, held = await template(world, "won"), await _held(world)
    await stage.settled()
    await asyncio.to_thread(stage.stop, SERVICES)
    await raw.create_topic(stage)
    paces_by_name: dict[str, Paces] = defaultdict(Paces)
    for _ in range(runs):
        await _round(world, chain, held, paces_by_name)
    await asyncio.to_thread(stage.start)
    relay = paces_by_name.pop("relay")
    figures = [_figure("relay, beside raw sending", relay.own, relay.bare, "0.5")]
    for name, paces in paces_by_name.items():
        figures.append(
            _figure(
                f"consumer of {name}, beside raw reading with effects",
                paces.own,
                paces.effects,
                "0.3",
            )
        )
        figures.append(_figure(f"consumer of {name}, beside raw reading", paces.own, paces.bare))
    return figures


async def _held(world: World) -> Template:
    """A VIP that a seller claimed: of a client whom no colleague works."""
    about = {"name": "ООО Закреплённая", "kind": "organization"}
    seller, client = world.sellers[0], (await world.call("POST", "/clients", about))["id"]
    wish = {"room_id": world.room_id, "company_id": world.company_id, "client_id": client}
    claimed = await world.call("POST", "/vip", wish, seller.public)
    return Template(UUID(claimed["id"]), client, seller.id)


async def _round(
    world: World, chain: Template, held: Template, paces_by_name: dict[str, Paces]
) -> None:
    stage = world.stage
    since = await raw.ends(
        stage.servers, [stage.installation.namespace + topic for topic in TOPICS]
    )
    await tell(world, chain, CHAINS)
    paces_by_name["relay"].own.append(_printed("relay", await _relayed(stage)))
    records, _ = await raw.read(stage, since)
    paces_by_name["relay"].bare.append(_printed("raw sending", await raw.send(stage, records)))
    await tell(world, held, HOLDINGS, "vip")
    await _relayed(stage, "vip")
    for name, topics in READS.items():
        mine = {each: offset for each, offset in since.items() if each.topic.endswith(topics)}
        records, bare = await raw.read(stage, mine)
        paces_by_name[name].bare.append(_printed(f"raw reading for {name}", bare))
        paces_by_name[name].effects.append(
            _printed("the same with effects", await raw.read_with_effects(stage, mine))
        )
        paces_by_name[name].own.append(
            _printed(f"consumer of {name}", await _consumed(stage, name, len(records)))
        )


def _printed(name: str, pace: Pace) -> Pace:
    """As it comes: a round takes minutes on a busy machine."""
    print(f"{name}: {pace.rate:,.0f} events/s; CPU s/1,000: {pace.spent()}", flush=True)
    return pace


def _figure(name: str, own: list[Pace], floors: list[Pace], aim: str = "") -> Figure:
    """By CPU: of all processes but Kafka, which serves both alike."""
    by_cpu = [floor.cpu / pace.cpu for pace, floor in zip(own, floors, strict=True)]
    note = f"CPU s/1,000: {own[-1].spent()}; floor: {floors[-1].spent()}"
    return Figure(
        name,
        "events/s",
        [pace.rate for pace in own],
        [floor.rate for floor in floors],
        by_cpu,
        aim,
        note,
    )


async def _relayed(stage: Stage, service: str = "activities") -> Pace:
    """From the first batch that was marked as published to the last; the relay is ready before it
    may begin.
    """
    connection = await stage.database(service)
    count = await stage.waiting(service)
    for shard in range(SHARDS):
        await connection.fetchval("SELECT pg_advisory_lock($1, $2)", LOCK_CLASS, shard)
    await asyncio.to_thread(stage.start, [service], SALES_PARTS="relay")
    began, spent = time.monotonic(), raw.Spent(stage, service)
    since = await connection.fetchval("SELECT clock_timestamp()")
    await connection.execute("SELECT pg_advisory_unlock_all()")
    while await stage.waiting(service):
        assert time.monotonic() < began + 120, "the relay stands still"
        await asyncio.sleep(LOOK_SECONDS)
    cpu = spent.per_thousand(count)
    rate = await connection.fetchval(_RATE, since)
    await connection.close()
    await asyncio.to_thread(stage.stop, [service])
    return Pace(float(rate or 0), cpu)


_RATE = """
    SELECT count(*) FILTER (WHERE published_at > first.at) / nullif(extract(epoch
        FROM max(published_at) - min(first.at)), 0)
    FROM outbox, (SELECT min(published_at) AS at FROM outbox WHERE published_at > $1) AS first
        WHERE published_at > $1
"""


async def _consumed(stage: Stage, name: str, expected: int) -> Pace:
    """From the first look that finds any to the last.

    The directory has everything that the events refer to.
    """
    if name != "activities":
        await asyncio.to_thread(stage.start, ["activities"], SALES_PARTS="api")
    await asyncio.to_thread(stage.start, [name], **WORKING)
    until, spent = time.monotonic() + 120, raw.Spent(stage, name)
    began = had = count = 0.0
    while count < expected:
        assert time.monotonic() < until, (
            f"{name} took in {count} of {expected}: {stage.services[name].tail(5)}"
        )
        count = await asyncio.to_thread(stage.metric, name, "consumed_events_total")
        if count and not began:
            began, had, spent = time.perf_counter(), count, raw.Spent(stage, name)
        await asyncio.sleep(LOOK_SECONDS if count < expected else 0)
    pace = Pace((count - had) / (time.perf_counter() - began), spent.per_thousand(count - had))
    await asyncio.sleep(1)
    await asyncio.to_thread(stage.stop, [name, "activities"])
    return pace
