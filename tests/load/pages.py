"""Pages through the gateway: their server CPU beside one bare FastAPI answer and beside their data
as JSON through the API, their size beside that JSON's, scripts and styles of a first visit.

The CPU is what all processes spend while the page is asked for, less what they spend in as much
time when nobody asks: consumers and timers run beside any page, and are not the page's.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from urllib.parse import urlsplit

import brotli

from services.gateway.web.session import ACCESS
from tests.load import http
from tests.load.floors import Floors
from tests.load.generate import Outcome
from tests.load.http import Connection
from tests.load.measuring import Figure, beside
from tests.load.stage import ROOT
from tests.load.world import Seller, World

SECONDS, CONNECTIONS, CARDS = 1.5, 4, 500
BROTLI = 4
"""The level at which pages leave the gateway; the JSON beside them is compressed alike."""
STATIC = ROOT / "services" / "gateway" / "web" / "static"
VENDORED = ("htmx/dist/htmx.min.js", "bootstrap/dist/css/bootstrap.min.css")
AIMS = {"board of 500": "15 x"}


@dataclass(frozen=True)
class Page:
    """A page as a seller sees it, and the reads of the API that have its data."""

    seller: Seller
    path: str
    data: list[str]


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """CPU in milliseconds a page, of everything that works for it; sizes in kB."""
    few, many = world.sellers[:2]
    one = await furnish(world, few, many)
    activity = await world.call("GET", f"/activities/{one}", headers=few.public)
    pages = {
        "day": Page(few, "/", ["/desk"]),
        "pool of 64": Page(few, "/pool", [f"/pool?room_id={world.room_id}&limit=100"]),
        "one activity": Page(
            few,
            f"/activities/{one}",
            [
                f"/activities/{one}",
                f"/clients/{activity['client']['id']}",
                f"/loss-reasons?company_id={world.company_id}",
            ],
        ),
        "board of 8": Page(few, "/board", ["/desk"]),
        f"board of {CARDS}": Page(many, "/board", ["/desk"]),
    }
    idle = await _idle(world)
    figures = []
    for name, page in pages.items():
        html = await _body(world, page.seller, page.path)
        json = [await _body(world, page.seller, f"/api/v1{path}") for path in page.data]
        costs = _Costs(world, floors, idle)
        figures += await asyncio.to_thread(costs.of, name, page, runs)
        sizes = [_size(html)], [sum(map(_size, json))]
        figures.append(Figure(f"{name}: compressed", "kB", *sizes, aim="2 x or 6 kB"))
    return [*figures, await _first_visit(world, few)]


async def _idle(world: World) -> float:
    """CPU seconds a second that everything but Kafka spends when nobody asks."""
    before, began = world.stage.costs(), monotonic()
    await asyncio.sleep(5)
    after, seconds = world.stage.costs(), monotonic() - began
    spent = sum(after[name].cpu - before[name].cpu for name in after if name != "kafka")
    return spent / seconds


class _Costs:
    """What pages cost, beside what stands beside them."""

    def __init__(self, world: World, floors: Floors, idle: float) -> None:
        self._world, self._floors, self._idle = world, floors, idle

    def of(self, name: str, page: Page, runs: int) -> list[Figure]:
        data = {path: partial(self._load, page.seller, f"/api/v1{path}") for path in page.data}
        bare, outcomes = beside(
            partial(self._timed, partial(self._floors.bare, CONNECTIONS, SECONDS)),
            {"page": partial(self._load, page.seller, page.path), **data},
            runs,
        )
        costs = self._each(outcomes["page"])
        json = [
            sum(each) for each in zip(*(self._each(outcomes[path]) for path in data), strict=True)
        ]
        return [
            Figure(
                f"{name}: CPU, beside a bare answer",
                "ms",
                costs,
                self._each(bare),
                aim=AIMS.get(name, "8 x"),
            ),
            Figure(f"{name}: CPU, beside its JSON", "ms", costs, json, aim="4 x"),
        ]

    def _each(self, outcomes: list[Outcome]) -> list[float]:
        return [
            sum(cpu for process, cpu in outcome.cpu.items() if process != "kafka")
            for outcome in outcomes
        ]

    def _load(self, seller: Seller, path: str) -> Outcome:
        requests = [_request(seller, path, compressed=True)]
        return self._timed(
            lambda: self._world.stage.load(
                self._world.address(), requests, CONNECTIONS, SECONDS, again=True, warm_up=0.5
            )
        )

    def _timed(self, run: Callable[[], Outcome]) -> Outcome:
        """An outcome whose CPU is without what idling costs in as much time."""
        began = monotonic()
        outcome = run()
        idle = 1000 * self._idle * (monotonic() - began) / max(1, outcome.total)
        outcome.cpu["idle"] = -idle
        return outcome


async def _first_visit(world: World, seller: Seller) -> Figure:
    """What the day page's head asks for."""
    html = (await _body(world, seller, "/")).decode()
    named = re.findall(r'(?:src|href)="(/[^"?]+\.(?:js|css)(?:\?[^"]*)?)"', html)
    assert any("htmx" in each for each in named), named
    served = [await _body(world, seller, path) for path in sorted(set(named))]
    floor = sum(_size((STATIC / "vendor" / each).read_bytes()) for each in VENDORED)
    total = sum(map(_size, served))
    return Figure("first visit: scripts and styles", "kB", [total], [floor], aim="1.4 x")


def _size(body: bytes) -> float:
    return len(brotli.compress(body, quality=BROTLI)) / 1000


def _request(seller: Seller, path: str, compressed: bool = False) -> bytes:
    """As a browser asks for a page, and an integration for data."""
    if path.startswith("/api/"):
        return http.request("GET", "127.0.0.1", path, seller.public)
    cookie = f"{ACCESS}={seller.public['authorization'].removeprefix('Bearer ')}"
    headers = {"cookie": cookie, "accept": "text/html", "accept-language": "ru"}
    if compressed:
        headers["accept-encoding"] = "gzip, deflate, br"
    return http.request("GET", "127.0.0.1", path, headers)


async def _body(world: World, seller: Seller, path: str) -> bytes:
    at = urlsplit(world.address())
    connection = await Connection.to("127.0.0.1", at.port or 80)
    status, body = await connection.ask(_request(seller, path))
    connection.close()
    assert status == 200, (path, status, body[:300])
    return body


async def furnish(world: World, few: Seller, many: Seller) -> str:
    """64 free, eight in the hands of `few` and `CARDS` in those of `many`; one of the eight."""
    ids = []
    for number in range(64):
        await world.call("POST", "/activities", world.order(number), few.public)
    for number in range(8 + CARDS):
        order = world.order(number, take=True)
        whose = few if number < 8 else many
        ids.append((await world.call("POST", "/activities", order, whose.public))["id"])
    await world.stage.settled()
    return str(ids[0])
