"""Pages for integrators: the API and the events."""

import asyncio
from functools import cache

import orjson
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from services.gateway.edge.asyncapi import asyncapi_document
from services.gateway.web.event_catalogue import Catalogue
from services.gateway.web.templates import render, respond_page

router = APIRouter(include_in_schema=False)


@router.get("/developers")
async def index() -> HTMLResponse:
    """Leads to the documents."""
    return respond_page(render("documents/index.html"))


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API in swagger-ui, from the gateway's own files."""
    return respond_page(render("documents/docs.html"))


@router.get("/asyncapi")
async def asyncapi() -> HTMLResponse:
    """The events: topics, types, fields, examples."""
    return respond_page(await asyncio.to_thread(_events_page))


@cache
def _events_page() -> str:
    document = orjson.loads(asyncapi_document())
    catalogue = Catalogue(document)
    return render(
        "documents/asyncapi.html",
        info=document["info"],
        topics=catalogue.topics,
        headers=catalogue.headers,
    )
