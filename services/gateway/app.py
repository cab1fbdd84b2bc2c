"""The gateway: its middlewares and its routes, over its parts."""

from functools import partial

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.gateway.accounts.operator import check_operator
from services.gateway.api import CALENDARS, DOCUMENTS, ROUTERS
from services.gateway.commands import add_commands
from services.gateway.edge.admission import AdmissionMiddleware
from services.gateway.edge.auditing import AuditMiddleware
from services.gateway.edge.fast_path import FastPath
from services.gateway.edge.path_keys import PathKeys
from services.gateway.parts import NAME, GatewayParts
from services.gateway.process import build_process
from services.gateway.readiness import readiness
from services.gateway.settings import GatewaySettings
from services.gateway.web import documents, passwords
from services.gateway.web.assets import serve_asset
from services.gateway.web.pages import PATHS, TABLE
from services.gateway.web.parts import WebParts
from services.gateway.web.routes import Pages
from services.gateway.web.session import BrowserSessions
from shared.command_line import command_line
from shared.contracts.descriptions import TITLE
from shared.internal_tokens import TokenReader
from shared.process import ServiceProcess
from shared.service import keys_of
from shared.web.app import new_app
from shared.web.internal import InternalListener


def build() -> tuple[FastAPI, ServiceProcess]:
    """The application and its process, from the environment."""
    parts = GatewayParts.build(GatewaySettings())
    process = build_process(parts)
    return _application(parts, process), process


def _application(parts: GatewayParts, process: ServiceProcess) -> FastAPI:
    api, settings = parts.api, parts.api.settings
    web = WebParts.of(
        api.generations,
        public_api=parts.public_api,
        hub=api.hub,
        callers=api.callers,
        stream_limits=api.stream_limits,
        heartbeat_seconds=settings.stream_heartbeat_seconds,
        paths=PATHS,
    )
    ready = readiness(process.ready, api.upstreams, api.generations)
    process.listener = InternalListener(
        settings.internal_host, settings.internal_port, api.metrics.registry, ready
    )
    app = new_app(
        TITLE,
        api.metrics,
        TokenReader(keys_of(NAME, settings), settings.internal_leeway_seconds),
        ready,
        public=True,
        lifespan=process.running,
        openapi_url=None,
        redirect_slashes=False,
        # Outermost first, all of them inside the request log; FastAPI's routes are innermost.
        middleware=[
            Middleware(PathKeys),
            Middleware(AuditMiddleware, trail=api.audit, metrics=api.metrics),
            Middleware(BrowserSessions, sessions=api.sessions),
            Middleware(
                AdmissionMiddleware,
                authenticate=api.callers.authenticate,
                check_operator=partial(check_operator, settings.operator_key.get_secret_value()),
                fair_use=parts.fair_use,
                body_seconds=settings.body_seconds,
                uploads=parts.uploads,
            ),
            Middleware(FastPath, public_api=parts.public_api),
            Middleware(Pages, table=TABLE, parts=web),
        ],
    )
    app.state.parts = api
    app.state.public_api = parts.public_api
    app.state.on_stopping = [api.hub.stop]
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(DOCUMENTS)
    app.include_router(CALENDARS)
    app.include_router(documents.router)
    app.include_router(passwords.router)
    app.mount("/static", serve_asset)
    return app


def main() -> None:
    """`python -m services.gateway.app`: serves; with a command, does an operator's work."""
    cli = command_line(NAME, build)
    add_commands(cli)
    cli()


if __name__ == "__main__":
    main()
