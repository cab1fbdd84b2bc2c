"""Admission: open paths, and the context that an admitted request gets."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from services.gateway.accounts.callers import Authenticated, OutOfScope
from services.gateway.edge.admission import AdmissionMiddleware, is_open, is_operators
from services.gateway.edge.context import RequestContext, context_of
from services.gateway.edge.fair_use import FairUse, FairUseLimits
from services.gateway.edge.shared_buckets import SharedBuckets
from services.gateway.edge.uploads import UploadTurns
from services.gateway.metrics import GatewayMetrics
from services.gateway.read_models.store import Store
from shared.errors import Forbidden, Unauthenticated
from shared.ids import EmployeeId, TenantId
from shared.tenancy import Caller

CALLER = Caller(TenantId(UUID(int=1)), EmployeeId(UUID(int=2)))


@pytest.mark.parametrize(
    ("path", "open_"),
    [
        ("/", False),
        ("/sign-in", True),
        ("/pool", False),
        ("/developers", True),
        ("/api/v1/auth/token", True),
        ("/api/v1/tenants", False),
        ("/openapi.json", True),
        ("/metrics", False),
        ("/api/v1/authors", False),
        ("/api/v1/tenants/1", False),
        ("/api/v1/tenants/1/admin", False),
        ("/internal/snapshots", False),
        ("/metrics/", False),
    ],
)
def test_a_path_is_closed_unless_it_is_listed_as_open(path: str, open_: bool) -> None:
    assert is_open(path) is open_


@pytest.mark.parametrize(
    ("path", "operators"),
    [
        ("/api/v1/tenants", True),
        ("/api/v1/tenants/1/admin", True),
        ("/api/v1/tenants/1", False),
        ("/api/v1/tenants/1/admin/", False),
        ("/api/v1/employees/admin", False),
    ],
)
def test_the_operators_paths_are_provisioning_and_naming_an_admin(
    path: str, operators: bool
) -> None:
    assert is_operators(path) is operators


async def test_an_admitted_request_gets_its_context() -> None:
    headers = {"authorization": "Bearer t", "idempotency-key": "k", "cookie": "c", "accept": "*/*"}
    status, context = await admit("/api/v1/activities", headers, b"{}")
    assert status == 200 and context
    assert context == RequestContext(b"{}", {"idempotency-key": "k", "accept": "*/*"}, CALLER, 77.0)


async def test_refusals_of_overuse_are_kept_back_and_only_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.gateway.edge.fair_use.MOST_PAUSED", 1)
    app, headers = Admitted(fair_use(caller=8, pause=3_600)), {"authorization": "Bearer t"}
    assert (await app.admit("/api/v1/activities", headers))[0] == 200
    kept_back = asyncio.create_task(app.admit("/api/v1/activities", headers))
    await asyncio.sleep(0)
    assert (await app.admit("/api/v1/activities", headers))[0] == 429
    assert not kept_back.done()
    kept_back.cancel()
    with pytest.raises(asyncio.CancelledError):
        await kept_back
    # What was given up leaves its place.
    kept_back = asyncio.create_task(app.admit("/api/v1/activities", headers))
    await asyncio.sleep(0)
    assert not kept_back.done()
    kept_back.cancel()


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


async def test_a_caller_beyond_a_fair_share_is_refused() -> None:
    limits = fair_use(caller=8)
    headers = {"authorization": "Bearer t"}
    assert (await admit("/api/v1/me", headers, limits=limits))[0] == 200
    assert (await admit("/api/v1/me", headers, limits=limits))[0] == 429


async def test_strangers_reach_the_limit_of_their_address_and_the_known_go_on() -> None:
    limits, known = fair_use(address=20), {"authorization": "Bearer t"}
    app = Admitted(limits)
    assert (await app.admit("/api/v1/me", known))[0] == 200
    forged = [await app.admit("/api/v1/me", {"authorization": f"Bearer {n}"}) for n in range(5)]
    assert [status for status, _ in forged] == [401, 401, 429, 429, 429]
    assert (await app.admit("/api/v1/auth/refresh", {}))[0] == 429
    assert (await app.admit("/api/v1/me", known))[0] == 200
    assert (await app.admit("/health/ready", {}))[0] == 200
    assert (await app.admit("/api/v1/me", {"authorization": "Bearer 9"}, host="10.1.1.1"))[0] == 401


async def test_a_key_out_of_scope_is_charged_to_its_own_share() -> None:
    app, narrow = Admitted(fair_use(caller=16, address=20)), {"authorization": "Bearer narrow"}
    statuses = [(await app.admit("/api/v1/employees", narrow))[0] for _ in range(4)]
    assert statuses == [403, 403, 429, 429]
    # Nobody else at its address pays for it.
    assert (await app.admit("/api/v1/me", {"authorization": "Bearer t"}))[0] == 200
    assert (await app.admit("/api/v1/me", {"authorization": "Bearer 1"}))[0] == 401


async def test_the_operators_key_is_asked_for_before_the_body_is_read() -> None:
    limits = fair_use(address=20)
    app = Admitted(limits)
    wrong = [await app.admit("/api/v1/tenants", {"authorization": "Bearer x"}) for _ in range(3)]
    assert [status for status, _ in wrong] == [401, 401, 429]
    assert app.bodies == 0


@pytest.mark.parametrize("name", ["Idempotency-Key", "Authorization"])
async def test_a_header_that_counts_once_is_refused_when_given_twice(name: str) -> None:
    app = Admitted(fair_use())
    headers = [("authorization", "Bearer t"), (name.lower(), "Bearer t"), (name.lower(), "b")]
    status, problem = await app.refused("/api/v1/activities", headers)
    assert (status, problem["errors"][0]["field"], problem["errors"][0]["rule"]) == (
        422,
        name,
        "once",
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251"])
async def test_json_in_another_encoding_than_utf_8_is_refused(encoding: str) -> None:
    body = '{"name": "Ромашка"}'.encode(encoding)
    headers = {"authorization": "Bearer t", "content-type": "application/json"}
    assert (await admit("/api/v1/clients", headers, body))[0] == 422
    assert (await admit("/api/v1/clients", headers, '{"name": "Ромашка"}'.encode()))[0] == 200


async def authenticate(authorization: str | None, method: str, path: str, _: str) -> Authenticated:
    if authorization == "Bearer narrow":
        raise OutOfScope("scope", Caller(CALLER.tenant_id, EmployeeId(UUID(int=3))))
    if authorization != "Bearer t":
        raise Unauthenticated("token")
    return Authenticated(CALLER, 77.0)


def check_operator(authorization: str | None) -> None:
    if authorization != "Bearer operator":
        raise Unauthenticated("operator_key")


def fair_use(
    caller: float = 1e6, tenant: float = 1e6, address: float = 1e6, pause: float = 0
) -> FairUse:
    """Limits of one second's worth, of this process alone."""
    buckets = SharedBuckets(Store("redis://127.0.0.1:1"), "")
    limits = FairUseLimits(caller, tenant, address, burst_seconds=1, pause_seconds=pause)
    return FairUse(limits, buckets, GatewayMetrics())


