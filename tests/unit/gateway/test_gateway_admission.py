"""Admission: open paths, and the context that an admitted request gets."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from services.gateway.accounts.callers import Authenticated
from services.gateway.edge.admission import AdmissionMiddleware, is_open
from services.gateway.edge.context import RequestContext, context_of
from services.gateway.edge.rate_limit import RateLimit
from shared.errors import Forbidden, Unauthenticated
from shared.ids import EmployeeId, TenantId
from shared.tenancy import Caller

CALLER = Caller(TenantId(UUID(int=1)), EmployeeId(UUID(int=2)))


@pytest.mark.parametrize(
    ("path", "open_"),
    [
        ("/", True),
        ("/api/v1/auth/token", True),
        ("/api/v1/tenants", True),
        ("/openapi.json", True),
        ("/metrics", True),
        ("/api/v1/authors", False),
        ("/api/v1/tenants/1", False),
        ("/internal/snapshots", False),
        ("/metrics/", False),
    ],
)
def test_a_path_is_closed_unless_it_is_listed_as_open(path: str, open_: bool) -> None:
    assert is_open(path) is open_


async def test_an_admitted_request_gets_its_context() -> None:
    headers = {"authorization": "Bearer t", "idempotency-key": "k", "cookie": "c", "accept": "*/*"}
    status, context = await admit("/api/v1/activities", headers, b"{}")
    assert status == 200 and context
    assert context == RequestContext(b"{}", {"idempotency-key": "k", "accept": "*/*"}, CALLER, 77.0)


async def test_an_internal_token_from_outside_is_dropped() -> None:
    scope: dict[str, Any] = {}
    await admit("/api/v1/me", {"authorization": "Bearer t", "x-internal-token": "x"}, scope=scope)
    assert [name for name, _ in scope["headers"]] == [b"authorization"]


async def test_an_open_path_has_no_caller() -> None:
    status, context = await admit("/openapi.json", {"authorization": "Bearer forged"})
    assert status == 200 and context and context.caller is None
    with pytest.raises(Forbidden):
        context.require_caller()


async def test_a_request_without_a_valid_token_is_refused() -> None:
    assert await admit("/api/v1/me", {"authorization": "Bearer forged"}) == (401, None)


async def test_a_caller_beyond_the_rate_limit_is_refused() -> None:
    rate_limit = RateLimit(caller_rate=1, tenant_rate=100)
    headers = {"authorization": "Bearer t"}
    assert (await admit("/api/v1/me", headers, rate_limit=rate_limit))[0] == 200
    assert (await admit("/api/v1/me", headers, rate_limit=rate_limit))[0] == 429


async def authenticate(authorization: str | None, method: str, path: str, _: str) -> Authenticated:
    if authorization != "Bearer t":
        raise Unauthenticated("token")
    return Authenticated(CALLER, 77.0)


async def admit(
    path: str,
    headers: dict[str, str],
    body: bytes = b"",
    rate_limit: RateLimit | None = None,
    scope: dict[str, Any] | None = None,
) -> tuple[int, RequestContext | None]:
    """The status of the response, and the context if the request was let through."""
    scope = {} if scope is None else scope
    length = {"content-length": str(len(body))} if body else {}
    raw = [(name.encode(), value.encode()) for name, value in {**headers, **length}.items()]
    scope |= {"type": "http", "method": "POST", "path": path, "headers": raw}
    contexts: list[RequestContext] = []
    statuses: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"] == body
        contexts.append(context_of(scope))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif statuses != [200]:
            assert orjson.loads(message["body"])["status"] == statuses[0]

    limit = rate_limit or RateLimit(100, 100)
    await AdmissionMiddleware(app, authenticate, limit, body_seconds=1)(scope, receive, send)
    return statuses[0], contexts[0] if contexts else None
