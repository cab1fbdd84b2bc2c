"""HTTP in: parse, one handler, render."""

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from services.activities.api import activities, clients, directory, internal
from shared.tenancy import TokenReader
from shared.web.commands import CommandRunner
from shared.web.fast_routes import FastRoutes

PREFIX = "/api/v1"


def install(app: FastAPI, running: CommandRunner, tokens: TokenReader) -> None:
    """Mounts every route of the service."""
    public = APIRouter(prefix=PREFIX)
    routers = [noun.router(running) for noun in (activities, clients, directory)]
    for router in routers:
        public.include_router(router)
    app.include_router(public)
    app.include_router(internal.router(running))
    # Last in the list is innermost: what is answered here is still counted and traced.
    app.user_middleware.append(
        Middleware(FastRoutes, prefix=PREFIX, routers=routers, tokens=tokens)
    )
