"""The scopes of API keys open what exists, and nothing that changes rights."""

import json
from pathlib import Path

import pytest

from services.gateway.accounts.route_table import PREFIX
from services.gateway.accounts.scopes import OPENS, SCOPES
from shared.contracts.http_document import METHODS

DOCUMENT = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
ROUTES = {
    f"{method.upper()} /{path.removeprefix(PREFIX)}"
    for path, operations in json.loads(DOCUMENT.read_text())["paths"].items()
    for method in METHODS
    if method in operations
}
CHANGES = {
    "POST /activities",
    "POST /inbound/payments",
    "POST /inbound/requests",
    "POST /motivation/payouts",
    "POST /inbound/forms/{key}",
    "POST /inbound/calls",
    "POST /inbound/calls/generic/{key}",
    "POST /inbound/calls/mango/{key}",
    "POST /inbound/calls/uis/{key}",
}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_routes_that_exist(scope: str) -> None:
    routes = set(OPENS[scope])  # type: ignore[index]
    assert routes
    assert routes <= ROUTES


def test_keys_change_only_what_is_named_here() -> None:
    opened = {route for routes in OPENS.values() for route in routes}
    assert {route for route in opened if not route.startswith("GET ")} == CHANGES
