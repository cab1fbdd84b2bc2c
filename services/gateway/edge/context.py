"""The context of an admitted request, in its ASGI scope under one key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.errors import Forbidden
from shared.tenancy import Caller

_KEY = "gateway.context"


@dataclass(slots=True)  # one a request: frozen costs several times as much
class RequestContext:
    """An admitted request.

    `headers` are those that services receive, by lower-case name. `caller` is None on open paths.
    `token_expires_at` is in unix seconds, infinite for an API key, which has no `session_id`.
    """

    body: bytes
    headers: Mapping[str, str]
    caller: Caller | None = None
    token_expires_at: float = float("inf")
    session_id: UUID | None = None

    def require_caller(self) -> Caller:
        """The caller; raises `Forbidden` on a path that is open to everybody."""
        if self.caller is None:
            raise Forbidden
        return self.caller


def set_context(scope: Any, context: RequestContext) -> None:
    """Attaches `context` to the request."""
    scope[_KEY] = context


def find_context(scope: Any) -> RequestContext | None:
    """The context that admission attached; None for a request that it refused."""
    context: RequestContext | None = scope.get(_KEY)
    return context


def context_of(scope: Any) -> RequestContext:
    """The context that admission attached."""
    context: RequestContext = scope[_KEY]
    return context
