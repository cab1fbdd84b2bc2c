"""Scopes of API keys."""

from uuid import UUID

import pytest

from services.gateway.accounts.scopes import SCOPES, role_for

ID = UUID(int=7)


@pytest.mark.parametrize(
    ("scope", "method", "path", "role"),
    [
        ("inbound", "POST", "/api/v1/activities", "seller"),
        ("inbound", "GET", "/api/v1/sources", "seller"),
        ("inbound", "GET", "/api/v1/activities", None),
        ("inbound", "POST", f"/api/v1/activities/{ID}/take", None),
        ("inbound", "POST", "/api/v1/clients", None),
        ("payments", "POST", "/api/v1/inbound/payments", "accountant"),
        ("payments", "GET", f"/api/v1/inbound/payments/{ID}", "accountant"),
        ("payments", "GET", "/api/v1/inbound/payments", None),
        ("payments", "POST", f"/api/v1/inbound/payments/{ID}/match", None),
        ("payments", "POST", "/api/v1/activities", None),
        ("payments", "GET", "/api/v1/companies", "accountant"),
        ("payments", "GET", "/api/v1/payments", None),
        ("payroll", "GET", "/api/v1/motivation/statement", "accountant"),
        ("payroll", "HEAD", "/api/v1/motivation/statement", "accountant"),
        ("payroll", "GET", f"/api/v1/motivation/accruals/{ID}", "accountant"),
        ("payroll", "POST", "/api/v1/motivation/adjustments", None),
        ("payroll", "GET", "/api/v1/clients", None),
        ("bi", "GET", "/api/v1/products", "marketer"),
        ("bi", "GET", "/api/v1/motivation/statement", None),
        ("bi", "GET", "/api/v1/clients", None),
        ("audit", "GET", "/api/v1/audit", "admin"),
        ("audit", "GET", "/api/v1/api-keys", None),
        ("audit", "POST", "/api/v1/companies", None),
        ("audit", "GET", "/api/v1/products", None),
    ],
)
def test_a_key_reaches_the_requests_of_its_scopes_in_their_role(
    scope: str, method: str, path: str, role: str | None
) -> None:
    assert role_for(frozenset({scope}), method, path) == role


def test_the_role_of_one_scope_does_not_reach_the_requests_of_another() -> None:
    every = frozenset(SCOPES)
    assert role_for(every, "GET", "/api/v1/products") == "seller"
    assert role_for(every, "GET", "/api/v1/audit") == "admin"
    assert role_for(every, "GET", "/api/v1/clients") is None


@pytest.mark.parametrize("path", ["/api/v1/api-keys", "/api/v1/employees", "/api/v1/rooms"])
def test_no_scope_changes_the_directory_or_makes_keys(path: str) -> None:
    assert role_for(frozenset(SCOPES), "POST", path) is None
