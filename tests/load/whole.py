"""Takes while relays and consumers of all services work on the same two cores; what each process
costs by then.
"""

import asyncio

from tests.load.commands import SECONDS, Commands
from tests.load.floors import Floors
from tests.load.generate import Outcome
from tests.load.measuring import Figure, rates
from tests.load.processes import Cost
from tests.load.world import World

CONNECTIONS = 8


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """Takes at 8 connections with everything running; CPU seconds for 1,000 takes and all that
    follows, memory.
    """
    commands = Commands(world, floors)
    await commands.prepare(3_000 * runs)
    bare: list[Outcome] = []
    taken: list[Outcome] = []
    spent: list[dict[str, float]] = []
    for _ in range(runs):
        bare.append(await asyncio.to_thread(floors.take, CONNECTIONS, SECONDS))
        before = world.stage.costs()
        taken.append(await asyncio.to_thread(commands.take, CONNECTIONS))
        await world.stage.settled()
        await asyncio.sleep(1.5)
        spent.append(_spent(before, world.stage.costs(), taken[-1]))
    figures = [rates("take with relays and consumers at work, 8 connections", taken, bare, "0.3")]
    figures += [
        Figure(f"CPU per 1,000 takes: {name}", "s", [each[name] for each in spent])
        for name in spent[0]
    ]
    return figures + [
        Figure(f"memory: {name}", "MB", [cost.memory]) for name, cost in world.stage.costs().items()
    ]


def _spent(before: dict[str, Cost], after: dict[str, Cost], outcome: Outcome) -> dict[str, float]:
    """The warm-up's takes count as well: as many a second as later."""
    takes = outcome.rate * (outcome.seconds + 1.0)
    return {name: 1000 * (after[name].cpu - before[name].cpu) / takes for name in after}
