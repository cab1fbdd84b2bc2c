"""The OpenAPI document is one that tools and people can use: valid, named, described, exemplified.

Redocly's and Spectral's recommended rules find nothing in it either (`make lint-api`, with Node).
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from pydantic import BaseModel, TypeAdapter

from shared.contracts.http_document import METHODS
from shared.web.problems import MEDIA_TYPE, STATUSES

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
DOCUMENT: Json = json.loads((ROOT / "docs/api/openapi.json").read_text())
SCHEMAS: Json = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for method, operation in methods.items()
    if method in METHODS
}


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


def test_the_document_names_its_licence_contact_and_servers() -> None:
    info = DOCUMENT["info"]
    assert info["title"].isascii()
    assert info["description"] and info["license"]["name"] and info["contact"]["name"]
    assert DOCUMENT["servers"]


def test_operation_ids_are_names_of_functions() -> None:
    count = sum(method in METHODS for methods in DOCUMENT["paths"].values() for method in methods)
    assert len(OPERATIONS) == count, "an operation id is used twice"
    for name in OPERATIONS:
        assert re.fullmatch("[a-z]+(_[a-z]+)+", name), name


def test_every_tag_is_described() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    for name, operation in OPERATIONS.items():
        assert operation["tags"] and set(operation["tags"]) <= described, name
        assert all(tag.isascii() for tag in operation["tags"])


def test_every_operation_has_a_summary_and_a_description() -> None:
    for name, operation in OPERATIONS.items():
        assert operation["summary"] and operation["description"], name


def test_names_of_schemas_are_clean() -> None:
    for name in SCHEMAS:
        assert re.fullmatch("([A-Z][a-z]*)+", name), name


def test_money_has_a_schema_for_inputs_and_one_for_sums() -> None:
    alike = [
        name
        for name, schema in SCHEMAS.items()
        if schema.get("properties", {}).keys() == {"amount", "currency"}
    ]
    assert alike == ["Money", "MoneySum"]


def test_no_title_repeats_a_name() -> None:
    titles = [node["title"] for node in _nodes(SCHEMAS) if isinstance(node.get("title"), str)]
    assert titles == []


def _nodes(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for name, value in node.items():
            deeper = value.values() if name == "properties" and isinstance(value, dict) else [value]
            for child in deeper:
                yield from _nodes(child)
    elif isinstance(node, list):
        for item in node:
            yield from _nodes(item)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_successful_response_has_a_type(name: str) -> None:
    responses = OPERATIONS[name]["responses"]
    successes = {status: answer for status, answer in responses.items() if status < "400"}
    assert successes
    for status, response in successes.items():
        contents = list(response.get("content", {}).values())
        assert status in ("204", "302") or contents
        for content in contents:
            assert _is_typed(content["schema"]), f"{name} {status}"


def _is_typed(schema: Json) -> bool:
    return "$ref" in schema.get("items", schema) or schema.get("type") == "string"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_refusal_is_a_problem_with_examples(name: str) -> None:
    responses = OPERATIONS[name]["responses"]
    assert {"401", "422", "429", "500", "503"} <= responses.keys()
    for status, answer in responses.items():
        if status < "400":
            continue
        (content,) = _followed(answer)["content"].items()
        assert content[0] == MEDIA_TYPE
        assert content[1]["schema"] == {"$ref": "#/components/schemas/Problem"}
        for code, example in content[1]["examples"].items():
            assert example["value"]["code"] == code
            assert str(example["value"]["status"]) == status == str(STATUSES[code])
            assert "{" not in example["value"]["detail"]


def _followed(response: Json) -> Json:
    if "$ref" not in response:
        return response
    component: Json = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return component


def test_codes_are_listed() -> None:
    assert SCHEMAS["Problem"]["properties"]["code"]["enum"] == sorted(STATUSES)


def test_examples_obey_their_schemas() -> None:
    for node in _nodes(DOCUMENT):
        if "schema" not in node:
            continue
        shown = [example["value"] for example in node.get("examples", {}).values()]
        for example in [*shown, node["example"]] if "example" in node else shown:
            schema = {**node["schema"], "components": DOCUMENT["components"]}
            Draft202012Validator(schema, format_checker=FormatChecker()).validate(example)


def test_examples_of_fields_obey_their_schemas() -> None:
    for name, schema in SCHEMAS.items():
        for field, shape in schema.get("properties", {}).items():
            for example in shape.get("examples", ()):
                whole = {**shape, "components": DOCUMENT["components"]}
                assert Draft202012Validator(whole).is_valid(example), f"{name}.{field}"


def bodies() -> Iterator[tuple[str, Any]]:
    """The body of each route, as its function takes it."""
    for path in sorted(ROOT.glob("services/*/api/__init__.py")):
        for router in import_module(f"services.{path.parts[-3]}.api").ROUTERS:
            for route in router.routes:
                hints = get_type_hints(route.endpoint) if isinstance(route, APIRoute) else {}
                for parameter, hint in hints.items():
                    if (
                        parameter != "return"
                        and isinstance(hint, type)
                        and issubclass(hint, BaseModel)
                    ):
                        yield route.name, hint


@pytest.mark.parametrize(("name", "model"), list(bodies()))
def test_the_example_of_a_body_is_accepted(name: str, model: Any) -> None:
    content = OPERATIONS.get(name, {}).get("requestBody", {}).get("content", {})
    for media_type in content.values():
        example = dict(media_type["example"])
        if name in ("create_employee", "change_employee"):
            example.pop("password")  # the gateway's own
        TypeAdapter(model).validate_json(json.dumps(example))
