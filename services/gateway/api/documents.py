"""The documents of the API and of the events, as JSON and as pages, at the root."""

import asyncio
from functools import cache
from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway.api.dependencies import Parts
from services.gateway.web.event_catalogue import Catalogue
from services.gateway.web.templates import render, respond_page
from shared.errors import NotFound

ASYNCAPI = Path(__file__).parents[3] / "docs" / "events" / "asyncapi.json"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> HTMLResponse:
    """Leads to the documents until the pages exist."""
    return respond_page(render("index.html"))


@router.get("/openapi.json")
async def openapi(request: Request, parts: Parts) -> Response:
    return Response(await parts.document.of(request.app), media_type="application/json")


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API in swagger-ui, from the gateway's own files."""
    return respond_page(render("docs.html"))


@router.get("/asyncapi.json")
async def asyncapi_document() -> Response:
    return Response(await asyncio.to_thread(_asyncapi), media_type="application/json")


@router.get("/asyncapi")
async def asyncapi() -> HTMLResponse:
    """The events: topics, types, fields, examples."""
    return respond_page(await asyncio.to_thread(_events_page))


@cache
def _asyncapi() -> bytes:
    """The document, which does not change while the process runs. Raises `NotFound`."""
    if not ASYNCAPI.exists():
        raise NotFound("document")
    return ASYNCAPI.read_bytes()


@cache
def _events_page() -> str:
    document = orjson.loads(_asyncapi())
    catalogue = Catalogue(document)
    return render(
        "asyncapi.html",
        info=document["info"],
        topics=catalogue.topics,
        headers=catalogue.headers,
    )
