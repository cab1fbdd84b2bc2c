"""The AsyncAPI document as a page shows it: topics, their events, fields in rows, examples."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
_WHOLE = frozenset({"Money", "MoneySum"})  # read as one value, not field by field


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table: a dotted name, a type in words, whether it is always there."""

    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class EventType:
    """An event: when it is sent, its fields, and an example as pretty JSON."""

    name: str
    text: str
    fields: list[Field]
    key: str
    headers: str
    data: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the types on it."""

    name: str
    text: str
    events: list[EventType]


class Catalogue:
    """Reads an AsyncAPI 3 document."""

    def __init__(self, document: Json) -> None:
        self._document = document

    @property
    def topics(self) -> list[Topic]:
        """The topics in the document's order, without dead letters, which are the operator's."""
        return [
            Topic(name, channel["description"], [self._event(ref) for ref in _references(channel)])
            for name, channel in self._document["channels"].items()
            if not name.endswith(".dlq")
        ]

    @property
    def headers(self) -> list[Field]:
        """The headers of every record."""
        return list(self._fields({"$ref": "#/components/schemas/Headers"}))

    def _event(self, reference: str) -> EventType:
        message = self._at(reference)
        example: Json = next(iter(message.get("examples", ())), {})
        return EventType(
            name=message["name"],
            text=message["summary"],
            fields=list(self._fields(message.get("payload", {}))),
            key=message["bindings"]["kafka"]["key"]["description"],
            headers=_pretty(example.get("headers")),
            data=_pretty(example.get("payload")),
        )

    def _at(self, reference: str) -> Json:
        place: Any = self._document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        found: Json = place
        return found

    def _fields(self, schema: Json, prefix: str = "") -> Iterator[Field]:
        shape = self._at(schema["$ref"]) if "$ref" in schema else schema
        for name, field in shape.get("properties", {}).items():
            required = name in shape.get("required", ())
            path = f"{prefix}{name}"
            yield Field(path, self._kind(field), required, field.get("description", ""))
            for part in self._parts(field):
                marker = "[]" if field.get("type") == "array" else ""
                yield from self._fields(part, f"{path}{marker}.")

    def _parts(self, field: Json) -> Iterator[Json]:
        """The objects whose fields are rows of their own."""
        for shape in (*field.get("anyOf", ()), field.get("items", field)):
            name = shape.get("$ref", "").rpartition("/")[2]
            if name and name not in _WHOLE and self._at(shape["$ref"]).get("properties"):
                yield shape

    def _kind(self, field: Json) -> str:
        if "anyOf" in field:
            return " or ".join(self._kind(alternative) for alternative in field["anyOf"])
        if "$ref" in field:
            return str(field["$ref"].rpartition("/")[2])
        if "const" in field:
            return json.dumps(field["const"], ensure_ascii=False)
        if "enum" in field:
            return "one of " + ", ".join(map(str, field["enum"]))
        if field.get("type") == "array":
            return f"list of {self._kind(field.get('items', {}))}"
        return str(field.get("format") or field.get("type", "any"))


def _references(channel: Json) -> Iterator[str]:
    for message in channel["messages"].values():
        yield message["$ref"]


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
