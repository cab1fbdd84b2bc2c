"""Every field and parameter that integrators meet is described, and no description is left over."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import schemas
from shared.contracts.descriptions import FIELDS
from shared.contracts.http_document import METHODS

ROOT = Path(__file__).parents[2]
API: dict[str, Any] = json.loads((ROOT / "docs/api/openapi.json").read_text())
SCHEMAS: dict[str, Any] = {**API["components"]["schemas"], **schemas.definitions()}
OPERATIONS: dict[str, Any] = {
    methods[method]["operationId"]: methods[method]
    for methods in API["paths"].values()
    for method in METHODS
    if method in methods
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_field_is_described(name: str) -> None:
    """Describe it in `shared/contracts/descriptions.toml`, or in the model."""
    fields = SCHEMAS[name].get("properties", {})
    assert [field for field, shape in fields.items() if not shape.get("description")] == []


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_a_parameter_is_described(operation_id: str) -> None:
    parameters = OPERATIONS[operation_id]["parameters"]
    assert [parameter["name"] for parameter in parameters if not parameter.get("description")] == []


def test_a_description_belongs_to_a_field_or_parameter() -> None:
    places = {
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field in schema.get("properties", {})
    } | {
        f"{operation_id}.{parameter['name']}"
        for operation_id, operation in OPERATIONS.items()
        for parameter in operation["parameters"]
    }
    names = {place.partition(".")[2] for place in places}
    assert {key for key in FIELDS if "." in key} - places == set()
    assert {key for key in FIELDS if "." not in key} - names == set()
