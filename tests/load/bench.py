"""`python -m tests.load.bench [name…]`: every figure beside its floor, in one run; a table, and
`.run/bench.json`.

Names: reads, commands, whole, bulk, importing, statements, delays, bus, neighbours, growth,
reports, pages, live, paint, starting, tenants.
Without any, all of them.
"""

import argparse
import asyncio
import platform
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import orjson

from tests.load import (
    bulk,
    bus,
    commands,
    delays,
    floors,
    growth,
    importing,
    live,
    neighbours,
    pages,
    paint,
    reads,
    reports,
    starting,
    statements,
    tenants,
    whole,
)
from tests.load.measuring import HEAD, Figure, load_average
from tests.load.stage import ROOT, Stage, stage
from tests.load.world import World, enter

RESULTS = ROOT / ".run" / "bench.json"
API = {"SALES_PARTS": "api"}
Bench = Callable[["Theatre", int], Awaitable[list[Figure]]]


class Theatre:
    """One stage, one world, one set of floors for all benchmarks of a run."""

    def __init__(self, made: Stage, world: World, bare: floors.Floors) -> None:
        self.stage, self.world, self.floors = made, world, bare

    @classmethod
    async def open(cls, made: Stage) -> "Theatre":
        await asyncio.to_thread(made.start)
        return cls(made, await enter(made), await floors.build(made))


async def _commands(theatre: Theatre, runs: int) -> list[Figure]:
    """The command path alone: no relay, no consumers beside it on the same cores."""
    await theatre.stage.settled()
    await asyncio.to_thread(theatre.stage.restart, **API)
    try:
        return await commands.measure(theatre.world, theatre.floors, runs)
    finally:
        await theatre.stage.forget()
        await asyncio.to_thread(theatre.stage.restart)


async def _whole(theatre: Theatre, runs: int) -> list[Figure]:
    return await whole.measure(theatre.world, theatre.floors, runs)


async def _bulk(theatre: Theatre, runs: int) -> list[Figure]:
    return await bulk.measure(theatre.world, theatre.floors, runs)


async def _importing(theatre: Theatre, runs: int) -> list[Figure]:
    return await _with_own_jobs(theatre, runs, importing.measure)


async def _statements(theatre: Theatre, runs: int) -> list[Figure]:
    return await _with_own_jobs(theatre, runs, statements.measure)


async def _with_own_jobs(
    theatre: Theatre, runs: int, measure: Callable[[World, int], Awaitable[list[Figure]]]
) -> list[Figure]:
    """Jobs are run by the benchmark, so no service may."""
    await theatre.stage.settled()
    await asyncio.to_thread(theatre.stage.restart, **API)
    try:
        return await measure(theatre.world, runs)
    finally:
        await theatre.stage.forget()
        await asyncio.to_thread(theatre.stage.restart)


async def _reads(theatre: Theatre, runs: int) -> list[Figure]:
    return await reads.measure(theatre.world, theatre.floors, runs)


async def _bus(theatre: Theatre, runs: int) -> list[Figure]:
    return await bus.measure(theatre.world, runs)


async def _delays(theatre: Theatre, runs: int) -> list[Figure]:
    return await delays.measure(theatre.world)


async def _neighbours(theatre: Theatre, runs: int) -> list[Figure]:
    return await neighbours.measure(theatre.stage, runs)


async def _growth(theatre: Theatre, runs: int) -> list[Figure]:
    return await growth.measure(theatre.stage)


async def _reports(theatre: Theatre, runs: int) -> list[Figure]:
    return await reports.measure(theatre.stage, runs)


async def _pages(theatre: Theatre, runs: int) -> list[Figure]:
    return await pages.measure(theatre.world, theatre.floors, runs)


async def _live(theatre: Theatre, runs: int) -> list[Figure]:
    return await live.measure(theatre.world, theatre.floors, runs)


async def _paint(theatre: Theatre, runs: int) -> list[Figure]:
    return await paint.measure(theatre.world, theatre.floors, runs)


async def _starting(theatre: Theatre, runs: int) -> list[Figure]:
    return await asyncio.to_thread(starting.measure)


async def _tenants(theatre: Theatre, runs: int) -> list[Figure]:
    return await tenants.measure(theatre.stage, runs)


BENCHES: dict[str, Bench] = {
    "reads": _reads,
    "commands": _commands,
    "whole": _whole,
    "bulk": _bulk,
    "importing": _importing,
    "statements": _statements,
    "delays": _delays,
    "bus": _bus,
    "neighbours": _neighbours,
    "growth": _growth,
    "reports": _reports,
    "pages": _pages,
    "live": _live,
    "paint": _paint,
    "starting": _starting,
    "tenants": _tenants,
}


async def run(made: Stage, names: Sequence[str], runs: int) -> bool:
    """Prints and writes the figures of the named benchmarks as they come; whether all of them could
    be measured.
    """
    theatre = await Theatre.open(made)
    figures, complete = list[Figure](), True
    for name in names:
        began = time.monotonic()
        try:
            measured = await BENCHES[name](theatre, runs)
        except Exception as failed:
            print(f"\n### {name} failed: {type(failed).__name__}: {str(failed)[:500]}", flush=True)
            print(
                "\n".join(
                    f"{each}: {service.tail(3)[:2000]}"
                    for each, service in theatre.stage.services.items()
                ),
                flush=True,
            )
            complete = False
            continue
        print(
            f"\n### {name}: {time.monotonic() - began:.0f} s, load average"
            f" {load_average()}\n\n{HEAD}",
            flush=True,
        )
        print("\n".join(figure.line() for figure in measured), flush=True)
        figures += measured
        write(figures)
    await theatre.floors.drop()
    return complete


def write(figures: Sequence[Figure], path: Path = RESULTS) -> None:
    path.parent.mkdir(exist_ok=True)
    about = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "load": load_average(),
    }
    path.write_bytes(
        orjson.dumps(
            {**about, "figures": [figure.as_json() for figure in figures]},
            option=orjson.OPT_INDENT_2,
        )
    )


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for: every benchmark where it names none."""
    parser = argparse.ArgumentParser(description=__doc__)
    # argparse holds an empty list, too, against the choices.
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], default=[])
    parser.add_argument("--runs", type=int, default=3)
    parsed = parser.parse_args(given)
    parsed.names = parsed.names or list(BENCHES)
    return parsed


def main() -> None:
    chosen = arguments()
    with stage() as made:
        complete = asyncio.run(run(made, chosen.names, chosen.runs))
    raise SystemExit(0 if complete else 1)


if __name__ == "__main__":
    main()
