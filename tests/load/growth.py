"""Whether cost follows what is due and what is shown, not what exists: 10,000 and 1,000,000 activities of one room."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from services.activities.metrics import ActivityMetrics
from services.activities.timers import sweep
from shared.db import Database
from tests.load.generate import Outcome
from tests.load.measuring import Figure
from tests.load.read_model import multiply_shown
from tests.load.stock import Stocked, Template, multiply, template
from tests.load.world import World

SMALL, LARGE = 10_000, 1_000_000
DUE = 100
CONNECTIONS, SECONDS = 4, 4.0
RUNS = 3
LATER = datetime(2080, 1, 1, tzinfo=UTC)


async def measure(world: World) -> list[Figure]:
    """p99 of pool, list, desk and take, and a sweep with 100 due, at each size."""
    free, taken = await template(world, "free"), await template(world, "taken")
    await world.stage.settled()
    found: dict[str, list[list[float]]] = {}
    have = 0
    for size in (SMALL, LARGE):
        fresh = await _grow(world, free, taken, size - have)
        have = size
        for name, run in _runs(world, fresh).items():
            found.setdefault(name, []).append([await run() for _ in range(RUNS)])
        found.setdefault("sweep with 100 due", []).append([await _sweep(world, taken) for _ in range(RUNS)])
    return [_figure(name, small, large) for name, (small, large) in found.items()]


async def _grow(world: World, free: Template, taken: Template, count: int) -> list[Stocked]:
    """Nine of ten are free, the others in work and not to be reset for years; the read model has the same pool."""
    fresh = await multiply(world, free, count * 9 // 10)
    await multiply(world, taken, count // 10)
    connection = await world.stage.database("activities")
    await connection.execute("UPDATE activity SET reset_due_at = $1 WHERE reset_due_at < $1", LATER)
    await connection.execute("VACUUM ANALYZE activity")
    await connection.close()
    await multiply_shown(world, free, [each.id for each in fresh])
    return fresh


def _runs(world: World, fresh: list[Stocked]) -> dict[str, Callable[[], Awaitable[float]]]:
    room = f"room_id={world.room_id}"

    async def read(path: str, sellers: int) -> float:
        requests = [world.request(seller, "GET", path) for seller in world.sellers[:sellers]]
        return _p99(await asyncio.to_thread(world.stage.load, world.address(), requests, CONNECTIONS, SECONDS, True))

    async def take() -> float:
        chosen = [fresh.pop() for _ in range(1_000)]
        requests = [world.request(each.seller, "POST", f"/activities/{each.id}/take") for each in chosen]
        return _p99(await asyncio.to_thread(world.stage.load, world.address(), requests, CONNECTIONS, SECONDS))

    return {
        "pool": lambda: read(f"/pool?{room}&limit=50", 8),
        "list": lambda: read(f"/activities?{room}&limit=50", 8),
        "desk": lambda: read("/desk", 8),
        "take": take,
    }


def _p99(outcome: Outcome) -> float:
    return outcome.p99


async def _sweep(world: World, taken: Template) -> float:
    """Milliseconds for a sweep that finds 100 due, by the service's own timer."""
    made = await multiply(world, taken, DUE)
    moment = datetime.now(UTC)
    connection = await world.stage.database("activities")
    ids = [each.id for each in made]
    await connection.execute("UPDATE activity SET reset_due_at = $1 WHERE id = ANY($2::uuid[])", moment + timedelta(days=1), ids)
    await connection.close()
    installation = world.stage.installation
    database = await Database(installation.database_url("activities", "app"), 2).open()
    worker = await Database(installation.database_url("activities", "worker"), 2).open()
    # The service's own sweeper sees nothing due yet: we ask about the day after tomorrow.
    began = time.perf_counter()
    swept = await sweep(worker, database, ActivityMetrics(), moment + timedelta(days=2))
    spent = 1000 * (time.perf_counter() - began)
    await database.close()
    await worker.close()
    assert swept == DUE, swept
    return spent


def _figure(name: str, small: list[float], large: list[float]) -> Figure:
    what = name if "sweep" in name else f"{name}, p99 at {CONNECTIONS} connections"
    return Figure(f"{what}: 1,000,000 beside 10,000", "ms", large, small, aim="ratio < 1.2")
