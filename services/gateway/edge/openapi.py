"""One document for the whole API: the services' own, merged with the gateway's."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from services.gateway.accounts.passwords import Password
from services.gateway.edge.upstream import Upstreams
from shared.errors import Unavailable
from shared.web.callers import INTERNAL_TOKEN, KEY_LENGTH

Json = dict[str, Any]
_FRESH_SECONDS = 60.0
_METHODS = ("get", "post", "put", "patch", "delete")
_ERRORS = {
    "401": "Unauthenticated",
    "403": "Forbidden",
    "404": "NotFound",
    "422": "Invalid",
    "429": "Wait",
    "503": "Unavailable",
}
_OPEN = ("/api/v1/auth/", "/api/v1/tenants")
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
        own = get_openapi(title="Запуск Продаж", version="1", routes=app.routes)
        self._merged = orjson.dumps(merged(own, self._seen))
        self._merged_at = monotonic() if complete else -_FRESH_SECONDS
        return self._merged


def merged(own: Json, services: Mapping[str, Json]) -> Json:
    """The paths of all under unique component names; the gateway's description of a path wins."""
    document: Json = {**own, "paths": {}, "components": {"schemas": {}}}
    for name, part in {**dict(sorted(services.items())), "gateway": own}.items():
        renamed = _with_unique_names(part, document["components"]["schemas"], name)
        for path, methods in renamed.get("paths", {}).items():
            if path.startswith("/api/v1/"):
                document["paths"].setdefault(path, {}).update(methods)
        document["components"]["schemas"].update(renamed.get("components", {}).get("schemas", {}))
    _add_passwords(document)
    _with_errors_and_security(document)
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


def _with_unique_names(part: Json, taken: Mapping[str, Any], service: str) -> Json:
    """`part` with those components renamed whose names mean something else elsewhere."""
    schemas = part.get("components", {}).get("schemas", {})
    new = {
        name: f"{service.title()}{name}"
        for name, schema in schemas.items()
        if name in taken and taken[name] != schema
    }
    if not new:
        return part

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: _pointer(value, new) if key == "$ref" else walk(value)
                for key, value in node.items()
            }
        return [walk(item) for item in node] if isinstance(node, list) else node

    renamed: Json = walk(part)
    schemas = renamed["components"]["schemas"].items()
    renamed["components"]["schemas"] = {new.get(name, name): schema for name, schema in schemas}
    return renamed


def _pointer(reference: Any, new: Mapping[str, str]) -> Any:
    stem, _, name = str(reference).rpartition("/")
    return f"{stem}/{new.get(name, name)}"


def _add_passwords(document: Json) -> None:
    """Passwords are the gateway's alone: only here do the bodies of employees have one."""
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


def _with_errors_and_security(document: Json) -> None:
    components = document["components"]
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    components["schemas"]["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object"}},
            "retry_after_seconds": {"type": "integer"},
        },
        "additionalProperties": True,
    }
    shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        name: {"description": name, "content": shape} for name in [*_ERRORS.values(), "Refused"]
    }
    document["security"] = [{"bearer": []}]
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                methods[method] = _operation(methods[method], path, method)


def _operation(operation: Json, path: str, method: str) -> Json:
    errors = dict(_ERRORS) | ({"409": "Refused"} if method != "get" else {})
    declared = {
        status: response
        for status, response in operation.get("responses", {}).items()
        if status != "422"
    }
    refusals = {
        status: {"$ref": f"#/components/responses/{name}"}
        for status, name in errors.items()
        if status not in declared
    }
    parameters = [
        parameter
        for parameter in operation.get("parameters", [])
        if str(parameter.get("name", "")).lower() != INTERNAL_TOKEN
    ]
    if method in ("post", "put", "patch") and not path.startswith(_OPEN):
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": KEY_LENGTH},
            }
        )
    described = {**operation, "responses": declared | refusals, "parameters": parameters}
    if path.startswith("/api/v1/auth/"):
        described["security"] = []
    return described
