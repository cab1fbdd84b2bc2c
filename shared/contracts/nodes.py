"""Schemas within their document: references followed, alternatives by what they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_AT_MOST = re.compile(r"(?<=,)\d+(?=\})")
_TWO_PLACES, _UP_TO_TWO_PLACES = r"\.\d{2}$", r"(\.\d{1,2})?$"


def loosened(before: Any, after: Any) -> bool:
    """Whether the pattern `after` is `before` but for higher limits of its repetitions
    (`\\d{1,12}`, `\\d{1,20}`) or fewer places behind the point: it lets through whatever the other
    does.
    """
    if not (isinstance(before, str) and isinstance(after, str)):
        return False
    if before.endswith(_TWO_PLACES) and after.endswith(_UP_TO_TWO_PLACES):
        before = before.removesuffix(_TWO_PLACES) + _UP_TO_TWO_PLACES
    if _AT_MOST.sub("", before) != _AT_MOST.sub("", after):
        return False
    limits = zip(_AT_MOST.findall(before), _AT_MOST.findall(after), strict=True)
    return all(int(was) <= int(now) for was, now in limits)


@dataclass(frozen=True, slots=True)
class Node:
    """A schema within its document."""

    schema: Schema
    root: Schema

    @classmethod
    def of(cls, document: Schema) -> "Node":
        """A document that is a schema itself."""
        return cls(document, document).at(document)

    def at(self, schema: Schema) -> "Node":
        """`schema` of the same document, with references followed."""
        while "$ref" in schema:
            place: Any = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                place = place[step.replace("~1", "/").replace("~0", "~")]
            schema = place
        return Node(schema, self.root)

    @property
    def branches(self) -> dict[str, "Node"]:
        """The alternatives by what they are: `string`, `string date-time`, `null`, `object`…;
        those that a field tells apart by its value.
        """
        alternatives: dict[str, Node] = {}
        either = self.schema.get("anyOf") or self.schema.get("oneOf") or [self.schema]
        for node in (self.at(schema) for schema in either):
            kind = " ".join(
                filter(None, (node.schema.get("type", "anything"), node.schema.get("format")))
            )
            if self.discriminator:
                field = node.schema.get("properties", {}).get(self.discriminator, {})
                kind = f"{kind} {field.get('const', '')}"
            name = kind if kind not in alternatives else f"{kind} ({len(alternatives)})"
            alternatives[name] = node
        return alternatives

    @property
    def discriminator(self) -> str:
        """The field whose value tells alternatives apart; empty where none does."""
        name: str = self.schema.get("discriminator", {}).get("propertyName", "")
        return name

    @property
    def items(self) -> "Node":
        """The schema of an array's elements."""
        return self.at(self.schema.get("items", {}))

    @property
    def values(self) -> list[Any] | None:
        """The values that are listed; None where any will do."""
        values: list[Any] | None = self.schema.get("enum") or (
            [self.schema["const"]] if "const" in self.schema else None
        )
        return values
