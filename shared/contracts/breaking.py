"""Changes that would break a reader of events: the published language only ever gains fields,
values of a list, and types.

Events are kept for ever, so both directions count: an old reader meets new events, and a new reader
meets the oldest.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from shared.contracts.nodes import Node, Schema, loosened

_TEXT = frozenset({"title", "description", "examples", "default", "$schema", "$id", "$defs"})
_COMPARED = frozenset(
    {"type", "format", "enum", "const", "properties", "required", "items", "anyOf", "$ref"}
)


def breaking(old: Schema, new: Schema) -> list[str]:
    """The changes that a reader could stumble over, a line each; none for additions."""
    return list(_changes("", Node.of(old), Node.of(new), frozenset()))


def missing_types(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """A line for each published type that is no longer there."""
    return [f"{name}: the type was removed" for name in sorted(old.keys() - new.keys())]


def _changes(path: str, old: Node, new: Node, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    pair = (id(old.schema), id(new.schema))
    if pair in above:  # a type that contains itself
        return
    before, after = old.branches, new.branches
    if before.keys() != after.keys():
        yield f"{path or 'data'}: was {_either(before)}, is {_either(after)}"
        return
    compared: list[Callable[[str, Node, Node], Iterator[str]]] = [
        _values,
        _constraints,
        partial(_fields, above=above | {pair}),
    ]
    for kind in before:
        for compare in compared:
            yield from compare(path, before[kind], after[kind])
        if kind == "array":
            was, now = before[kind].items, after[kind].items
            yield from _changes(f"{path}[]", was, now, above | {pair})


def _either(branches: Mapping[str, Node]) -> str:
    return " or ".join(branches)


def _values(path: str, old: Node, new: Node) -> Iterator[str]:
    before, after = old.values, new.values
    if before is None and after is None:
        return
    if before is None or after is None:
        yield (
            f"{path}: was {'any value' if before is None else before}, is"
            f" {'any value' if after is None else after}"
        )
        return
    if gone := [value for value in before if value not in after]:
        yield f"{path}: values removed: {', '.join(map(str, gone))}"


def _constraints(path: str, old: Node, new: Node) -> Iterator[str]:
    """Any change of another keyword: topic and noun, patterns, bounds. A pattern may let longer
    values through; whether another change only loosens is too hard to judge.
    """
    names = (old.schema.keys() | new.schema.keys()) - _TEXT - _COMPARED
    for name in sorted(names):
        before, after = old.schema.get(name), new.schema.get(name)
        if before != after and not (name == "pattern" and loosened(before, after)):
            yield f"{path or 'data'}: {name} was {before!r}, is {after!r}"


def _fields(path: str, old: Node, new: Node, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    always, will = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in sorted(before.keys() | after.keys()):
        where = f"{path}.{name}".lstrip(".")
        if name not in after:
            yield f"{where}: the field was removed"
        elif name not in before:
            if name in will:
                yield (
                    f"{where}: a new field is required, but events that are kept do not have it;"
                    " give it a default"
                )
        elif name in will - always:
            yield f"{where}: has become required, but events that are kept may not have it"
        elif name in always - will:
            yield f"{where}: was always there, and may now be missing"
        if name in before and name in after:
            yield from _changes(where, old.at(before[name]), new.at(after[name]), above)
