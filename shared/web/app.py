"""A service's FastAPI application: problem details, trace ids, health, metrics."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import tracing
from shared.context import correlation, language
from shared.ids import new_id
from shared.internal_tokens import TokenReader
from shared.metrics import Metrics
from shared.web import problems
from shared.web.internal import rated
from shared.web.language import language_of
from shared.web.query import only_declared

log = structlog.get_logger()
_TRACEPARENT = re.compile(rb"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
SLOW_SECONDS = 1.0

Check = Callable[[], Awaitable[dict[str, Any]]]


class Observed:
    """Pure ASGI: gives each request its trace id and language, counts and times it by route; logs
    what failed or was slow.

    A `public` application is called by strangers: their trace is linked from its own, for the id
    of a trace is kept with events for ever.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, public: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._public = public
        # `labels` looks its child up under a lock and by three checked strings, each time anew.
        self._timers: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        theirs = _trace_of(scope)
        trace = theirs[0] if theirs and not self._public else new_id().hex
        correlation.set(trace)
        language.set(language_of(scope["headers"]))
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-trace-id", trace.encode()))
            await send(message)

        try:
            with tracing.span(scope["method"], trace, theirs if self._public else None):
                await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "other")
            self._timer(scope["method"], route, status // 100).observe(seconds)
            if status >= 500 or seconds > SLOW_SECONDS:
                log.warning(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    seconds=round(seconds, 3),
                    trace_id=trace,
                )

    def _timer(self, method: str, route: str, status_class: int) -> Any:
        """The histogram of a route; of all that have none together, for their paths are endless."""
        if route == "other":
            method = "other"
        key = (method, route, status_class)
        timer = self._timers.get(key)
        if timer is None:
            timer = self._metrics.requests.labels(method, route, f"{status_class}xx")
            self._timers[key] = timer
        return timer


def _trace_of(scope: Scope) -> tuple[str, str] | None:
    """The trace and the span that the caller names in `traceparent`."""
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := _TRACEPARENT.match(value)):
            return match.group(1).decode(), match.group(2).decode()
    return None


def new_app(
    title: str,
    metrics: Metrics,
    tokens: TokenReader,
    ready: Check,
    public: bool = False,
    **options: Any,
) -> FastAPI:
    """An application with /health/live, /health/ready and /metrics, whose routes take no parameters
    in a query but those that they declare.

    `ready` names what is wrong under `missing`, or nothing. A `public` application keeps that, and
    its metrics, to its internal port.
    """
    app = FastAPI(
        title=title,
        version="1",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(only_declared)],
        **options,
    )
    app.state.tokens = tokens
    problems.install(app)
    app.add_middleware(Observed, metrics=metrics, public=public)

    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        """The process runs."""
        return {"status": "live"}

    @app.get("/health/ready", include_in_schema=False)
    async def readiness(response: Response) -> dict[str, Any]:
        """503 while something that every request needs is missing; `degraded` names what only some
        need.
        """
        state = rated(await ready())
        response.status_code = 503 if state.get("missing") else 200
        return {"status": state["status"]} if public else state

    async def exposition() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    if not public:
        app.get("/metrics", include_in_schema=False)(exposition)
    return app
