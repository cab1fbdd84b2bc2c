"""Pages through the gateway: their server CPU beside one bare FastAPI answer and beside their data
as JSON through the API, their size beside that JSON's, scripts and styles of a first visit.
"""

import asyncio
import re
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


async def measure(world: World, floors: Floors, runs: int) -> list[Figure]:
    """CPU in milliseconds a page, of everything that works for it; sizes in kB."""
    few, many, one = world.sellers[0], world.sellers[1], await _furnish(world)
    pages = {
        "day": (few, "/", "/desk"),
        "pool of 50": (few, "/pool", f"/pool?room_id={world.room_id}&limit=50"),
        "one activity": (few, f"/activities/{one}", f"/activities/{one}"),
        "board of 8": (few, "/board", "/desk"),
        f"board of {CARDS}": (many, "/board", "/desk"),
    }
    figures = []
    for name, (seller, page, data) in pages.items():
        html, json = await _body(world, seller, page), await _body(world, seller, f"/api/v1{data}")
        figures += await asyncio.to_thread(_costs, world, floors, name, (seller, page, data), runs)
        figures.append(
            Figure(f"{name}: compressed", "kB", [_size(html)], [_size(json)], aim="2 x or 6 kB")
        )
    return [*figures, await _first_visit(world, few)]


def _costs(
    world: World, floors: Floors, name: str, what: tuple[Seller, str, str], runs: int
) -> list[Figure]:
    seller, page, data = what

    def load(path: str) -> Outcome:
        requests = [_request(seller, path)]
        return world.stage.load(
            world.address(), requests, CONNECTIONS, SECONDS, again=True, warm_up=0.5
        )

    bare, outcomes = beside(
        lambda: floors.bare(CONNECTIONS, SECONDS),
        {"page": lambda: load(page), "json": lambda: load(f"/api/v1{data}")},
        runs,
    )
    costs = [_milliseconds(each) for each in outcomes["page"]]
    return [
        Figure(
            f"{name}: CPU, beside a bare answer",
            "ms",
            costs,
            [_milliseconds(each) for each in bare],
            aim=AIMS.get(name, "8 x"),
        ),
        Figure(
            f"{name}: CPU, beside its JSON",
            "ms",
            costs,
            [_milliseconds(each) for each in outcomes["json"]],
            aim="4 x",
        ),
    ]


def _milliseconds(outcome: Outcome) -> float:
    """A request's CPU; Kafka idles, and idling is not a request's."""
    return sum(seconds for process, seconds in outcome.cpu.items() if process != "kafka")


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


def _request(seller: Seller, path: str) -> bytes:
    """As a browser asks for a page, and an integration for data."""
    if path.startswith("/api/"):
        return http.request("GET", "127.0.0.1", path, seller.public)
    cookie = f"{ACCESS}={seller.public['authorization'].removeprefix('Bearer ')}"
    headers = {"cookie": cookie, "accept": "text/html", "accept-language": "ru"}
    return http.request("GET", "127.0.0.1", path, headers)


async def _body(world: World, seller: Seller, path: str) -> bytes:
    at = urlsplit(world.address())
    connection = await Connection.to("127.0.0.1", at.port or 80)
    status, body = await connection.ask(_request(seller, path))
    connection.close()
    assert status == 200, (path, status, body[:300])
    return body


async def _furnish(world: World) -> str:
    """64 free, eight in the first seller's hands and `CARDS` in the second's; one of the eight."""
    first, second = world.sellers[:2]
    ids = []
    for number in range(64):
        await world.call("POST", "/activities", world.order(number), first.public)
    for number in range(8 + CARDS):
        order = world.order(number, take=True)
        whose = first if number < 8 else second
        ids.append((await world.call("POST", "/activities", order, whose.public))["id"])
    await world.stage.settled()
    return str(ids[0])
