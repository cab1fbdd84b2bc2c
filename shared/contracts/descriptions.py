"""Words of the public contracts, each once: meanings of fields and parameters, tags, the title."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.versions import HEADER, PATTERN
from shared.web.callers import KEY_LENGTH

Json = dict[str, Any]
TITLE = "Sales Launch"
_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
FIELDS: Mapping[str, list[Any]] = _TEXTS["fields"]
TAGS: Mapping[str, str] = _TEXTS["tags"]
_ABOUT = """The public API of Sales Launch ("Запуск Продаж"): sales rooms, and the pay that follows
from them.

Ids are UUIDv7, moments RFC 3339 in UTC, days `YYYY-MM-DD`, money a string with two places and its
currency. Lists take `limit` and `cursor`. A command responds after its events are stored; any
POST, PUT or PATCH may carry an `Idempotency-Key`, any PUT or PATCH an `If-Match`. Refusals are
problems (RFC 9457): branch on `code`; their texts are in English or Russian, as `Accept-Language`
asks. Fields and codes are only added."""
IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": FIELDS["Idempotency-Key"][0],
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH},
    "example": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21",
}

IF_MATCH: Mapping[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": FIELDS[HEADER][0],
    "schema": {"type": "string", "pattern": PATTERN},
    "example": '"7"',
}
ETAG: Mapping[str, Any] = {
    "description": "The version of what is shown; goes into `If-Match`.",
    "schema": {"type": "string"},
    "example": '"7"',
}


def about() -> Json:
    """The document's `info`."""
    return {
        "title": TITLE,
        "version": "1",
        "summary": "Sales rooms, and the pay that follows from them",
        "description": _ABOUT,
        "contact": {"name": "The operator of the installation"},
        "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    }


def describe(place: Json, owner: str, name: str) -> None:
    """Gives a property of a schema, or a parameter of an operation, its description and example,
    unless the code gave it one.
    """
    words = FIELDS.get(f"{owner}.{name}") or FIELDS.get(name)
    if words is None:
        return
    text, *example = words
    place.setdefault("description", text)
    shape = place.get("schema", place)
    if example and not {"$ref", "examples", "enum", "const"} & shape.keys():
        shape["examples"] = example
