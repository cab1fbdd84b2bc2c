"""Whether cost follows what is due and what is shown, not what exists: a tenant of 10,000 and one
of 1,000,000 activities.

Each has its own databases and services on the same servers; runs of the two take turns, so that a
machine that drifts drifts under both. Blocks that a list touches are counted, too: they do not
depend on what else the machine does.
"""

import asyncio
import os
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from services.activities.metrics import ActivityMetrics
from services.activities.queries.listing import Filters
from services.activities.timers import reset_overdue
from shared.db import Database
from shared.service_context import ServiceContext
from tests.load.grown import API, LOOKING, Grown, grow
from tests.load.measuring import Figure
from tests.load.plans import blocks
from tests.load.stage import Stage
from tests.load.stock import multiply
from tests.load.world import Seller
from tests.support.servers import provisioned

SMALL, LARGE = 10_000, int(os.environ.get("SALES_BENCH_GROWTH", "1000000"))
DUE = 100
CONNECTIONS, SECONDS, WARM_UP = 4, 1.5, 0.3
RUNS = 3
TAKES = 500
RARE, COMMON = quote("№ 100,"), quote("Фирма")
NAMED = {
    "list by a rare name, all rooms": f"/activities?q={RARE}",
    "list by a name of all, all rooms": f"/activities?q={COMMON}",
    "clients by a rare name": f"/clients?q={RARE}",
    "clients by a name of all": f"/clients?q={COMMON}",
}
"""One client has the rare words in its name and six activities, at every size; all have the common
word.
"""
EXAMINED = {
    "newest created of a room": "sort=created",
    "late ones of a room": "overdue=true",
    "without a next step, a room": "without_next_step=true",
    "of large clients, a room": "large=true",
    "stale ones of a room": "status=in_work&progress_before=2026-01-01T00:00:00Z",
}
"""Filters for which rows are examined; of a room."""
FALLBACKS = "sales_gateway_read_fallbacks_total{"
Run = Callable[[], Awaitable[float]]


async def measure(stage: Stage) -> list[Figure]:
    """p99 of pool, lists, desk and take, blocks of lists, and a sweep with 100 due, at each
    size.
    """
    async with _beside(stage) as other:
        await asyncio.to_thread(other.start)
        small, large = await grow(other, SMALL), await grow(stage, LARGE)
        counted = [await blocks(each, _asked(each)) for each in (small, large)]
        for each in (stage, other):
            await asyncio.to_thread(each.restart, **API)
        figures = []
        for name, pair in _pairs(_runs(small), _runs(large)):
            before = [_fallbacks(each) for each in (other, stage)]
            figure = _figure(name, *(await _in_turn(*pair)))
            after = [_fallbacks(each) for each in (other, stage)]
            if after != before:
                figure.note = f"reads without the read model: {after[0] - before[0]:.0f} of the"
                figure.note += f" small, {after[1] - before[1]:.0f} of the large"
            figures.append(figure)
        swept = await _in_turn(partial(_sweep, small), partial(_sweep, large))
        await stage.forget()
        await asyncio.to_thread(stage.restart)
    read = [
        Figure(f"{name}, blocks", "", [counted[1][name]], [few], aim="a tree's height")
        for name, few in counted[0].items()
    ]
    return [
        *figures,
        Figure(f"sweep with {DUE} due", "ms", swept[1], swept[0], aim="ratio < 1.2"),
        *read,
    ]


@asynccontextmanager
async def _beside(stage: Stage) -> AsyncIterator[Stage]:
    """Another set-up on the same servers. Making and removing one have event loops of their own."""
    made = provisioned(stage.servers)
    installation = await asyncio.to_thread(made.__enter__)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            closing(Stage(stage.servers, installation, Path(folder))) as other,
        ):
            yield other
    finally:
        await asyncio.to_thread(made.__exit__, None, None, None)


def _pairs(small: Mapping[str, Run], large: Mapping[str, Run]) -> list[tuple[str, tuple[Run, Run]]]:
    return [(name, (run, large[name])) for name, run in small.items()]


async def _in_turn(small: Run, large: Run) -> tuple[list[float], list[float]]:
    """A first round does not count: connections plan their statements, and caches fill."""
    pairs = [(await small(), await large()) for _ in range(RUNS + 1)][1:]
    return [few for few, _ in pairs], [many for _, many in pairs]


