"""What counts as breaking a client of the HTTP API: anything but an addition, judged in the
direction in which the data travels.
"""

from copy import deepcopy
from typing import Any

import pytest

from shared.contracts.breaking_http import breaking_http

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
LISTED: Json = {"type": "string", "enum": ["a", "b"]}
NULLABLE: Json = {"anyOf": [TEXT, {"type": "null"}]}


def body(required: bool = True, **fields: Json) -> Json:
    """An object; fields whose name ends in `_` may be missing."""
    return {
        "type": "object",
        "properties": {name.rstrip("_"): schema for name, schema in fields.items()},
        "required": [name for name in fields if required and not name.endswith("_")],
    }


def document(
    request: Json | None = None, response: Json | None = None, *parameters: Json, **more: Json
) -> Json:
    """A document with one operation; `more` are schemas."""
    operation: Json = {
        "operationId": "take_activity",
        "parameters": list(parameters),
        "responses": {"200": _content(response or TEXT), "409": _content(TEXT)},
    }
    if request:
        operation["requestBody"] = {"required": True, **_content(request)}
    return {
        "security": [{"bearer": []}],
        "paths": {"/x": {"post": operation}},
        "components": {"schemas": more},
    }


def _content(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def query(name: str, schema: Json = TEXT, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(document(body(a=TEXT)), document(body(a=TEXT, b_=TEXT)), id="optional field"),
        pytest.param(document(body(a=TEXT)), document(body(a_=TEXT)), id="field became optional"),
        pytest.param(document(body(a=LISTED)), document(body(a=TEXT)), id="any text is taken"),
        pytest.param(document(body(a=TEXT)), document(body(a=NULLABLE)), id="null is taken"),
        pytest.param(
            document(body(a=TEXT | {"maxLength": 3})),
            document(body(a=TEXT | {"maxLength": 4})),
            id="a looser bound of a request",
        ),
        pytest.param(document(), document(None, None, query("q")), id="optional parameter"),
        pytest.param(
            document(None, None, query("q", required=True)),
            document(None, None, query("q")),
            id="parameter became optional",
        ),
        pytest.param(
            document(None, body(a=TEXT)),
            document(None, body(a=TEXT, b=TEXT)),
            id="more in a response",
        ),
        pytest.param(
            document(None, body(a_=TEXT)), document(None, body(a=TEXT)), id="always there now"
        ),
        pytest.param(
            document(None, body(a=NULLABLE)), document(None, body(a=TEXT)), id="null no longer"
        ),
        pytest.param(
            document(None, body(a=LISTED)),
            document(None, body(a=LISTED | {"enum": ["a", "b", "c"]})),
            id="one more value",
        ),
        pytest.param(
            document(None, body(a=TEXT)),
            document(None, {"$ref": "#/components/schemas/A"}, A=body(a=TEXT)),
            id="a schema got a name",
        ),
        pytest.param(
            document(body(a=TEXT | {"description": "x"})),
            document(body(a=TEXT | {"title": "y", "examples": ["z"]})),
            id="other words",
        ),
    ],
)
def test_an_addition_breaks_no_client(old: Json, new: Json) -> None:
    assert breaking_http(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (body(a=TEXT), body(a=TEXT, b=TEXT), "body.b: a new field is required"),
        (body(a_=TEXT), body(a=TEXT), "body.a: has become required"),
        (body(a=TEXT, b_=TEXT), body(a=TEXT), "body.b: the field was removed"),
        (body(a=TEXT), body(a=NUMBER), "body.a: may no longer be string"),
        (body(a=NULLABLE), body(a=TEXT), "body.a: may no longer be null"),
        (body(a=TEXT), body(a=LISTED), "body.a: was any value, is one of a or b"),
        (body(a=LISTED), body(a=LISTED | {"enum": ["b"]}), "body.a: values removed: a"),
        (
            body(a=TEXT | {"maxLength": 4}),
            body(a=TEXT | {"maxLength": 3}),
            "body.a: maxLength was 4, is 3",
        ),
        (body(a=NUMBER), body(a=NUMBER | {"minimum": 1}), "body.a: minimum was None, is 1"),
        (body(a=TEXT), body(a=TEXT | {"pattern": "^x"}), "body.a: pattern was None, is ^x"),
        (
            body(a=TEXT),
            body(a=TEXT) | {"additionalProperties": False},
            "body: unknown fields are refused now",
        ),
        (
            body(a={"type": "array", "items": TEXT}),
            body(a={"type": "array", "items": NUMBER}),
            "body.a[]: may no longer be string",
        ),
    ],
)
def test_a_narrower_request_breaks(old: Json, new: Json, line: str) -> None:
    assert breaking_http(document(old), document(new)) == [f"POST /x: {line}"]