class Admitted:
    """An application behind admission."""

    def __init__(self, limits: FairUse) -> None:
        self.contexts: list[RequestContext] = []
        self.bodies = 0
        uploads = UploadTurns(2, 1, 1, GatewayMetrics())
        self._middleware = AdmissionMiddleware(
            self._answer, authenticate, check_operator, limits, body_seconds=1, uploads=uploads
        )

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = context_of(scope)
        assert (await receive())["body"] == context.body
        self.contexts.append(context)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def admit(
        self,
        path: str,
        headers: dict[str, str],
        body: bytes = b"",
        scope: dict[str, Any] | None = None,
        host: str = "10.0.0.1",
    ) -> tuple[int, RequestContext | None]:
        """The status of the response, and the context if the request was let through."""
        self.contexts.clear()
        status, _ = await self._send(path, [*headers.items()], body, scope, host)
        return status, self.contexts[0] if self.contexts else None

    async def refused(self, path: str, headers: list[tuple[str, str]]) -> tuple[int, Any]:
        return await self._send(path, headers, b"", None, "10.0.0.1")

    async def _send(
        self,
        path: str,
        headers: list[tuple[str, str]],
        body: bytes,
        scope: dict[str, Any] | None,
        host: str,
    ) -> tuple[int, Any]:
        length = [("content-length", str(len(body)))] if body else []
        raw = [(name.encode(), value.encode()) for name, value in [*headers, *length]]
        scope = {} if scope is None else scope
        scope |= {"type": "http", "method": "POST", "path": path, "headers": raw}
        scope["client"] = (host, 1)
        statuses: list[int] = []
        bodies: list[bytes] = []

        async def receive() -> Message:
            self.bodies += 1
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            else:
                bodies.append(message["body"])

        await self._middleware(scope, receive, send)
        problem = orjson.loads(b"".join(bodies)) if bodies else None
        assert problem is None or problem["status"] == statuses[0]
        return statuses[0], problem


async def admit(
    path: str,
    headers: dict[str, str],
    body: bytes = b"",
    limits: FairUse | None = None,
    scope: dict[str, Any] | None = None,
) -> tuple[int, RequestContext | None]:
    """The status of the response, and the context if the request was let through."""
    return await Admitted(limits or fair_use()).admit(path, headers, body, scope)
