"""The OpenAPI document of the whole API: the services' own, merged with the gateway's."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from services.gateway.accounts.passwords import Password
from services.gateway.edge.upstream import Upstreams
from shared.contracts import http_document
from shared.contracts.descriptions import TITLE
from shared.errors import Unavailable

Json = dict[str, Any]
_FRESH_SECONDS = 60.0
_WITH_PASSWORD = (
    ("/api/v1/employees", "post"),
    ("/api/v1/employees/{employee_id}", "patch"),
)


class Document:
    """The merged document; a service that does not answer is described as it was last seen."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._seen: dict[str, Json] = {}
        self._merged: bytes = b""
        self._merged_at = -_FRESH_SECONDS

    async def of(self, app: FastAPI) -> bytes:
        if monotonic() < self._merged_at + _FRESH_SECONDS:
            return self._merged
        complete = True
        for service in self._upstreams.urls:
            try:
                self._seen[service] = orjson.loads(await self._upstreams.document(service))
            except (Unavailable, ValueError):
                complete = False
        own = get_openapi(title=TITLE, version="1", routes=app.routes)
        self._merged = orjson.dumps(merged(own, self._seen))
        self._merged_at = monotonic() if complete else -_FRESH_SECONDS
        return self._merged


def merged(own: Json, services: Mapping[str, Json]) -> Json:
    """The whole public API; employees' bodies have the password that only the gateway sees."""
    return http_document.merged(own, services, _add_passwords)


def _add_passwords(document: Json) -> None:
    password = TypeAdapter(Password).json_schema() | {"writeOnly": True}
    for path, method in _WITH_PASSWORD:
        operation = document["paths"].get(path, {}).get(method, {})
        content = operation.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        name = str(reference).rpartition("/")[2]
        schema = document["components"]["schemas"].get(name)
        if schema and "properties" in schema:
            properties = {**schema["properties"], "password": password}
            properties.pop("employee_id", None)
            document["components"]["schemas"][name] = {**schema, "properties": properties}
