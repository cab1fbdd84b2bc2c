"""A bare gateway before the floor: Starlette and aiohttp, a remembered JWT, bytes passed on. What a
second hop costs at least.

FLOOR_BEHIND (the floor's address), FLOOR_SECRET, FLOOR_PORT
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

import aiohttp
import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_known: dict[str, float] = {}


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(os.environ["FLOOR_BEHIND"], auto_decompress=False) as session:
        app.state.session = session
        yield


async def pass_on(request: Request) -> Response:
    """The service's answer, as it came."""
    token = request.headers["authorization"]
    if _known.get(token, 0) <= time():
        _known[token] = jwt.decode(token[7:], os.environ["FLOOR_SECRET"], algorithms=["HS256"])[
            "exp"
        ]
    headers = {"authorization": token, "idempotency-key": request.headers["idempotency-key"]}
    async with request.app.state.session.request(
        request.method, request.url.path, data=await request.body(), headers=headers
    ) as answer:
        return Response(await answer.read(), answer.status, media_type="application/json")


app = Starlette(
    routes=[Route("/{path:path}", pass_on, methods=["GET", "POST"])], lifespan=_lifespan
)

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(os.environ["FLOOR_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
    )
