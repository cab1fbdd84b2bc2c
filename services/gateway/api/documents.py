"""The documents of the API and of the events, at the root."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.gateway.api.dependencies import Parts
from services.gateway.edge.asyncapi import asyncapi_document

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request, parts: Parts) -> Response:
    return Response(await parts.document.of(request.app), media_type="application/json")


@router.get("/asyncapi.json")
async def asyncapi() -> Response:
    return Response(await asyncio.to_thread(asyncapi_document), media_type="application/json")
