"""Changes that would break a client of the HTTP API: requests may only be allowed more, responses
may only say more.

Requests and responses are compared in opposite directions: a field that a request may leave out is
an addition, one that a response may leave out is a break.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.nodes import Node, loosened

Document = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")
_AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaking_http(old: Document, new: Document) -> list[str]:
    """The changes from `old` to `new` that a client could stumble over, a line each."""
    lines: list[str] = []
    after = dict(_operations(new))
    for name, operation in _operations(old):
        if name not in after:
            lines.append(f"{name}: the operation was removed")
        else:
            comparison = _Comparison(Node(old, old), Node(new, new))
            changes = comparison.operation(operation, after[name])
            lines += [f"{name}: {line}" for line in changes]
    return lines


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document.get("paths", {}).items():
        for method in _METHODS:
            if method in methods:
                yield f"{method.upper()} {path}", methods[method]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares the parts of an operation in two documents."""

    old: Node
    new: Node

    def operation(self, old: Document, new: Document) -> Iterator[str]:
        before, after = old.get("operationId"), new.get("operationId")
        if before != after:
            yield f"operationId was {before}, is {after}"
        if self._is_open(old, self.old) and not self._is_open(new, self.new):
            yield "needs a caller now"
        yield from self._parameters(old, new)
        yield from self._bodies(old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(old.get("responses", {}), new.get("responses", {}))

    def _is_open(self, operation: Document, document: Node) -> bool:
        return not operation.get("security", document.schema.get("security", []))

    def _parameters(self, old: Document, new: Document) -> Iterator[str]:
        before, after = self._by_name(old, self.old), self._by_name(new, self.new)
        for name in sorted(before.keys() - after.keys()):
            yield f"{name}: the parameter was removed"
        for name in sorted(after.keys() - before.keys()):
            if after[name].get("required"):
                yield f"{name}: a new parameter is required"
        for name in sorted(before.keys() & after.keys()):
            if after[name].get("required") and not before[name].get("required"):
                yield f"{name}: the parameter has become required"
            yield from self._requests(name, before[name], after[name])

    def _by_name(self, operation: Document, document: Node) -> dict[str, Document]:
        parameters = (document.at(entry).schema for entry in operation.get("parameters", ()))
        return {f"{parameter['in']} {parameter['name']}": parameter for parameter in parameters}

    def _bodies(self, old: Document | None, new: Document | None) -> Iterator[str]:
        if new is None:
            if old is not None:
                yield "body: was removed"
            return
        if old is None:
            if new.get("required"):
                yield "body: is required now"
            return
        if new.get("required") and not old.get("required"):
            yield "body: has become required"
        for media_type, content in old.get("content", {}).items():
            if media_type not in new.get("content", {}):
                yield f"body: {media_type} is no longer taken"
            else:
                yield from self._requests("body", content, new["content"][media_type])

    def _requests(self, path: str, old: Document, new: Document) -> Iterator[str]:
        before, after = self.old.at(old.get("schema", {})), self.new.at(new.get("schema", {}))
        yield from _changes(path, before, after, _narrowed, frozenset())

    def _responses(self, old: Document, new: Document) -> Iterator[str]:
        for status, response in old.items():
            if status not in new:
                yield f"{status}: the response was removed"
                continue
            before, after = self.old.at(response).schema, self.new.at(new[status]).schema
            for media_type, content in before.get("content", {}).items():
                if media_type not in after.get("content", {}):
                    yield f"{status}: {media_type} is no longer sent"
                    continue
                sent = after["content"][media_type]
                pair = (self.old.at(content.get("schema", {})), self.new.at(sent.get("schema", {})))
                yield from _changes(status, *pair, _widened, frozenset())


Compare = Callable[[str, Node, Node], Iterator[str]]


def _changes(
    path: str, old: Node, new: Node, compare: Compare, above: frozenset[tuple[int, int]]
) -> Iterator[str]:
    """Walks both schemas; `compare` judges each place in its direction."""
    pair = (id(old.schema), id(new.schema))
    if pair in above:  # a type that contains itself
        return
    before, after = old.branches, new.branches
    yield from compare(path, old, new)
    for kind in before.keys() & after.keys():
        was, now = before[kind], after[kind]
        if kind == "array":
            yield from _changes(f"{path}[]", was.items, now.items, compare, above | {pair})
        fields, kept = was.schema.get("properties", {}), now.schema.get("properties", {})
        for name in sorted(fields.keys() & kept.keys()):
            deeper = (was.at(fields[name]), now.at(kept[name]))
            yield from _changes(f"{path}.{name}", *deeper, compare, above | {pair})


def _narrowed(path: str, old: Node, new: Node) -> Iterator[str]:
    """Values that a request could hold and may not any more."""
    before, after = old.branches, new.branches
    if "anything" not in after and (gone := before.keys() - after.keys()):
        yield f"{path}: may no longer be {_either(gone)}"
    for kind in sorted(before.keys() & after.keys()):
        was, now = before[kind], after[kind]
        yield from _removed_values(path, was, now)
        if was.values is None and now.values is not None:
            yield f"{path}: was any value, is one of {_either(map(str, now.values))}"
        yield from _tightened(path, was.schema, now.schema)
        yield from _removed_fields(path, was, now)
        required, new_names = set(was.schema.get("required", ())), now.schema.get("required", ())
        for name in new_names:
            if name not in required:
                was_optional = name in was.schema.get("properties", {})
                change = "has become" if was_optional else "a new field is"
                yield f"{path}.{name}: {change} required"


def _widened(path: str, old: Node, new: Node) -> Iterator[str]:
    """Values that a response may hold and could not before. A new kind of things that a field tells
    apart is a new code of that field: codes are added over time.
    """
    before, after = old.branches, new.branches
    told_apart = old.discriminator and old.discriminator == new.discriminator
    more = set() if told_apart else after.keys() - before.keys()
    if "anything" not in before and more:
        yield f"{path}: may now be {_either(more)}"
    for kind in sorted(before.keys() & after.keys()):
        was, now = before[kind], after[kind]
        yield from _removed_values(path, was, now)
        if was.values is not None and now.values is None:
            yield f"{path}: was one of {_either(map(str, was.values))}, is any value"
        yield from _removed_fields(path, was, now)
        for name in sorted(set(was.schema.get("required", ())) & set(_fields(now))):
            if name not in now.schema.get("required", ()):
                yield f"{path}.{name}: was always there, and may now be missing"


def _removed_values(path: str, old: Node, new: Node) -> Iterator[str]:
    if old.values and new.values and (gone := [v for v in old.values if v not in new.values]):
        yield f"{path}: values removed: {', '.join(map(str, gone))}"


def _removed_fields(path: str, old: Node, new: Node) -> Iterator[str]:
    for name in sorted(_fields(old).keys() - _fields(new).keys()):
        yield f"{path}.{name}: the field was removed"


def _fields(node: Node) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = node.schema.get("properties", {})
    return fields


def _tightened(path: str, old: Document, new: Document) -> Iterator[str]:
    for name in _AT_LEAST:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{path}: {name} was {old.get(name)}, is {new[name]}"
    for name in _AT_MOST:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{path}: {name} was {old.get(name)}, is {new[name]}"
    pattern = old.get("pattern")
    if "pattern" in new and new["pattern"] != pattern and not loosened(pattern, new["pattern"]):
        yield f"{path}: pattern was {pattern}, is {new['pattern']}"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{path}: unknown fields are refused now"


def _either(names: Any) -> str:
    return " or ".join(sorted(names))
