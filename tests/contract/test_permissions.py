"""The table of permissions covers the whole API, and routes ask for no more than it says."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from fastapi.params import Depends
from fastapi.routing import APIRoute

from shared.contracts import services
from shared.errors import Forbidden
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import ROLES, Caller
from shared.web.callers import Allowed
from shared.web.permissions import NOBODY, PERMISSIONS, permission_of

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "api" / "openapi.json").read_text())
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if operation.get("security") != []
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_stands_in_the_table(operation: str) -> None:
    assert operation in PERMISSIONS, "decide its roles in shared/web/permissions.py"


def test_what_the_table_does_not_list_is_closed_to_everybody() -> None:
    unlisted = permission_of("GET", "/api/v1/anything/new")
    assert unlisted is NOBODY
    everything = Caller(TenantId(new_id()), EmployeeId(new_id()), frozenset(ROLES), operator=True)
    with pytest.raises(Forbidden):
        unlisted.check(everything)


def routes() -> Iterator[tuple[str, APIRoute]]:
    for service in services.names(ROOT):
        for router in import_module(f"services.{service}.api").ROUTERS:
            for route in router.routes:
                if isinstance(route, APIRoute):
                    for method in route.methods or ():
                        yield f"{method} /api/v1{route.path}", route


def test_no_route_refuses_a_role_that_the_table_lets_through() -> None:
    narrower, found = {}, list(routes())
    assert len(found) > 60
    for operation, route in found:
        if operation not in OPERATIONS:
            continue
        hints = get_type_hints(route.endpoint, include_extras=True).values()
        extras = [extra for hint in hints for extra in get_args(hint)[1:]]
        for extra in extras:
            if isinstance(extra, Depends) and isinstance(extra.dependency, Allowed):
                missing = PERMISSIONS[operation].roles - set(extra.dependency.roles)
                if missing:
                    narrower[operation] = missing
    assert narrower == {}


@pytest.mark.parametrize(
    ("operation", "roles"),
    [
        ("GET /api/v1/clients/{client_id}", "seller head accountant admin"),
        ("POST /api/v1/activities", "seller head admin"),
        ("PATCH /api/v1/clients/{client_id}", "seller head admin"),
        ("POST /api/v1/activities/{activity_id}/payments", "seller head accountant admin"),
        ("POST /api/v1/activities/{activity_id}/documents", "seller head accountant admin"),
        ("POST /api/v1/activities/{activity_id}/interactions", "seller head admin"),
        ("GET /api/v1/vip", "seller head accountant admin"),
        ("GET /api/v1/sources", "seller head marketer accountant admin"),
        ("POST /api/v1/tenants", ""),
    ],
)
def test_roles_are_as_the_domain_has_them(operation: str, roles: str) -> None:
    assert PERMISSIONS[operation].roles == set(roles.split())
