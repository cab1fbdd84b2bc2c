"""The gateway: its process, its middlewares and its routes."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.gateway.api import DOCUMENTS, ROUTERS
from services.gateway.commands import add_commands
from services.gateway.edge.admission import AdmissionMiddleware
from services.gateway.edge.fast_path import FastPath
from services.gateway.parts import NAME, GatewayParts
from services.gateway.projections.consumer import ProjectionContext, subscription
from services.gateway.projections.self_healing import SelfHealing
from services.gateway.readiness import readiness
from services.gateway.settings import GatewaySettings
from services.gateway.web import documents as pages
from services.gateway.web.templates import STATIC
from shared.bus.consumer import Consumer
from shared.command_line import command_line
from shared.contracts.descriptions import TITLE
from shared.process import RunningTimer, ServiceProcess
from shared.tenancy import TokenReader
from shared.web.app import new_app


def build() -> tuple[FastAPI, ServiceProcess]:
    """The application and its process, from the environment."""
    parts = GatewayParts.build(GatewaySettings())
    process = _process(parts)
    app = _application(parts, process)
    return app, process


def _process(parts: GatewayParts) -> ServiceProcess:
    api, settings = parts.api, parts.api.settings
    consumer = Consumer(
        NAME,
        settings.kafka,
        settings.namespace,
        subscription,
        ProjectionContext(api.database, parts.projector, api.generations),
        api.metrics,
        settings.dead_letters_per_minute,
    )
    healing = SelfHealing(api.generations, parts.rebuild(), api.metrics)
    return ServiceProcess(
        NAME,
        settings,
        api.metrics,
        api.database,
        topics=subscription.topics,
        consumers=[consumer],
        timers=[RunningTimer("self_healing", 1.0, healing.check)],
        opens=[api.upstreams.open, api.hub.open],
        closes=[api.hub.close, api.upstreams.close, api.passwords.close, parts.store.close],
    )


def _application(parts: GatewayParts, process: ServiceProcess) -> FastAPI:
    api, settings = parts.api, parts.api.settings
    app = new_app(
        TITLE,
        api.metrics,
        TokenReader(settings.internal_secret.get_secret_value()),
        readiness(process.ready, api.upstreams, api.generations),
        lifespan=process.running,
        openapi_url=None,
        redirect_slashes=False,
        # Outermost first, all of them inside the request log; FastAPI's routes are innermost.
        middleware=[
            Middleware(
                AdmissionMiddleware,
                authenticate=api.callers.authenticate,
                rate_limit=parts.rate_limit,
                body_seconds=settings.body_seconds,
            ),
            Middleware(FastPath, public_api=parts.public_api),
        ],
    )
    app.state.parts = api
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(DOCUMENTS)
    app.include_router(pages.router)
    app.mount("/static", STATIC)
    return app


def main() -> None:
    """`python -m services.gateway.app`: serves; with a command, does an operator's work."""
    cli = command_line(NAME, build)
    add_commands(cli)
    cli()


if __name__ == "__main__":
    main()
