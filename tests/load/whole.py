"""Commands while relays and consumers of all services work on the same two cores; what each process
spends and each engine keeps for them by then.
"""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic

from deploy.environment import SERVICES
from tests.load import stored
from tests.load.commands import SECONDS, Commands
from tests.load.floors import Floors
from tests.load.generate import Outcome
from tests.load.measuring import Figure, rates
from tests.load.processes import Cost
from tests.load.world import World

CONNECTIONS = 8
PROCESSES = (*SERVICES, "postgres", "kafka", "redis")
AIM = "0.25"
IDLE_SECONDS = 8.0


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """At 8 connections with everything running: rates, CPU seconds for 1,000 commands and all that
    follows, less what is spent in as much time when nobody asks; bytes kept for one, memory.
    """
    commands = Commands(world, floors)
    await commands.prepare(3_000 * runs)
    kinds: dict[str, Callable[[int], Outcome]] = {
        "take": commands.take,
        "register": commands.register,
        "interact": commands.interact,
        "pay": commands.pay,
    }
    figures, sent = list[Figure](), 0
    idle = await _idle(world)
    before, published = await stored.read(world.stage), await stored.events(world.stage)
    for name, command in kinds.items():
        measured, count = await _of_command(world, floors, name, command, runs, idle)
        figures += measured
        sent += count
    after, events = await stored.read(world.stage), await stored.events(world.stage) - published
    return [
        *figures,
        Figure("events of all services for a command", "", [events / sent]),
        *(
            Figure(f"kept for a command: {place}", "bytes", [(after[place] - before[place]) / sent])
            for place in after
        ),
        *(
            Figure(f"memory: {name}", "MB", [cost.memory])
            for name, cost in world.stage.costs().items()
        ),
    ]


async def _of_command(
    world: World,
    floors: Floors,
    name: str,
    command: Callable[[int], Outcome],
    runs: int,
    idle: Mapping[str, float],
) -> tuple[list[Figure], int]:
    """Figures of one kind of command, and how many were sent."""
    await floors.refill(4_000 * runs)
    bare: list[Outcome] = []
    done: list[Outcome] = []
    spent: list[dict[str, float]] = []
    for _ in range(runs):
        bare.append(await asyncio.to_thread(floors.take, CONNECTIONS, SECONDS))
        before, begun = world.stage.costs(), monotonic()
        done.append(await asyncio.to_thread(command, CONNECTIONS))
        await world.stage.settled()
        await asyncio.sleep(1.5)
        whole = _spent(before, world.stage.costs())
        seconds = monotonic() - begun
        spent.append(
            {
                process: 1000 * (cpu - idle[process] * seconds) / done[-1].total
                for process, cpu in whole.items()
            }
        )
    title = f"{name} with relays and consumers at work, {CONNECTIONS} connections"
    figures = [
        rates(title, done, bare, AIM),
        Figure(f"CPU per 1,000 of {name}: all", "s", [sum(each.values()) for each in spent]),
        *(
            Figure(f"CPU per 1,000 of {name}: {process}", "s", [each[process] for each in spent])
            for process in spent[0]
        ),
    ]
    return figures, sum(each.total for each in done)


async def _idle(world: World) -> dict[str, float]:
    """CPU seconds a second, by process, while nobody asks."""
    await world.stage.settled()
    before = world.stage.costs()
    await asyncio.sleep(IDLE_SECONDS)
    spent = _spent(before, world.stage.costs())
    return {process: cpu / IDLE_SECONDS for process, cpu in spent.items()}


def _spent(before: Mapping[str, Cost], after: Mapping[str, Cost]) -> dict[str, float]:
    """CPU seconds by process of the product; the floors are at rest by then."""
    return {name: after[name].cpu - before[name].cpu for name in after if name in PROCESSES}
