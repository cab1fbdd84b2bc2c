"""The gateway: the only file that knows all others."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.middleware import Middleware
from starlette.routing import Route

from services.gateway.accounts.callers import Callers
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.sessions import Sessions
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import AccessTokens
from services.gateway.api.accounts import keys_router, sessions_router
from services.gateway.api.me import me_router
from services.gateway.api.reads import Reads
from services.gateway.api.staff import Staff, staff_router
from services.gateway.edge.admission import AdmissionMiddleware
from services.gateway.edge.fast_path import FastPath
from services.gateway.edge.openapi import Document
from services.gateway.edge.proxy import Proxy
from services.gateway.edge.rate_limit import RateLimit
from services.gateway.edge.upstream import Upstreams
from services.gateway.live.hub import Hub
from services.gateway.live.sse import EventStream
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.consumer import ProjectionContext, subscription
from services.gateway.projections.diff import differences, snapshot
from services.gateway.projections.projector import Projector
from services.gateway.projections.rebuild import AlreadyRebuilding, Interrupted, Rebuild
from services.gateway.projections.self_healing import SelfHealing
from services.gateway.projections.write_through import WriteThrough
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import Store, connect
from services.gateway.settings import GatewaySettings
from shared.bus.consumer import Consumer
from shared.command_line import command_line
from shared.db import Database
from shared.errors import NotFound
from shared.process import RunningTimer, ServiceProcess
from shared.service import database_of
from shared.tenancy import TokenReader
from shared.web.app import new_app

NAME = "gateway"
ASYNCAPI = Path(__file__).parents[2] / "docs" / "events" / "asyncapi.json"


@dataclass
class Parts:
    """What the gateway is made of besides its routes."""

    settings: GatewaySettings
    metrics: GatewayMetrics
    database: Database
    store: Store
    generations: Generations
    folding: Projector
    services: Upstreams
    live: Hub
    passwords: Passwords
    tokens: AccessTokens
    callers: Callers

    @classmethod
    def of(cls, settings: GatewaySettings) -> "Parts":
        metrics = GatewayMetrics()
        database = database_of(NAME, settings)
        store = Store(settings.redis_url.get_secret_value())
        urls = {
            "activities": settings.activities_url,
            "vip": settings.vip_url,
            "motivation": settings.motivation_url,
        }
        tokens = AccessTokens(
            settings.token_secret.get_secret_value(), settings.access_token_seconds
        )
        return cls(
            settings=settings,
            metrics=metrics,
            database=database,
            store=store,
            generations=Generations(store, settings.namespace),
            folding=Projector(store, metrics),
            services=Upstreams(
                urls, settings.internal_secret.get_secret_value(), settings.service_seconds, metrics
            ),
            live=Hub(connect(settings.redis_url.get_secret_value()), settings.namespace, metrics),
            passwords=Passwords(),
            tokens=tokens,
            callers=Callers(database, tokens),
        )

    def rebuild(self, say: Callable[[str], None] = lambda _: None) -> Rebuild:
        return Rebuild(
            self.generations,
            self.folding,
            self.settings.kafka,
            self.settings.rebuild_grace_seconds,
            say,
        )


def build() -> tuple[FastAPI, ServiceProcess]:
    """The application and its process, from the environment."""
    settings = GatewaySettings()
    parts = Parts.of(settings)
    metrics = parts.metrics
    consumer = Consumer(
        NAME,
        settings.kafka,
        settings.namespace,
        subscription,
        ProjectionContext(parts.database, parts.folding, parts.generations),
        metrics,
        settings.dead_letters_per_minute,
    )
    keeping = SelfHealing(parts.generations, parts.rebuild(), metrics)
    service = ServiceProcess(
        NAME,
        settings,
        metrics,
        parts.database,
        topics=subscription.topics,
        consumers=[consumer],
        timers=[RunningTimer("self_healing", 1.0, keeping.check)],
        opens=[parts.services.open, parts.live.open],
        closes=[parts.live.close, parts.services.close, parts.passwords.close, parts.store.close],
    )
    tokens = TokenReader(settings.internal_secret.get_secret_value())
    app = new_app(
        "Запуск Продаж",
        metrics,
        tokens,
        _readiness(service, parts),
        lifespan=service.running,
        openapi_url=None,
        redirect_slashes=False,
    )
    limits = RateLimit(settings.caller_requests_per_second, settings.tenant_requests_per_second)
    # Last in the list is innermost: what the door refuses is still counted and traced.
    app.user_middleware.append(
        Middleware(
            AdmissionMiddleware,
            authenticate=parts.callers.of_request,
            limits=limits,
            body_seconds=settings.body_seconds,
        )
    )
    _answer(app, parts)
    return app, service


def _answer(app: FastAPI, parts: Parts) -> None:
    """Routes: the gateway's own first, then everything that is passed on."""
    settings, services = parts.settings, parts.services
    throttle = Throttle(parts.store.redis, settings.namespace)
    sessions = Sessions(
        parts.database,
        parts.passwords,
        throttle,
        parts.tokens,
        settings.refresh_token_days,
        parts.metrics,
    )
    reads = Reads(parts.generations, services, parts.metrics)
    staff = Staff(parts.database, parts.passwords, services, parts.callers)
    app.include_router(sessions_router(sessions))
    app.include_router(keys_router(parts.database))
    app.include_router(staff_router(staff, settings.operator_key.get_secret_value()))
    app.include_router(me_router(parts.database, parts.generations, services))
    _documents(app, Document(services))
    passing = Proxy(services, WriteThrough(parts.generations, parts.metrics).keep)
    app.user_middleware.append(
        Middleware(FastPath, reads=reads.by_path, activity=reads.activity, passing=passing)
    )
    app.router.routes += [
        Route(
            "/api/v1/stream",
            EventStream(parts.live, parts.callers, settings.stream_heartbeat_seconds),
            methods=["GET"],
        ),
        Route("/api/v1/{rest:path}", passing),
    ]


