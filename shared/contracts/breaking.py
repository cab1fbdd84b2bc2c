"""What would break a reader: the published language only ever gains fields, values of a list, and
types.

Facts are kept for ever, so both directions count: an old reader meets new facts, and a new reader
meets the oldest.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

Schema = Mapping[str, Any]

_TEXT = frozenset({"title", "description", "examples", "default", "$schema", "$id", "$defs"})
_COMPARED = frozenset(
    {"type", "format", "enum", "const", "properties", "required", "items", "anyOf", "$ref"}
)


@dataclass(frozen=True, slots=True)
class _Node:
    """A schema within its document."""

    schema: Schema
    root: Schema

    def at(self, schema: Schema) -> "_Node":
        """`schema` of the same document, with references followed."""
        found: Schema = schema
        while "$ref" in found:
            place: Any = self.root
            for step in found["$ref"].removeprefix("#/").split("/"):
                place = place[step]
            found = place
        return _Node(found, self.root)

    @property
    def branches(self) -> dict[str, "_Node"]:
        """The alternatives by what they are: `string`, `string date-time`, `null`, `object`…"""
        found: dict[str, _Node] = {}
        for node in (self.at(each) for each in self.schema.get("anyOf", [self.schema])):
            kind = " ".join(
                filter(None, (node.schema.get("type", "anything"), node.schema.get("format")))
            )
            found[kind if kind not in found else f"{kind} ({len(found)})"] = node
        return found


def breaking(old: Schema, new: Schema) -> list[str]:
    """What a reader could stumble over, a line each; empty where something was only added."""
    return list(_changes("", _Node(old, old).at(old), _Node(new, new).at(new), frozenset()))


def missing_types(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """A line for each published type that is no longer there."""
    return [f"{name}: the type was removed" for name in sorted(old.keys() - new.keys())]


def _changes(path: str, old: _Node, new: _Node, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    pair = (id(old.schema), id(new.schema))
    if pair in above:  # a type that contains itself
        return
    before, after = old.branches, new.branches
    if before.keys() != after.keys():
        yield f"{path or 'data'}: was {_either(before)}, is {_either(after)}"
        return
    compared: list[Callable[[str, _Node, _Node], Iterator[str]]] = [
        _values,
        _constraints,
        partial(_fields, above=above | {pair}),
    ]
    for kind in before:
        for compare in compared:
            yield from compare(path, before[kind], after[kind])
        if kind == "array":
            was, now = (
                node.at(node.schema.get("items", {})) for node in (before[kind], after[kind])
            )
            yield from _changes(f"{path}[]", was, now, above | {pair})


def _either(branches: Mapping[str, _Node]) -> str:
    return " or ".join(branches)


def _values(path: str, old: _Node, new: _Node) -> Iterator[str]:
    before, after = _listed(old.schema), _listed(new.schema)
    if before is None and after is None:
        return
    if before is None or after is None:
        yield f"{path}: was {'any value' if before is None else before}, is {'any value' if after is None else after}"
        return
    if gone := [value for value in before if value not in after]:
        yield f"{path}: values removed: {', '.join(map(str, gone))}"


def _listed(schema: Schema) -> list[Any] | None:
    values: list[Any] | None = schema.get("enum") or (
        [schema["const"]] if "const" in schema else None
    )
    return values


def _constraints(path: str, old: _Node, new: _Node) -> Iterator[str]:
    """Every other keyword: topic and noun, patterns, bounds.

    Anything but sameness is too hard to judge, so it counts.
    """
    names = (old.schema.keys() | new.schema.keys()) - _TEXT - _COMPARED
    for name in sorted(names):
        before, after = old.schema.get(name), new.schema.get(name)
        if before != after:
            yield f"{path or 'data'}: {name} was {before!r}, is {after!r}"


def _fields(path: str, old: _Node, new: _Node, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    always, will = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in sorted(before.keys() | after.keys()):
        where = f"{path}.{name}".lstrip(".")
        if name not in after:
            yield f"{where}: the field was removed"
        elif name not in before:
            if name in will:
                yield f"{where}: a new field is required, but facts that are kept do not have it; give it a default"
        elif name in will - always:
            yield f"{where}: has become required, but facts that are kept may not have it"
        elif name in always - will:
            yield f"{where}: was always there, and may now be missing"
        if name in before and name in after:
            yield from _changes(where, old.at(before[name]), new.at(after[name]), above)
