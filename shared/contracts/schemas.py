"""JSON Schemas of events, as they are on the wire, and their examples."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from shared.contracts.descriptions import describe
from shared.events import REGISTRY, Event
from shared.events.base import VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXAMPLES = "docs/events/examples"

Schema = dict[str, Any]


class Terse(GenerateJsonSchema):
    """Without a title for every field that only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def file_name(type_: str) -> str:
    """`activity.taken.v1.json`."""
    return f"{type_}.v{VERSION}.json"


def schema_of(kind: type[Event], example: Mapping[str, Any] | None = None) -> Schema:
    """The JSON Schema of an event's data, with an `example`; `$id` is the header `ce_dataschema`.

    A field that has a default was added later: old events may not have it, so it is not required.
    """
    body = kind.model_json_schema(mode="serialization", schema_generator=Terse)
    for name, part in {kind.__name__: body, **body.get("$defs", {})}.items():
        _describe(name, part)
    about = {
        "$schema": DIALECT,
        "$id": f"/schemas/{kind.type}/v{VERSION}",
        "x-topic": kind.topic,
        "x-noun": kind.noun,
    }
    return about | body | ({"examples": [example["data"]]} if example else {})


def examples(root: Path) -> dict[str, Schema]:
    """An event by its type, as a reader meets it: `key`, `headers`, `data`."""
    paths = sorted((root / EXAMPLES).glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in paths}


def kinds() -> list[type[Event]]:
    """Every published event, by type."""
    return [REGISTRY[type_] for type_ in sorted(REGISTRY)]


def definitions() -> Schema:
    """All events and their parts under their class names, pointing at each other within an AsyncAPI
    document.
    """
    models: list[tuple[type[Event], JsonSchemaMode]] = [(kind, "serialization") for kind in kinds()]
    _, together = models_json_schema(
        models, ref_template="#/components/schemas/{model}", schema_generator=Terse
    )
    schemas: Schema = together["$defs"]
    for name, schema in schemas.items():
        _describe(name, schema)
    return schemas


def _describe(name: str, schema: Schema) -> None:
    for field, shape in schema.get("properties", {}).items():
        describe(shape, name, field)
