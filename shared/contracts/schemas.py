"""JSON Schemas of facts, as they are on the wire."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from shared.events import REGISTRY, Event
from shared.events.base import VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class Terse(GenerateJsonSchema):
    """Without a title for every field that only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def file_name(type_: str) -> str:
    """`activity.taken.v1.json`."""
    return f"{type_}.v{VERSION}.json"


def schema_of(kind: type[Event]) -> Schema:
    """The JSON Schema of a fact's data; `$id` is what the header `ce_dataschema` says.

    A field that has a default was added later: old facts may not have it, so it is not required.
    """
    body = kind.model_json_schema(mode="serialization", schema_generator=Terse)
    about = {
        "$schema": DIALECT,
        "$id": f"/schemas/{kind.type}/v{VERSION}",
        "x-topic": kind.topic,
        "x-noun": kind.noun,
    }
    return about | body


def kinds() -> list[type[Event]]:
    """Every published fact, by type."""
    return [REGISTRY[type_] for type_ in sorted(REGISTRY)]


def definitions() -> Schema:
    """All facts and their parts under their class names, pointing at each other within an AsyncAPI
    or OpenAPI document.
    """
    wanted: list[tuple[type[Event], JsonSchemaMode]] = [(kind, "serialization") for kind in kinds()]
    _, together = models_json_schema(
        wanted, ref_template="#/components/schemas/{model}", schema_generator=Terse
    )
    found: Schema = together["$defs"]
    return found
