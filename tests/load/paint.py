"""First paint in real Chromium with its processor slowed four times, behind 150 ms and 1.6 Mbit/s,
beside an empty page in the same browser: cold, and again with what it keeps.
"""

from playwright.async_api import Browser, BrowserContext, Page

from tests.load.browsers import chromium, signed_in
from tests.load.floors import Floors
from tests.load.measuring import Figure
from tests.load.pages import CARDS, furnish
from tests.load.world import Seller, World

SLOWER = 4
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
_PAINTED = """() => new Promise(resolve => {
  const found = list => list.find(each => each.name === "first-contentful-paint");
  const known = found(performance.getEntriesByType("paint"));
  if (known) return resolve(known.startTime);
  new PerformanceObserver(list => {
    const entry = found(list.getEntries());
    if (entry) resolve(entry.startTime);
  }).observe({ type: "paint", buffered: true });
})"""


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """Milliseconds until something is to be seen."""
    few, many = world.sellers[2:4]
    one = await furnish(world, few, many)
    pages = {
        "day": (few, "/", 2.5, 1.6),
        "pool": (few, "/pool", 2.5, 1.6),
        "one activity": (few, f"/activities/{one}", 2.5, 1.6),
        f"board of {CARDS}": (many, "/board", 3.0, 2.0),
    }
    figures = []
    async with chromium() as browser:
        for name, (seller, path, cold, warm) in pages.items():
            floor, shown = [], []
            for _ in range(runs):
                floor.append(await _paints(browser, world, seller, f"{floors.one_hop}/empty"))
                shown.append(await _paints(browser, world, seller, f"{world.address()}{path}"))
            for number, (kind, aim) in enumerate((("cold", cold), ("warm", warm))):
                figures.append(
                    Figure(
                        f"{name}: first paint, {kind}",
                        "ms",
                        [each[number] for each in shown],
                        [each[number] for each in floor],
                        aim=f"{aim:g} x",
                    )
                )
    return figures


async def _paints(browser: Browser, world: World, seller: Seller, url: str) -> tuple[float, float]:
    """Of a browser that was never here, and of the same one once more."""
    context = await signed_in(browser, world, seller)
    try:
        page = await context.new_page()
        await _slow(context, page)
        return await _paint(page, url), await _paint(page, url)
    finally:
        await context.close()


async def _slow(context: BrowserContext, page: Page) -> None:
    protocol = await context.new_cdp_session(page)
    await protocol.send("Network.enable")
    await protocol.send("Network.emulateNetworkConditions", NETWORK)
    await protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


async def _paint(page: Page, url: str) -> float:
    await page.goto("about:blank")
    await page.goto(url, wait_until="load")
    return float(await page.evaluate(_PAINTED))
