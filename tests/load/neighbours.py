"""What a tenant at twenty times its share does to the others: their p99 beside it, and beside the
same tenant while it keeps to its share.
"""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

import orjson

from tests.load.commands import INTERACTION
from tests.load.generate import Outcome, Plan
from tests.load.measuring import Figure
from tests.load.stage import ROOT, Stage
from tests.load.world import World, enter

SHARE = 100.0
"""Units of fair use a second, for one tenant (`services/gateway/edge/costs.py`)."""
NEIGHBOURS = 3
OVERUSE = 20
SECONDS = 20.0
WARM_UP = 5.0
"""Longer than the burst that a tenant may spend at once."""
_BURST_SECONDS = 2.0
# Three reads and a command.
_ROUND_UNITS, _ROUND_REQUESTS = 3 * 1.0 + 8.0, 4
_COMMAND_UNITS = 8.0


async def measure(made: Stage, runs: int) -> list[Figure]:
    """The neighbours at four fifths of their share; the other tenant as they, then at `OVERUSE`."""
    worlds = [await enter(made) for _ in range(NEIGHBOURS + 1)]
    limits = {
        "SALES_TENANT_UNITS_PER_SECOND": str(SHARE),
        "SALES_BURST_SECONDS": str(_BURST_SECONDS),
    }
    greedy, *modest = [(world, await _furnish(world)) for world in worlds]
    quiet = [request for neighbour in modest for request in _round(*neighbour)]
    loud = _commands(*greedy)
    await asyncio.to_thread(made.restart, **limits)
    try:
        return [await asyncio.to_thread(_compare, made, quiet, loud, max(2, runs))]
    finally:
        await asyncio.to_thread(made.restart)


def _compare(made: Stage, quiet: Sequence[bytes], loud: Sequence[bytes], runs: int) -> Figure:
    rate = 0.8 * NEIGHBOURS * SHARE / _ROUND_UNITS * _ROUND_REQUESTS
    figure = Figure(
        "p99 beside a tenant at 20 times its share", "ms", [], [], aim="below 1.2 times"
    )
    for _ in range(runs):
        process = _start(made, loud, 0.8 * SHARE / _COMMAND_UNITS)
        figure.floors.append(_neighbours(made, quiet, rate).p99)
        assert not (refused := _finish(process).refused), refused
        process = _start(made, loud, OVERUSE * SHARE / _COMMAND_UNITS)
        figure.values.append(_neighbours(made, quiet, rate).p99)
        outcome = _finish(process)
        passed = outcome.statuses.get("200", 0) / outcome.seconds * _COMMAND_UNITS
        figure.note = f"it got {passed / SHARE:.1f} of its share, {outcome.rate:.0f} requests/s"
    return figure


def _neighbours(made: Stage, requests: Sequence[bytes], rate: float) -> Outcome:
    """Raises `AssertionError` where one of them was refused."""
    url = made.installation.url("gateway")
    return made.load(url, list(requests), 24, SECONDS, again=True, rate=rate, warm_up=WARM_UP)


def _start(made: Stage, requests: Sequence[bytes], rate: float) -> subprocess.Popen[bytes]:
    """The other tenant, beside the neighbours: refused, it goes on."""
    at = urlsplit(made.installation.url("gateway"))
    assert at.hostname and at.port
    texts = [request.decode("latin-1") for request in requests]
    plan = Plan(at.hostname, at.port, 32, texts, SECONDS, WARM_UP, again=True, rate=rate)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.generate"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(orjson.dumps(asdict(plan)))
    process.stdin.close()
    return process


def _finish(process: subprocess.Popen[bytes]) -> Outcome:
    assert process.stdout
    outcome = Outcome(**orjson.loads(process.stdout.read()))
    process.wait()
    return outcome


async def _furnish(world: World) -> list[str]:
    """Activities in the hands of the tenant's first sellers, one each."""
    return [
        (
            await world.call(
                "POST", "/activities", world.order(number, take=True), world.sellers[number].public
            )
        )["id"]
        for number in range(16)
    ]


def _round(world: World, activities: Sequence[str]) -> list[bytes]:
    """A seller's reads and one command, for each activity."""
    reads = ("/desk", f"/pool?room_id={world.room_id}&limit=50", "/desk")
    return [
        request
        for number in range(len(activities))
        for request in (
            *(world.request(world.sellers[number], "GET", path) for path in reads),
            _interaction(world, number, activities),
        )
    ]


def _commands(world: World, activities: Sequence[str]) -> list[bytes]:
    return [_interaction(world, number, activities) for number in range(len(activities))]


def _interaction(world: World, number: int, activities: Sequence[str]) -> bytes:
    path = f"/activities/{activities[number]}/interactions"
    return world.request(world.sellers[number], "POST", path, INTERACTION, key=False)
