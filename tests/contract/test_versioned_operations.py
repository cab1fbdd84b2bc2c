"""Whatever changes a thing takes `If-Match`, and whatever shows its version tags it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.operations import Operation, operations

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/api/openapi.json").read_text()
)
HOW = (
    "Show `version` in the response model: it becomes the `ETag` by itself. Under the lock ask"
    " `tx.expects(row['version'])`, and raise `shared.versions.stale` where it says no (ADR 27)."
)
CHANGES = [each for each in operations(DOCUMENT) if each.method in ("PATCH", "PUT")]


def described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return described


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.name)
def test_a_change_takes_if_match_and_may_be_stale(operation: Operation) -> None:
    headers = {
        parameter["name"]
        for parameter in described(operation)["parameters"]
        if parameter["in"] == "header"
    }
    assert {"If-Match", "Idempotency-Key"} <= headers
    assert "409" in described(operation)["responses"]


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.name)
def test_a_change_responds_with_the_new_tag(operation: Operation) -> None:
    response = described(operation)["responses"]["200"]
    assert "ETag" in response.get("headers", {}), HOW


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.name)
def test_what_is_changed_can_be_read_with_its_tag(operation: Operation) -> None:
    read = DOCUMENT["paths"][operation.path].get("get")
    if read is None and "/activities/{activity_id}/" in operation.path:
        read = DOCUMENT["paths"]["/api/v1/activities/{activity_id}"]["get"]
    assert read, "what is changed can't be read"
    assert "ETag" in read["responses"]["200"].get("headers", {}), HOW
