"""`make soak`: an hour at half load by command, or `--minutes 10`: nothing may grow but what is
kept on purpose.

Half load is half of the rate that a short closed loop reaches at the start. Each slice: commands
and reads served, own memory of each process, lag, events that wait, dead rows. The verdict
(`tests/load/verdict.py`) compares the last quarter with the second.
"""

import argparse
import asyncio
import time
from dataclasses import asdict
from itertools import cycle, islice

import orjson

from tests.load.commands import INTERACTION
from tests.load.generate import Outcome
from tests.load.measuring import load_average
from tests.load.stage import ROOT, Stage, stage
from tests.load.stock import Stocked, multiply, template
from tests.load.verdict import Slice, table, wrong
from tests.load.world import World, enter

RESULTS = ROOT / ".run" / "soak.json"
CONNECTIONS = 8
STOCK = 1_000
"""Activities in work; each is on its seller's desk before anything counts, or desks would grow as
they are met.
"""
SLICES, SLICE_SECONDS = 8, 60.0
NOT_TAKEN_BACK = """
    SELECT coalesce(sum(n_dead_tup), 0) AS dead, coalesce(sum(autovacuum_count), 0) AS vacuums
        FROM pg_stat_user_tables
"""


async def soak(made: Stage, minutes: float) -> tuple[list[Slice], int]:
    """Interactions and desks in turn, at half of what the machine can do; and the dead rows that a
    VACUUM at the end left behind.
    """
    await asyncio.to_thread(made.start)
    world = await enter(made)
    stocked = await multiply(world, await template(world, "taken"), STOCK)
    most = await asyncio.to_thread(_load, world, stocked, 120.0, 0.0)
    await made.settled()
    half = most.rate / 2
    print(
        f"a closed loop reaches {most.rate:.0f}/s; half of it from now on; load average"
        f" {load_average()}",
        flush=True,
    )
    seconds = min(SLICE_SECONDS, 60 * minutes / SLICES)
    began, seen = time.monotonic(), list[Slice]()
    while time.monotonic() < began + 60 * minutes - seconds / 2:
        outcome = await asyncio.to_thread(_load, world, stocked, seconds - 1, half)
        seen.append(await _look(made, time.monotonic() - began, outcome))
        print(seen[-1].line(), flush=True)
    await made.settled()
    return seen, await _left_by_vacuum(made)


def _load(world: World, stocked: list[Stocked], seconds: float, rate: float) -> Outcome:
    requests = []
    for one in islice(cycle(stocked), int(rate * (seconds + 1) * 0.6) if rate else len(stocked)):
        requests.append(
            world.request(one.seller, "POST", f"/activities/{one.id}/interactions", INTERACTION)
        )
        requests.append(world.request(one.seller, "GET", "/desk"))
    return world.stage.load(world.address(), requests, CONNECTIONS, seconds, rate=rate)


async def _look(made: Stage, second: float, outcome: Outcome) -> Slice:
    dead = vacuums = waiting = 0
    for name in made.services:
        row = await _counted(made, name)
        dead, vacuums = dead + row[0], vacuums + row[1]
        waiting += await made.waiting(name)
    memory = {name: round(cost.own, 1) for name, cost in made.costs().items()}
    return Slice(second, outcome.rate, outcome.p99, memory, made.lag(), waiting, dead, vacuums)


async def _counted(made: Stage, service: str, first: str = "SELECT 1") -> tuple[int, int]:
    connection = await made.database(service)
    try:
        await connection.execute(first)
        row = await connection.fetchrow(NOT_TAKEN_BACK)
        return int(row["dead"]), int(row["vacuums"])
    finally:
        await connection.close()


async def _left_by_vacuum(made: Stage) -> int:
    """What something still holds on to, such as a transaction that nobody ended."""
    return sum([(await _counted(made, name, "VACUUM"))[0] for name in made.services])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    with stage() as made:
        seen, left = asyncio.run(soak(made, arguments.minutes))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(orjson.dumps([asdict(one) for one in seen], option=orjson.OPT_INDENT_2))
    print(table(seen, left))
    grown = wrong(seen, left)
    print("\n".join(["grown:", *grown]) if grown else "nothing grew")
    raise SystemExit(1 if grown else 0)


if __name__ == "__main__":
    main()