def _documents(app: FastAPI, document: Document) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(await document.of(app), media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs(_: Request) -> Response:
        # The page loads its script from a CDN; without one, the document above is all there is.
        return get_swagger_ui_html(openapi_url="/openapi.json", title="Запуск Продаж")

    @app.get("/asyncapi", include_in_schema=False)
    async def asyncapi() -> Response:
        if not await asyncio.to_thread(ASYNCAPI.exists):
            raise NotFound("document")
        return Response(await asyncio.to_thread(ASYNCAPI.read_bytes), media_type="application/json")


def _readiness(service: ServiceProcess, parts: Parts) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def ready() -> dict[str, Any]:
        """Without its own database nobody is known; everything else is needed for some answers
        only.
        """
        names = list(parts.services.urls)
        state, *wrongs = await asyncio.gather(
            service.ready(), *(parts.services.is_ready(name) for name in names)
        )
        degraded = dict(state["degraded"]) | {
            name: wrong for name, wrong in zip(names, wrongs, strict=True) if wrong
        }
        try:
            named = await parts.generations.read()
            if named.live is None:
                degraded["read_models"] = "being rebuilt"
        except Exception as away:
            degraded["redis"] = type(away).__name__
        return {**state, "degraded": degraded}

    return ready


async def _rebuild() -> None:
    parts = Parts.of(GatewaySettings())
    try:
        await parts.rebuild(typer.echo).run()
    finally:
        await parts.store.close()


async def _compare() -> list[str]:
    """What a fresh model, built aside, says differently from the live one."""
    parts = Parts.of(GatewaySettings())
    try:
        async with parts.rebuild(typer.echo).build_aside() as fresh:
            named = await parts.generations.read()
            if named.live is None:
                return ["there is no live model"]
            return differences(
                await snapshot(parts.store, parts.generations.keys(named.live)),
                await snapshot(parts.store, fresh),
            )
    finally:
        await parts.store.close()


def main() -> None:
    """`python -m services.gateway.app`: serves; `rebuild` and `compare` work on the read models."""
    cli = command_line(NAME, build)

    @cli.command("rebuild")
    def rebuild() -> None:
        """Build the read models anew beside the live ones, then swap."""
        try:
            asyncio.run(_rebuild())
        except (AlreadyRebuilding, Interrupted) as why:
            typer.echo(str(why), err=True)
            raise typer.Exit(1) from why

    @cli.command("compare")
    def compare() -> None:
        """Build the read models aside and say where the live ones differ; run it while nothing is
        being written.
        """
        try:
            found = asyncio.run(_compare())
        except AlreadyRebuilding as why:
            typer.echo(str(why), err=True)
            raise typer.Exit(1) from why
        for line in found:
            typer.echo(line)
        typer.echo(f"{len(found)} differences")
        raise typer.Exit(1 if found else 0)

    cli()


if __name__ == "__main__":
    main()
