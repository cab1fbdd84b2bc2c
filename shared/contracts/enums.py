"""Codes of the vocabulary as schemas of their own, so that a client has each once."""

from typing import Any, Literal, get_args, get_origin

from shared import vocabulary

Json = dict[str, Any]
NAMES = {
    get_args(kind): name
    for name, kind in vars(vocabulary).items()
    if get_origin(kind) is Literal and not name.startswith("_")
}


def lift(document: Json) -> None:
    """Puts a schema for each list of codes among the components, and references in its places."""
    used: set[tuple[str, ...]] = set()
    for part in (document["paths"], document["components"]["schemas"]):
        _refer(part, used)
    document["components"]["schemas"] |= {
        name: {"type": "string", "enum": list(values)}
        for values, name in NAMES.items()
        if values in used
    }


def _refer(node: Any, used: set[tuple[str, ...]]) -> None:
    if isinstance(node, list):
        for item in node:
            _refer(item, used)
    elif isinstance(node, dict):
        values = node.get("enum")
        if isinstance(values, list) and (name := NAMES.get(tuple(values))):
            used.add(tuple(values))
            del node["enum"]
            node.pop("type", None)
            node["$ref"] = f"#/components/schemas/{name}"
        for value in node.values():
            _refer(value, used)
