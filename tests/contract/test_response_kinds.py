"""The kinds of responses that routes declare are those of the public document."""

import json
from pathlib import Path
from typing import Any

from services.gateway.edge.routes import COMMANDS, PREFIX
from services.gateway.read_models.kinds import ResponseKind

DOCUMENT = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
KINDS: dict[str, ResponseKind] = {
    "ActivityView": "activity",
    "MovedActivityView": "activity",
    "RecordedView": "activity",
    "RegisteredActivityView": "activity",
    "VipView": "vip",
    "RoomSettingsView": "room_settings",
    "ClientView": "client",
    "RecordedConsentView": "clients",
    "RoomView": "room",
    "CompanyView": "company",
}


def test_a_command_is_written_through_by_the_schema_of_its_response() -> None:
    documented = {
        f"{method.upper()} /{path.removeprefix(PREFIX)}": kind
        for path, operations in json.loads(DOCUMENT.read_text())["paths"].items()
        for method, operation in operations.items()
        if method != "get" and (kind := KINDS.get(schema_of(operation)))
    }
    assert documented == dict(COMMANDS)


def schema_of(operation: dict[str, Any]) -> str:
    """The name of the schema of a successful response; empty for none."""
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            content = response.get("content", {}).get("application/json", {})
            return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""
