"""The API's documents, at the root."""

import asyncio
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from services.gateway.api.dependencies import Parts
from shared.errors import NotFound

TITLE = "Запуск Продаж"
ASYNCAPI = Path(__file__).parents[3] / "docs" / "events" / "asyncapi.json"
_INDEX = f"""<!doctype html>
<html lang="ru">
<meta charset="utf-8">
<title>{TITLE}</title>
<h1>{TITLE}</h1>
<ul>
<li><a href="/docs">API</a>
<li><a href="/asyncapi">События</a>
</ul>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> HTMLResponse:
    """Leads to the documents until the pages exist."""
    return HTMLResponse(_INDEX)


@router.get("/openapi.json")
async def openapi(request: Request, parts: Parts) -> Response:
    return Response(await parts.document.of(request.app), media_type="application/json")


@router.get("/docs")
async def docs() -> HTMLResponse:
    # The page loads its script from a CDN; without one, the document above is all there is.
    return get_swagger_ui_html(openapi_url="/openapi.json", title=TITLE)


@router.get("/asyncapi")
async def asyncapi() -> Response:
    if not await asyncio.to_thread(ASYNCAPI.exists):
        raise NotFound("document")
    return Response(await asyncio.to_thread(ASYNCAPI.read_bytes), media_type="application/json")
