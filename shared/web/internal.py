"""A second listener for what is the operator's alone: metrics, and readiness with its reasons."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Check = Callable[[], Awaitable[dict[str, Any]]]


class InternalListener:
    """/metrics, /health/live and /health/ready at an address that the public does not reach."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry, ready: Check) -> None:
        self._host, self._port = host, port
        self._registry, self._ready = registry, ready
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Raises `OSError` where the port is taken."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/health/live", self._live)
        app.router.add_get("/health/ready", self._readiness)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        headers = {"content-type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(self._registry), headers=headers)

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def _readiness(self, _: web.Request) -> web.Response:
        state = rated(await self._ready())
        return web.json_response(state, status=503 if state.get("missing") else 200)


def rated(state: dict[str, Any]) -> dict[str, Any]:
    """`state` with its `status`: unavailable, degraded or ready."""
    if state.get("missing"):
        return {"status": "unavailable", **state}
    return {"status": "degraded" if state.get("degraded") else "ready", **state}