def told_apart(*kinds: str, **fields: Json) -> Json:
    """One of several objects, told apart by `kind`."""
    bodies = [body(True, kind={"type": "string", "const": kind}, **fields) for kind in kinds]
    return {"oneOf": bodies, "discriminator": {"propertyName": "kind"}}


def test_a_response_may_hold_a_new_kind_that_a_field_tells_apart() -> None:
    old, new = told_apart("x", "y"), told_apart("z", "x", "y")
    assert breaking_http(document(None, old), document(None, new)) == []
    assert breaking_http(document(new), document(old)) == [
        "POST /x: body: may no longer be object z"
    ]
    assert breaking_http(document(None, {"oneOf": old["oneOf"]}), document(None, new))


def test_a_kind_that_is_told_apart_keeps_its_fields() -> None:
    old, new = told_apart("x", "y", a=TEXT), told_apart("z", "x", "y")
    assert breaking_http(document(None, old), document(None, new)) == [
        "POST /x: 200.a: the field was removed",
        "POST /x: 200.a: the field was removed",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (body(a=TEXT, b=TEXT), body(a=TEXT), "200.b: the field was removed"),
        (body(a=TEXT), body(a_=TEXT), "200.a: was always there, and may now be missing"),
        (body(a=TEXT), body(a=NULLABLE), "200.a: may now be null"),
        (body(a=TEXT), body(a=NUMBER), "200.a: may now be integer"),
        (body(a=LISTED), body(a=TEXT), "200.a: was one of a or b, is any value"),
        (body(a=LISTED), body(a=LISTED | {"enum": ["b"]}), "200.a: values removed: a"),
        (
            body(a={"type": "array", "items": body(b=TEXT)}),
            body(a={"type": "array", "items": body(c=TEXT)}),
            "200.a[].b: the field was removed",
        ),
        (
            body(a=TEXT | {"format": "date"}),
            body(a=TEXT | {"format": "date-time"}),
            "200.a: may now be string date-time",
        ),
    ],
)
def test_a_wider_response_breaks(old: Json, new: Json, line: str) -> None:
    assert breaking_http(document(None, old), document(None, new)) == [f"POST /x: {line}"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ((), (query("q", required=True),), "query q: a new parameter is required"),
        ((query("q"),), (query("q", required=True),), "query q: the parameter has become required"),
        ((query("q"),), (), "query q: the parameter was removed"),
        ((query("q"),), (query("q", NUMBER),), "query q: may no longer be string"),
    ],
)
def test_a_stricter_parameter_breaks(
    old: tuple[Json, ...], new: tuple[Json, ...], line: str
) -> None:
    before, after = document(None, None, *old), document(None, None, *new)
    assert breaking_http(before, after) == [f"POST /x: {line}"]


def test_an_operation_that_is_gone_breaks() -> None:
    after = document()
    after["paths"]["/y"] = after["paths"].pop("/x")
    assert breaking_http(document(), after) == ["POST /x: the operation was removed"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"operationId": "take"}, "operationId was take_activity, is take"),
        ({"responses": {"200": _content(TEXT)}}, "409: the response was removed"),
        (
            {"responses": {"200": {"content": {"text/csv": {}}}, "409": _content(TEXT)}},
            "200: application/json is no longer sent",
        ),
        ({"requestBody": {"required": True, **_content(TEXT)}}, "body: is required now"),
    ],
)
def test_a_change_of_the_operation_breaks(change: Json, line: str) -> None:
    after = deepcopy(document())
    after["paths"]["/x"]["post"] |= change
    assert breaking_http(document(), after) == [f"POST /x: {line}"]


def test_a_caller_that_is_needed_now_breaks() -> None:
    before = document()
    before["paths"]["/x"]["post"]["security"] = []
    assert breaking_http(before, document()) == ["POST /x: needs a caller now"]


def test_a_body_that_is_no_longer_taken_breaks() -> None:
    form = document(body(a=TEXT))
    content = form["paths"]["/x"]["post"]["requestBody"]["content"]
    content["text/csv"] = content.pop("application/json")
    assert breaking_http(document(body(a=TEXT)), form) == [
        "POST /x: body: application/json is no longer taken"
    ]
    assert breaking_http(document(body(a=TEXT)), document()) == ["POST /x: body: was removed"]


def test_a_type_that_contains_itself_is_compared_once() -> None:
    tree = body(a=TEXT, children_={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}})
    reference = {"$ref": "#/components/schemas/Tree"}
    before, after = (document(None, reference, Tree=deepcopy(tree)) for _ in range(2))
    assert breaking_http(before, after) == []
