"""No request is laxer than its published schema: what a field's type, pattern or format does not
allow is refused, in the bodies of every service.
"""

import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
DOCUMENT: Json = json.loads((ROOT / "docs/api/openapi.json").read_text())
SCHEMAS: Json = DOCUMENT["components"]["schemas"]

_DAY = r"\d{4}-\d{2}-\d{2}"
FORMATS = {
    "date": _DAY,
    "date-time": rf"{_DAY}[Tt]\d{{2}}:\d{{2}}:\d{{2}}(\.\d+)?([Zz]|[+-]\d{{2}}:\d{{2}})",
    "email": r"[^@]+@[^@]+",
    # A UUID has several spellings, and all of them name the same thing.
    "uuid": r"[0-9a-fA-F{}:urnid-]{32,45}",
}
OTHER_SPELLINGS = [
    *("1_000.00", "_1_", "1e3", "1E+2", " 100.00 ", "+100", "100.", ".5", "100.000", "0x10"),
    *("1700006400", "1700006400.0", "20261130", "2026-W48-1", "2026-11-30T10:00:00", "30.11.2026"),
    *("2026-11-30 10:00:00Z", "2026-11-30T10:00Z", "2026-11-30T10:00:00+03", "1764496800000"),
    *("٢٠٢٦-١١-٣٠", "１００", "2026-11-30Z", "2026-11-30\n", "1.00\n", "RUB\n", "rub", "true", ""),
]
OF_OTHER_TYPES: dict[str, list[Any]] = {
    "string": [1, 1.5, True, 1700006400, [], {}],
    "integer": ["1", "1_0", "１", 1.5, "1.0", True, []],
    "boolean": ["yes", "true", "on", 1, 0, "1", []],
}


def models() -> dict[str, Any]:
    """The bodies of every route that are schemas of the document, by name."""
    found: dict[str, Any] = {}
    for path in sorted(ROOT.glob("services/*/api/__init__.py")):
        for router in import_module(f"services.{path.parts[-3]}.api").ROUTERS:
            for route in router.routes:
                hints = get_type_hints(route.endpoint) if isinstance(route, APIRoute) else {}
                for parameter, hint in hints.items():
                    is_body = isinstance(hint, type) and issubclass(hint, BaseModel)
                    if parameter != "return" and is_body and hint.__name__ in SCHEMAS:
                        found[hint.__name__] = hint
    return found


MODELS = models()


def fields(schema: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Every field of a body by its path, down into objects; of each the alternatives but null."""
    for name, field in schema.get("properties", {}).items():
        for alternative in field.get("anyOf", [field]):
            node = alternative
            if "$ref" in node:
                node = SCHEMAS[node["$ref"].rpartition("/")[2]]
            if node.get("type") == "object":
                yield from fields(node, (*path, name))
            elif node.get("type") != "null" and len(field.get("anyOf", [])) < 3:
                yield (*path, name), node


def _field_is_refused(model: Any, path: tuple[str, ...], value: Any) -> bool:
    """Whether a body with `value` there, and nothing else, is refused because of that field."""
    body: Any = value
    for name in reversed(path):
        body = {name: body}
    return _refused_there(
        lambda: TypeAdapter(model).validate_python(body), path
    ) and _refused_there(lambda: TypeAdapter(model).validate_json(json.dumps(body)), path)


def _refused_there(validate: Callable[[], Any], path: tuple[str, ...]) -> bool:
    try:
        validate()
    except ValidationError as refused:
        return any(error["loc"][: len(path)] == path for error in refused.errors())
    return False


def judged() -> list[Any]:
    return [
        pytest.param(model, path, node, id=f"{name}.{'.'.join(path)}")
        for name, model in MODELS.items()
        for path, node in fields(SCHEMAS[name])
        if node.get("type") in OF_OTHER_TYPES
    ]


def _allows(node: Json, text: str) -> bool:
    if node.get("enum"):
        return text in node["enum"]
    pattern = node.get("pattern")
    if pattern:
        # JSON Schema's $ is the end; Python's lets a line break follow.
        return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text, re.ASCII) is not None
    return re.fullmatch(FORMATS[node["format"]], text, re.ASCII) is not None


def _is_written(node: Json) -> bool:
    return bool(node.get("pattern") or node.get("enum") or node.get("format") in FORMATS)


@pytest.mark.parametrize(("model", "path", "node"), judged())
def test_a_value_of_another_type_is_refused(model: Any, path: Any, node: Json) -> None:
    for value in OF_OTHER_TYPES[node["type"]]:
        assert _field_is_refused(model, path, value), value


@pytest.mark.parametrize(
    ("model", "path", "node"),
    [field for field in judged() if _is_written(field.values[2])],
)
def test_text_outside_a_pattern_or_format_is_refused(model: Any, path: Any, node: Json) -> None:
    for text in OTHER_SPELLINGS:
        if not _allows(node, text):
            assert _field_is_refused(model, path, text), text

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text("0123456789.-+_eETZ: \n١", max_size=25) | st.integers().map(str))
    def whatever(text: str) -> None:
        if not _allows(node, text):
            assert _field_is_refused(model, path, text), text

    whatever()


def test_bodies_of_every_service_are_judged() -> None:
    assert {"NewClient", "NewActivity", "NewPayment", "PlanBody", "NewKey"} <= MODELS.keys()
