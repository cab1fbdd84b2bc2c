"""What PostgreSQL and JSON cannot hold, NUL and lone surrogates, is refused by every service
itself, in each text of a body.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.contract.test_strict_requests import MODELS, SCHEMAS

UNSTORABLE = ["a\0b", "\0", "a\ud800b", "\udfff"]
Json = dict[str, Any]


def texts(schema: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every text of a body by its path, down into objects and lists.

    Not of what has several kinds: only one that names its kind is judged, and then by ids, codes
    and amounts.
    """
    if "oneOf" in schema:
        return
    for alternative in schema.get("anyOf", [schema]):
        node = alternative
        if "$ref" in node:
            node = SCHEMAS[node["$ref"].rpartition("/")[2]]
        if node.get("type") == "string":
            yield path
        elif node.get("type") == "array":
            yield from texts(node["items"], (*path, 0))
        elif node.get("type") == "object" or "properties" in node:
            for name, field in node.get("properties", {}).items():
                yield from texts(field, (*path, name))


JUDGED = sorted({(name, path) for name in MODELS for path in texts(SCHEMAS[name])}, key=repr)


@pytest.mark.parametrize("text", UNSTORABLE, ids=ascii)
@pytest.mark.parametrize(("name", "path"), JUDGED)
def test_an_unstorable_text_is_refused(name: str, path: tuple[str | int, ...], text: str) -> None:
    body: Any = text
    for part in reversed(path):
        body = [body] if part == 0 else {part: body}
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(MODELS[name]).validate_python(body)
    assert any(error["loc"][: len(path)] == path for error in refused.value.errors()), (
        f"{name}.{path} takes {text!r}"
    )
