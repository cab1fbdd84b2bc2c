"""Bodies of reports: forms, JSON, queries."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from shared.errors import Invalid

_MOST_FIELDS = 100


def json_object(body: bytes, field: str = "body") -> dict[str, Any]:
    """The JSON object in a body. Raises `Invalid`, naming the `field` that holds it."""
    try:
        value = orjson.loads(body)
    except ValueError:
        raise Invalid(field, "json") from None
    if not isinstance(value, dict):
        raise Invalid(field, "object")
    return value


def flat_fields(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a body, JSON or form-encoded, whatever its type says: switchboards often say
    nothing. Raises `Invalid`.
    """
    if "json" in content_type.lower() or body.lstrip()[:1] in (b"{", b"["):
        return json_object(body)
    return form_fields(body.decode("utf-8", "replace"))


def form_fields(text: str) -> dict[str, Any]:
    """The fields of a form, or of a query, each as it is given last. Raises `Invalid`."""
    try:
        return dict(parse_qsl(text, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Invalid("body", "form") from None


def with_inner(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with those of their inner objects beside them; what stands outside wins."""
    inner: dict[str, Any] = {}
    for value in fields.values():
        if isinstance(value, dict):
            inner |= value
    return inner | {name: value for name, value in fields.items() if not isinstance(value, dict)}
