"""One document for the whole API: the services' own, merged with the gateway's."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.gateway.edge.upstream import Upstreams
from shared.errors import Unavailable

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


class Document:
    """The merged document; a service that does not answer is there as it was last seen."""

    def __init__(self, services: Upstreams) -> None:
        self._services = services
        self._seen: dict[str, Json] = {}
        self._merged: bytes = b""
        self._merged_at = -_FRESH_SECONDS

    async def of(self, app: FastAPI) -> bytes:
        if monotonic() < self._merged_at + _FRESH_SECONDS:
            return self._merged
        whole = True
        for service in self._services.urls:
            try:
                self._seen[service] = orjson.loads(await self._services.document(service))
            except (Unavailable, ValueError):
                whole = False
        own = get_openapi(title="Запуск Продаж", version="1", routes=app.routes)
        self._merged = orjson.dumps(merged(own, self._seen))
        self._merged_at = monotonic() if whole else -_FRESH_SECONDS
        return self._merged


def merged(own: Json, services: Mapping[str, Json]) -> Json:
    """Paths of all under unique component names; the gateway's own word on a path wins."""
    document: Json = {**own, "paths": {}, "components": {"schemas": {}}}
    for name, part in {**dict(sorted(services.items())), "gateway": own}.items():
        renamed = _with_unique_names(part, document["components"]["schemas"], name)
        for path, methods in renamed.get("paths", {}).items():
            if path.startswith("/api/v1/"):
                document["paths"].setdefault(path, {}).update(methods)
        document["components"]["schemas"].update(renamed.get("components", {}).get("schemas", {}))
    _read_from_here(document)
    _open_passwords(document)
    _with_errors_and_security(document)
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


def _with_unique_names(part: Json, taken: Mapping[str, Any], service: str) -> Json:
    """`part` with those components renamed that mean something else elsewhere."""
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

    found: Json = walk(part)
    found["components"]["schemas"] = {
        new.get(name, name): schema for name, schema in found["components"]["schemas"].items()
    }
    return found


def _pointer(reference: Any, new: Mapping[str, str]) -> Any:
    stem, _, name = str(reference).rpartition("/")
    return f"{stem}/{new.get(name, name)}"


def _read_from_here(document: Json) -> None:
    """What the gateway answers outside of FastAPI."""
    room = {
        "name": "room_id",
        "in": "query",
        "required": False,
        "schema": {"type": "string", "format": "uuid"},
    }
    activities = {"type": "array", "items": {"$ref": "#/components/schemas/ActivityView"}}
    if "ActivityView" not in document["components"]["schemas"]:
        activities = {"type": "array", "items": {"type": "object"}}
    nullable_number = {"type": ["integer", "null"]}
    desk = {
        "type": "object",
        "properties": {
            "mine": {"type": "object", "additionalProperties": activities},
            "mine_count": {"type": "integer"},
            "overdue_steps": activities,
            "about_to_reset": activities,
            "pool_count": nullable_number,
            "vip": {"type": ["object", "null"]},
            "pay": {"type": ["object", "null"]},
            "ready_to_take_at": {"type": ["string", "null"], "format": "date-time"},
            "as_of": {"type": "string", "format": "date-time"},
            "missing": {"type": "array", "items": {"type": "string"}},
        },
        "required": [
            "mine",
            "overdue_steps",
            "about_to_reset",
            "pool_count",
            "vip",
            "pay",
            "ready_to_take_at",
            "as_of",
            "missing",
        ],
    }
    document["components"]["schemas"]["DeskView"] = desk
    document["paths"]["/api/v1/desk"] = {
        "get": _reading(
            "desk",
            "A seller's day; what could not be had is named in `missing`.",
            [room],
            "application/json",
            "DeskView",
        )
    }
    last = {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
    }
    document["paths"]["/api/v1/stream"] = {
        "get": _reading(
            "stream",
            "Server-sent events: what changed in my rooms. `reset`: read everything anew.",
            [room, last],
            "text/event-stream",
        )
    }


def _reading(
    name: str, text: str, parameters: list[Json], media_type: str, schema: str = ""
) -> Json:
    shape: Json = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "string"}
    ok = {"200": {"description": "Successful Response", "content": {media_type: {"schema": shape}}}}
    return {
        "tags": ["reads"],
        "summary": name.title(),
        "description": text,
        "operationId": name,
        "parameters": parameters,
        "responses": ok,
    }


def _open_passwords(document: Json) -> None:
    """Employees' passwords are the gateway's business alone, so only here do they have one."""
    for path, method in (
        ("/api/v1/employees", "post"),
        ("/api/v1/employees/{employee_id}", "patch"),
    ):
        body = (
            document["paths"]
            .get(path, {})
            .get(method, {})
            .get("requestBody", {})
            .get("content", {})
            .get("application/json", {})
        )
        name = str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        schema = document["components"]["schemas"].get(name)
        if schema and "properties" in schema:
            fields = {
                field: shape
                for field, shape in schema["properties"].items()
                if field != "employee_id"
            }
            password = {
                "type": "string",
                "minLength": 8,
                "maxLength": 200,
                "writeOnly": True,
                "description": "Kept by the gateway as a hash",
            }
            document["components"]["schemas"][name] = {
                **schema,
                "properties": {**fields, "password": password},
            }


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
    known = {
        status: answer
        for status, answer in operation.get("responses", {}).items()
        if status != "422"
    }
    told = {
        **known,
        **{
            status: {"$ref": f"#/components/responses/{name}"}
            for status, name in errors.items()
            if status not in known
        },
    }
    hidden = ("x-internal-token",)
    parameters = [
        each
        for each in operation.get("parameters", [])
        if str(each.get("name", "")).lower() not in hidden
    ]
    if method in ("post", "put", "patch") and not path.startswith(_OPEN):
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 200},
            }
        )
    found = {**operation, "responses": told, "parameters": parameters}
    if path.startswith("/api/v1/auth/"):
        found["security"] = []
    return found
