"""HTTP in: parse, one handler, render."""

from fastapi import APIRouter, FastAPI

from services.activities.api import activities, clients, directory, internal
from services.activities.api.running import Running


def install(app: FastAPI, running: Running) -> None:
    """Mounts every route of the service."""
    public = APIRouter(prefix="/api/v1")
    for noun in (activities, clients, directory):
        public.include_router(noun.router(running))
    app.include_router(public)
    app.include_router(internal.router(running))
