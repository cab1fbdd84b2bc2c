"""Requests to a service go in turns: who holds many waits for itself, and a hung service holds up
nobody who asks another.
"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from aiohttp import web

from services.gateway.edge.upstream import Upstreams
from services.gateway.metrics import GatewayMetrics
from shared.errors import Overuse
from shared.fair_turns import FairTurns
from shared.ids import EmployeeId, TenantId, new_id
from shared.internal_keys import KeyRing, PrivateKeys
from shared.internal_tokens import TokenIssuer
from shared.tenancy import Caller
from tests.support.servers import free_ports
from tests.support.stub_server import serving

NAMES = ("slow", "quick")
PEERS = ",".join(f"{name}={PrivateKeys(name * 8).public}" for name in NAMES)


@pytest.fixture
async def upstreams() -> AsyncIterator[Upstreams]:
    """One service that takes a second and one that answers at once: four at once, two a tenant."""
    (port,) = free_ports(1)

    async def answer(request: web.Request) -> web.Response:
        if request.path.startswith("/slow"):
            await asyncio.sleep(1)
        return web.Response(text="{}")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    urls = {name: f"http://127.0.0.1:{port}/{name}" for name in NAMES}
    turns = {name: FairTurns(4, 2, queue=4) for name in urls}
    issuer = TokenIssuer(KeyRing("gateway", "g" * 32, PEERS))
    async with serving(app, port):
        upstreams = Upstreams(urls, issuer, 5, GatewayMetrics(), turns)
        await upstreams.open()
        yield upstreams
        await upstreams.close()


def a_caller() -> Caller:
    return Caller(TenantId(new_id()), EmployeeId(new_id()))


async def test_a_tenant_waits_for_itself_and_others_do_not(upstreams: Upstreams) -> None:
    greedy, modest = a_caller(), a_caller()
    many = [asyncio.create_task(upstreams.get("slow", greedy, "/")) for _ in range(8)]
    await asyncio.sleep(0.1)
    started = monotonic()
    await asyncio.gather(
        upstreams.get("slow", modest, "/"),
        *(upstreams.get("quick", greedy, "/") for _ in range(4)),
    )
    assert monotonic() - started < 1.4
    results = await asyncio.gather(*many, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Overuse)]
    assert len(refused) == 2
    assert refused[0].extra == {"retry_after_seconds": 1, "rule": "concurrency"}
