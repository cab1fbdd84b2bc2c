"""`make soak`: an hour at half load by command, or `--minutes 10`: nothing may grow but what is kept on purpose.

Half load is half of the rate that a short closed loop reaches at the start. Each minute: commands and reads served, memory of each
process, lag, facts that wait, dead rows. The verdict compares the last quarter with the second.
"""

import argparse
import asyncio
import time
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from statistics import mean, median

import orjson

from tests.load.commands import INTERACTION
from tests.load.generate import Outcome
from tests.load.stage import ROOT, Stage, stage
from tests.load.stock import Stocked, multiply, template
from tests.load.world import World, enter

RESULTS = ROOT / ".run" / "soak.json"
CONNECTIONS = 8
SLICE_SECONDS = 60.0
MOST_GROWTH = 1.10


@dataclass
class Minute:
    """What was seen at the end of a slice of the load."""

    second: float
    rate: float
    p99: float
    memory: dict[str, float]
    lag: int
    waiting: int
    dead: int
    vacuums: int


async def soak(made: Stage, minutes: int) -> list[Minute]:
    """Interactions and desks in turn, at half of what the machine can do."""
    await asyncio.to_thread(made.start)
    world = await enter(made)
    stocked = await multiply(world, await template(world, "taken"), 20_000)
    most = await asyncio.to_thread(_load, world, stocked[:2_000], 5.0, 0.0)
    half = most.rate / 2
    print(f"a closed loop reaches {most.rate:.0f}/s; half of it from now on", flush=True)
    began, seen = time.monotonic(), []
    for number in range(minutes):
        batch = [stocked[(number * 2_000 + offset) % len(stocked)] for offset in range(2_000)]
        outcome = await asyncio.to_thread(_load, world, batch, SLICE_SECONDS - 1, half)
        seen.append(await _look(made, time.monotonic() - began, outcome))
        print(_line(seen[-1]), flush=True)
    await made.settled()
    return seen


def _load(world: World, stocked: list[Stocked], seconds: float, rate: float) -> Outcome:
    requests = []
    for one in islice(cycle(stocked), int(rate * seconds * 0.6) if rate else len(stocked)):
        requests.append(world.request(one.seller, "POST", f"/activities/{one.id}/interactions", INTERACTION))
        requests.append(world.request(one.seller, "GET", "/desk"))
    return world.stage.load(world.address(), requests, CONNECTIONS, seconds, rate=rate)


async def _look(made: Stage, second: float, outcome: Outcome) -> Minute:
    dead = vacuums = waiting = 0
    for name in made.services:
        connection = await made.database(name)
        row = await connection.fetchrow("SELECT sum(n_dead_tup) AS dead, sum(autovacuum_count) AS vacuums FROM pg_stat_user_tables")
        await connection.close()
        dead, vacuums = dead + int(row["dead"] or 0), vacuums + int(row["vacuums"] or 0)
        waiting += await made.waiting(name)
    memory = {name: round(cost.memory, 1) for name, cost in made.costs().items()}
    return Minute(second, outcome.rate, outcome.p99, memory, made.lag(), waiting, dead, vacuums)


def _line(one: Minute) -> str:
    memory = " ".join(f"{name} {size:.0f}" for name, size in one.memory.items())
    counts = f"lag {one.lag}, waiting {one.waiting}, dead rows {one.dead}, vacuums {one.vacuums}"
    return f"{one.second:5.0f} s  {one.rate:4.0f}/s  p99 {one.p99:6.1f} ms  {counts}  MB: {memory}"


def grown(seen: list[Minute]) -> list[str]:
    """What the last quarter has more of than the second; empty where all is well. The first quarter warms caches."""
    quarter = max(1, len(seen) // 4)
    early, late = seen[quarter : 2 * quarter] or seen[:1], seen[-quarter:]
    wrong = [
        f"memory of {name}: {mean(one.memory[name] for one in early):.0f} to {mean(one.memory[name] for one in late):.0f} MB"
        for name in seen[0].memory
        if mean(one.memory[name] for one in late) > MOST_GROWTH * mean(one.memory[name] for one in early) + 2
    ]
    for what in ("lag", "waiting"):
        before, after = median(getattr(one, what) for one in early), median(getattr(one, what) for one in late)
        if after > before + 500:
            wrong.append(f"{what}: {before:.0f} to {after:.0f}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    asked = parser.parse_args()
    with stage() as made:
        seen = asyncio.run(soak(made, asked.minutes))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(orjson.dumps([asdict(one) for one in seen], option=orjson.OPT_INDENT_2))
    wrong = grown(seen)
    print("\n".join(["grown:", *wrong]) if wrong else "nothing grew")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
