"""Examples of bodies, composed from the examples of their fields."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_BY_FORMAT = {
    "uuid": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21",
    "date-time": "2026-11-30T10:00:00Z",
    "date": "2026-11-30",
}
_BY_TYPE: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": True}


def of(schema: Json, schemas: Json) -> Any:
    """A value that `schema` allows. Optional fields that may be null are left out, so that a body
    shows what it usually holds.
    """
    if "$ref" in schema:
        return of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in schema:
            return of(schema[alternatives][0], schemas)
    if schema.get("type") == "object":
        return _object(schema, schemas)
    if schema.get("type") == "array":
        return [of(schema["items"], schemas)]
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", "")))


def _object(schema: Json, schemas: Json) -> Json:
    required = schema.get("required", ())
    return {
        name: of(field, schemas)
        for name, field in schema.get("properties", {}).items()
        if name in required or field.get("examples")
    }
