"""What happens before other people's eyes: from a press in one browser to the change in another,
through Kafka; from a press to the changed screen; what a change costs with 100 streams open, and
what the streams cost that nothing happens to.
"""

import asyncio
from collections.abc import Sequence

from playwright.async_api import Page

from tests.load.browsers import chromium, signed_in
from tests.load.floors import Floors
from tests.load.listeners import COUNT, Stream, listening
from tests.load.measuring import Figure
from tests.load.world import World

PRESSES, CHANGES = 100, 100
_SHOWN = 100
"""Rows of one page of the pool."""
_NOW = "performance.timeOrigin + performance.now()"
_CHANGES = f"""id => new Promise((resolve, reject) => {{
  const shown = () => !document.querySelector(`#row-${{id}} button`);
  const observer = new MutationObserver(() => {{
    if (shown()) {{ observer.disconnect(); resolve({_NOW}); }}
  }});
  observer.observe(document.body, {{ subtree: true, childList: true }});
  setTimeout(() => reject(new Error("nothing changed")), 10000);
}})"""
"""The moment at which the row of an activity has lost its button."""
_PRESS = f"""async id => {{
  const changed = ({_CHANGES})(id);
  const pressed = {_NOW};
  document.querySelector(`#row-${{id}} button`).click();
  return [pressed, await changed];
}}"""
_TRIP = """async url => {
  const began = performance.now();
  await (await fetch(url, { cache: "no-store" })).text();
  return performance.now() - began;
}"""
"""One request and its answer, of the same page."""


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """Times in milliseconds, 95 of 100 below; CPU in milliseconds a change; memory in MB."""
    figures = await _costs(world, floors, runs)
    async with chromium() as browser:
        for name, has_listeners in (("", False), (f", {COUNT} other listeners", True)):
            await _refill(world)
            contexts = [await signed_in(browser, world, each) for each in world.sellers[:2]]
            mine, theirs = [await context.new_page() for context in contexts]
            for page in (mine, theirs):
                await page.goto("/pool")
                await page.wait_for_load_state("networkidle")
            await asyncio.sleep(1)
            if has_listeners:
                async with listening(world, world.sellers[2:]):
                    figures += await _watched(name, mine, theirs)
            else:
                figures += await _watched(name, mine, theirs)
            for context in contexts:
                await context.close()
    return figures


async def _refill(world: World) -> None:
    """Enough free activities for a page of them; each press takes one."""
    for number in range(_SHOWN):
        await world.call("POST", "/activities", world.order(number), world.sellers[0].public)
    await world.stage.settled()


async def _watched(name: str, mine: Page, theirs: Page) -> list[Figure]:
    buttons = mine.locator("#pool tr[id^=row-] button")
    rows = await buttons.evaluate_all("all => all.map(each => each.closest('tr').id.slice(4))")
    between, own, trips = [], [], []
    for id_ in rows[:PRESSES]:
        seen = asyncio.create_task(theirs.evaluate(_CHANGES, id_))
        await asyncio.sleep(0.05)
        pressed, changed = await mine.evaluate(_PRESS, id_)
        between.append(await seen - pressed)
        own.append(changed - pressed)
        trips.append(await mine.evaluate(_TRIP, "/health/live"))
    note = f"of {len(between)}; p50 {_at(between, 0.5):.0f} ms; floor: a bare round trip"
    own_note = f"of {len(own)}; p50 {_at(own, 0.5):.0f} ms; floor: a bare round trip"
    floor = [_at(trips, 0.95)]
    return [
        Figure(
            f"press to another's screen, p95{name}",
            "ms",
            [_at(between, 0.95)],
            floor,
            aim="300 ms",
            note=note,
        ),
        Figure(
            f"press to own screen, p95{name}",
            "ms",
            [_at(own, 0.95)],
            floor,
            aim="100 ms",
            note=own_note,
        ),
    ]


async def _costs(world: World, floors: Floors, runs: int) -> list[Figure]:
    """The gateway's CPU for changes with streams open less that for as many without, and its own
    memory with streams that nothing happens to.
    """
    stage = world.stage
    costs, bare, memory = [], [], []
    await _changes(world)
    for _ in range(runs):
        outcome = await asyncio.to_thread(floors.bare, 4, 1.5)
        bare.append(sum(cpu for name, cpu in outcome.cpu.items() if name != "kafka"))
        alone = await _changes(world)
        before = stage.costs()["gateway"].own
        async with listening(world, world.sellers) as streams:
            await asyncio.sleep(2)
            memory.append(stage.costs()["gateway"].own - before)
            costs.append(await _changes(world, streams) - alone)
        await asyncio.sleep(1)
    return [
        Figure(f"a change to {COUNT} listeners, CPU", "ms", costs, bare, aim="15 x"),
        Figure(f"{COUNT} idle listeners, memory", "MB", memory, aim="10 MB"),
    ]


async def _changes(world: World, streams: Sequence[Stream] = ()) -> float:
    """The gateway's CPU for a registered activity, in milliseconds, with all that follows it, less
    its idling.
    """
    stage, gateway = world.stage, "gateway"
    began = stage.costs()[gateway].cpu
    await asyncio.sleep(3)
    idle = (stage.costs()[gateway].cpu - began) / 3
    started, loop = stage.costs()[gateway].cpu, asyncio.get_running_loop()
    from_ = loop.time()
    due = [stream.events + CHANGES for stream in streams]
    for number in range(CHANGES):
        await world.call("POST", "/activities", world.order(number), world.sellers[0].public)
        await asyncio.sleep(0.02)
    for stream, events in zip(streams, due, strict=True):
        while stream.events < events:
            await asyncio.sleep(0.02)
    await stage.settled()
    spent = stage.costs()[gateway].cpu - started - idle * (loop.time() - from_)
    return 1000 * spent / CHANGES


def _at(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
