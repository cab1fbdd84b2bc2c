"""Scopes of API keys."""

import pytest

from services.gateway.accounts.scopes import SCOPES, reaches, roles_of


@pytest.mark.parametrize(
    ("scope", "method", "path", "reached"),
    [
        ("inbound", "POST", "/api/v1/inbound/requests", True),
        ("inbound", "GET", "/api/v1/inbound/requests", False),
        ("payroll", "GET", "/api/v1/motivation/statement", True),
        ("payroll", "HEAD", "/api/v1/motivation/statement", True),
        ("payroll", "POST", "/api/v1/motivation/adjustments", False),
        ("payroll", "GET", "/api/v1/clients", False),
        ("bi", "GET", "/api/v1/events", True),
        ("bi", "GET", "/api/v1/motivation/statement", False),
    ],
)
def test_a_key_reaches_the_paths_of_its_scopes(
    scope: str, method: str, path: str, reached: bool
) -> None:
    assert reaches(frozenset({scope}), method, path) is reached


def test_scopes_never_give_the_admin_role() -> None:
    assert "admin" not in roles_of(frozenset(SCOPES))
