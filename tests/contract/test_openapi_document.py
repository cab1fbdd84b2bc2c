"""The public API keeps its promises: paths, parameters and fields that clients rely on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "api" / "openapi.json").read_text()
)

PROMISED = """
POST /tenants · POST /auth/token · POST /auth/refresh · POST /auth/logout · GET /me
GET,POST /api-keys · DELETE /api-keys/{} · GET,POST /companies · GET,PATCH /companies/{}
GET,POST /rooms · GET,PATCH /rooms/{} · GET,POST /employees · GET,PATCH /employees/{}
GET,POST /products · GET,PATCH /products/{} · GET,POST /sources · GET,PATCH /sources/{}
GET,PUT /rooms/{}/settings · GET /rooms/{}/settings/history · GET,POST /clients
GET,PATCH /clients/{} · GET,POST /activities · GET /activities/{} · GET /pool
POST /activities/{}/take · POST /activities/{}/release · POST /activities/{}/assign
POST /activities/{}/interactions · POST /activities/{}/invoices
POST /activities/{}/invoices/{}/cancel · POST /activities/{}/payments
POST /activities/{}/refunds · POST /activities/{}/shipments · POST /activities/{}/documents
POST /activities/{}/lose · POST /activities/{}/reopen · POST /activities/{}/split · GET,POST /vip
POST /vip/{}/release · POST /vip/{}/assign · GET /vip/places · GET,POST /motivation/plans
POST /motivation/plans/{}/publish · GET /motivation/statement · GET /motivation/accruals/{}
POST /motivation/adjustments · POST /motivation/periods/{}/close · GET /desk · GET /stream
"""
CALLS = [
    (method.lower(), path)
    for line in PROMISED.split("\n")
    for call in filter(None, line.split(" · "))
    for methods, path in [call.split()]
    for method in methods.split(",")
]
QUERIES = {
    "/rooms/{}/settings": {"company_id"},
    "/rooms/{}/settings/history": {"company_id"},
    "/clients": {"q", "limit", "cursor"},
    "/activities": {
        "room_id",
        "company_id",
        "status",
        "stage",
        "responsible_id",
        "client_id",
        "q",
        "limit",
        "cursor",
    },
    "/pool": {"room_id", "company_id", "limit", "cursor"},
    "/vip": {"room_id", "company_id", "employee_id", "limit", "cursor"},
    "/vip/places": {"room_id", "company_id"},
    "/motivation/statement": {"employee_id", "period"},
}
ACTIVITY = """
    id version company_id room_id client source_id products note status stage responsible_id
    responsible_since how reset_due_at next_step invoiced paid won_at lost_reason checklist
    created_at created_by
"""
FIELDS = {
    "ActivityView": ACTIVITY,
    "ActivityDetail": f"{ACTIVITY} timeline invoices payments shipments documents responsibles",
    "ChecklistView": "invoiced paid shipped documents_signed fully_paid overdue",
    "VipView": "id client company_id room_id responsible_id kind receipts reset_due_at",
    "StatementView": "employee_id period total lines closed_at checksum",
    "PayEntryView": "id kind amount activity_id rule plan_version posted_at corrects",
    "DeskView": (
        "mine overdue_steps about_to_reset pool_count vip pay ready_to_take_at as_of missing"
    ),
}
PATHS = {
    re.sub(r"{\w+}", "{}", path.removeprefix("/api/v1")): methods
    for path, methods in DOCUMENT["paths"].items()
}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_promised_call_is_there(method: str, path: str) -> None:
    assert method in PATHS[path]


@pytest.mark.parametrize("path", QUERIES)
def test_a_promised_parameter_is_there(path: str) -> None:
    names = {
        parameter["name"]
        for parameter in PATHS[path]["get"]["parameters"]
        if parameter["in"] == "query"
    }
    assert QUERIES[path] <= names


@pytest.mark.parametrize("view", FIELDS)
def test_a_promised_field_is_there(view: str) -> None:
    assert set(FIELDS[view].split()) <= DOCUMENT["components"]["schemas"][view]["properties"].keys()


def test_every_command_takes_an_idempotency_key() -> None:
    without = {
        "/api/v1/auth/token",
        "/api/v1/auth/refresh",
        "/api/v1/auth/logout",
        "/api/v1/auth/password",
        "/api/v1/auth/password-reset",
        "/api/v1/auth/second-factor",
        "/api/v1/auth/second-factor/enrolment",
        "/api/v1/auth/second-factor/confirmation",
        "/api/v1/tenants",
        "/api/v1/tenants/{tenant_id}/admin",
    }
    for method, path, operation in operations():
        if method in ("post", "put", "patch") and path not in without:
            assert "Idempotency-Key" in {
                parameter["name"] for parameter in operation["parameters"]
            }, f"{method} {path}"


def test_nothing_internal_is_public() -> None:
    for method, path, operation in operations():
        assert path.startswith("/api/v1/"), path
        assert "internal" not in path
        assert "x-internal-token" not in {
            parameter["name"].lower() for parameter in operation.get("parameters", [])
        }, f"{method} {path}"


def test_every_operation_has_a_unique_name_and_a_description() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert not [
        f"{method} {path}"
        for method, path, operation in operations()
        if not operation.get("description")
    ]


def test_only_shares_are_numbers_with_a_fraction() -> None:
    """Money above all: it is text."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, shape in schema.get("properties", {}).items():
            for alternative in shape.get("anyOf", [shape]):
                assert alternative.get("type") != "number" or field == "share", f"{name}.{field}"