def _asked(of: Grown) -> dict[str, tuple[Filters, Sequence[UUID] | None]]:
    """Every list that a screen asks for: filters, and the rooms that its caller sees, None for
    all.
    """
    one, several = [UUID(of.world.room_id)], [UUID(each) for each in of.rooms]
    seller, client = UUID(of.world.sellers[3].id), UUID(of.world.clients[3])
    return {
        "list of a room": (Filters(room_id=one[0]), one),
        "list of four rooms": (Filters(), several),
        "list of a quiet room": (Filters(room_id=UUID(of.quiet)), [UUID(of.quiet)]),
        "list of all rooms": (Filters(), None),
        "status won, four rooms": (Filters(status="won"), several),
        "status won, all rooms": (Filters(status="won"), None),
        "status lost (few, long ago), a room": (Filters(room_id=one[0], status="lost"), one),
        "status lost (few, long ago), all rooms": (Filters(status="lost"), None),
        "stage invoiced, four rooms": (Filters(stage="invoiced"), several),
        "stage shipped (none), all rooms": (Filters(stage="shipped"), None),
        "a seller's": (Filters(responsible_id=seller), one),
        "a seller's in work": (Filters(responsible_id=seller, status="in_work"), one),
        "a client's, all rooms": (Filters(client_id=client), None),
    }


def _path(filters: Filters) -> str:
    return "/activities?" + "&".join(
        f"{name}={value}" for name, value in (filters.set_values() | {"limit": 50}).items()
    )


def _runs(of: Grown) -> Mapping[str, Run]:
    world = of.world
    seers = {1: world.sellers[:LOOKING], 4: [of.of_several], None: [of.admin]}
    paths = {
        "pool": (f"/pool?room_id={world.room_id}&limit=50", seers[1]),
        "desk": ("/desk", seers[1]),
    }
    paths |= {name: (f"{path}&limit=50", seers[None]) for name, path in NAMED.items()}
    of_a_room = f"/activities?room_id={world.room_id}&limit=50"
    paths |= {name: (f"{of_a_room}&{asked}", seers[1]) for name, asked in EXAMINED.items()}
    for name, (filters, rooms) in _asked(of).items():
        quiet = filters.room_id == UUID(of.quiet)
        paths[name] = (
            _path(filters),
            [of.of_several] if quiet else seers[len(rooms) if rooms is not None else None],
        )
    return {name: partial(_read, of, path, seers) for name, (path, seers) in paths.items()} | {
        "take": partial(_take, of)
    }


async def _read(of: Grown, path: str, seers: Sequence[Seller]) -> float:
    requests = [of.world.request(seer, "GET", path) for seer in seers]
    outcome = await asyncio.to_thread(
        of.world.stage.load,
        of.world.address(),
        requests,
        CONNECTIONS,
        SECONDS,
        again=True,
        warm_up=WARM_UP,
    )
    return outcome.p99


async def _take(of: Grown) -> float:
    chosen = [of.free.pop() for _ in range(TAKES)]
    requests = [
        of.world.request(each.seller, "POST", f"/activities/{each.id}/take") for each in chosen
    ]
    outcome = await asyncio.to_thread(
        of.world.stage.load, of.world.address(), requests, CONNECTIONS, 60.0, warm_up=WARM_UP
    )
    return outcome.p99


async def _sweep(of: Grown) -> float:
    """Milliseconds for a sweep that finds 100 due, by the service's own timer."""
    made = await multiply(of.world, of.taken, DUE)
    moment = datetime.now(UTC)
    connection = await of.world.stage.database("activities")
    ids = [UUID(each.id) for each in made]
    await connection.execute(
        "UPDATE activity SET progress_at = progress_at - (reset_due_at - $1), reset_due_at = $1"
        " WHERE tenant_id = $2 AND id = ANY($3::uuid[])",
        moment + timedelta(days=1),
        UUID(of.world.tenant_id),
        ids,
    )
    await connection.close()
    installation = of.world.stage.installation
    database = await Database(installation.database_url("activities", "app"), 2).open()
    worker = await Database(installation.database_url("activities", "worker"), 2).open()
    # The service's own sweeper sees nothing due yet: we ask about the day after tomorrow.
    began = time.perf_counter()
    swept = await reset_overdue(
        ServiceContext(None, ActivityMetrics(), database, worker), moment + timedelta(days=2)
    )
    spent = 1000 * (time.perf_counter() - began)
    await database.close()
    await worker.close()
    assert swept == DUE, swept
    return spent


def _fallbacks(stage: Stage) -> float:
    """How many reads the gateway has answered from the owners, for want of its read model."""
    address = stage.installation.internal_url("gateway")
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(FALLBACKS))


def _figure(name: str, small: list[float], large: list[float]) -> Figure:
    return Figure(f"{name}, p99", "ms", large, small, aim="ratio < 1.2")
