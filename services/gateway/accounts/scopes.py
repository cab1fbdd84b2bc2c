"""Scopes of API keys: the requests that each opens, and the role in which services judge them.
Everything else is closed to keys.
"""

from typing import Literal, get_args

from services.gateway.accounts.route_table import RouteTable
from shared.vocabulary import Role

Scope = Literal["inbound", "payments", "payroll", "bi", "audit"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_DIRECTORY = (
    "GET /companies",
    "GET /companies/{company_id}",
    "GET /rooms",
    "GET /rooms/{room_id}",
    "GET /products",
    "GET /products/{product_id}",
    "GET /sources",
    "GET /sources/{source_id}",
)
_CALLS = (
    "POST /inbound/calls",
    "GET /inbound/calls/generic/{key}",
    "POST /inbound/calls/generic/{key}",
    "POST /inbound/calls/mango/{key}",
    "POST /inbound/calls/uis/{key}",
)
OPENS: dict[Scope, tuple[str, ...]] = {
    "inbound": (
        "POST /activities",
        "POST /inbound/requests",
        "POST /inbound/forms/{key}",
        *_CALLS,
        *_DIRECTORY,
    ),
    "payments": (
        "POST /inbound/payments",
        "GET /inbound/payments/{inbound_payment_id}",
        "GET /companies",
        "GET /companies/{company_id}",
    ),
    "payroll": (
        "GET /motivation/statement",
        "GET /motivation/accruals/{entry_id}",
        "GET /motivation/periods",
        "GET /motivation/periods/{period}",
        "GET /motivation/statements",
        "POST /motivation/payouts",
        "GET /motivation/plans",
        "GET /motivation/plans/{plan_id}",
        "GET /employees",
        "GET /employees/{employee_id}",
        "GET /companies",
        "GET /companies/{company_id}",
    ),
    "bi": (*_DIRECTORY, "GET /employees", "GET /employees/{employee_id}"),
    "audit": ("GET /audit", "GET /audit/export"),
}
"""The routes that a scope opens."""

_ROLES: dict[Scope, Role] = {
    "inbound": "seller",
    "payments": "accountant",
    "payroll": "accountant",
    "bi": "marketer",
    "audit": "admin",
}
_TABLES = {scope: RouteTable(dict.fromkeys(routes, scope)) for scope, routes in OPENS.items()}


def role_for(scopes: frozenset[str], method: str, path: str) -> Role | None:
    """The role in which a key with `scopes` may send this request; None where none of them opens
    it. A role never reaches further than the requests of its own scope.
    """
    for scope in SCOPES:
        if scope in scopes and _TABLES[scope].find(method, path):
            return _ROLES[scope]
    return None
