"""Scopes of API keys: the requests that they allow, and the roles that they act in."""

from typing import Literal, get_args

from shared.vocabulary import Role

Scope = Literal["inbound", "payroll", "bi"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_REACH: dict[str, tuple[tuple[str, str], ...]] = {
    "inbound": (("POST", "/api/v1/inbound/"),),
    "payroll": (("GET", "/api/v1/motivation/"), ("GET", "/api/v1/events")),
    "bi": (("GET", "/api/v1/events"), ("GET", "/api/v1/reports/")),
}
_ROLES: dict[str, Role] = {"payroll": "accountant", "bi": "marketer"}


def reaches(scopes: frozenset[str], method: str, path: str) -> bool:
    """Whether a key with `scopes` may send this request; everything else is closed."""
    effective = "GET" if method == "HEAD" else method
    return any(
        effective == verb and path.startswith(prefix)
        for scope in scopes
        for verb, prefix in _REACH.get(scope, ())
    )


def roles_of(scopes: frozenset[str]) -> frozenset[str]:
    """The roles by which services judge a key's reads."""
    return frozenset(_ROLES[scope] for scope in scopes if scope in _ROLES)
