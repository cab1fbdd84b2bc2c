"""What is answered before FastAPI's machinery is answered as FastAPI would."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware import Middleware

from shared.errors import NotFound, Refusal
from shared.idempotency import IdempotentResponse, Replayed
from shared.ids import EmployeeId, RoomId, TenantId
from shared.internal_keys import KeyRing, PrivateKeys
from shared.internal_tokens import TOKEN_HEADER, TokenIssuer, TokenReader
from shared.money import PositiveMoney
from shared.tenancy import ROLES, Caller
from shared.web import problems
from shared.web.callers import Admin, AnyCaller, Operator, Seller
from shared.web.fast_routes import FastRoutes
from shared.web.permissions import PERMISSIONS, Permission, permission_of
from shared.web.responses import JsonBytes, as_json


class Unbound(TokenReader):
    """Believes tokens without a proof: the requests here are changed after they were signed."""

    def _prove(self, *_: object) -> None:
        return

    def read(self, token: str, proof: str, path: str, bound: bytes, *_: object) -> Caller:
        return super().read(token, proof, path, bound)


def keys(name: str, peer: str) -> KeyRing:
    return KeyRing(name, name * 32, f"{peer}={PrivateKeys(peer * 32).public}")


GATEWAY = TokenIssuer(keys("gateway", "vip"))
# Tokens are signed as the tests are collected, however long the run is.
READER = Unbound(keys("vip", "gateway"), leeway=36_000.0)
ID = "01a21400-0000-7000-8000-000000000001"


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: PositiveMoney
    words: Annotated[str, Field(max_length=10)] = ""


class Taken(Refusal):
    code = "taken"


def routes() -> APIRouter:
    router = APIRouter()

    @router.post("/things/{thing_id}/pay")
    async def pay(thing_id: UUID, body: Body, caller: Seller) -> JsonBytes:
        key = caller.command.fingerprint.hex() if caller.command else None
        return as_json(
            {
                "thing": str(thing_id),
                "amount": body.amount,
                "by": str(caller.employee_id),
                "key": key,
            },
            201,
        )

    @router.post("/things/{thing_id}/take")
    async def take(thing_id: UUID, caller: Seller) -> JsonBytes:
        raise Taken("someone was first", by="x")

    @router.get("/things/{thing_id}")
    async def see(thing_id: UUID, caller: AnyCaller) -> JsonBytes:
        raise NotFound("thing")

    @router.get("/things")
    async def listing(caller: AnyCaller, limit: int = 5) -> JsonBytes:
        return as_json({"limit": limit})

    @router.post("/things")
    async def again(body: Body, caller: Admin) -> JsonBytes:
        raise Replayed(IdempotentResponse(201, b'{"first":true}'))

    @router.post("/tenants")
    async def provision(body: Body, caller: Operator) -> JsonBytes:
        return as_json({})

    @router.post("/plain")
    async def plain(body: Body, caller: AnyCaller) -> dict[str, str]:
        return {}

    return router


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The routes of these tests stand in the table of permissions, open to every role."""
    operator = Permission(operator=True)
    for route in routes().routes:
        assert isinstance(route, APIRoute)
        permission = operator if route.path == "/tenants" else Permission(everybody=True)
        for method in route.methods or ():
            operation = f"{method} /api/v1{route.path}"
            monkeypatch.setitem(PERMISSIONS, operation, permission)
    permission_of.cache_clear()
    yield
    permission_of.cache_clear()


def app(express: bool) -> FastAPI:
    made, router = FastAPI(), routes()
    made.state.tokens = READER
    problems.install(made)
    made.include_router(router, prefix="/api")
    if express:
        made.user_middleware.append(
            Middleware(FastRoutes, prefix="/api", routers=[router], tokens=made.state.tokens)
        )
    return made


def token(*roles: str) -> dict[str, str]:
    who = Caller(
        TenantId(UUID(int=1)),
        EmployeeId(UUID(int=2)),
        frozenset(roles),
        frozenset({RoomId(UUID(int=3))}),
    )
    return {TOKEN_HEADER: GATEWAY.headers(who, "vip", "GET", "/")[TOKEN_HEADER]}


JSON = {"content-type": "application/json"}
PAY, GOOD = f"/api/things/{ID}/pay", b'{"amount":{"amount":"10.00","currency":"RUB"}}'
REQUESTS: dict[str, tuple[str, str, dict[str, str], bytes]] = {
    "good": ("POST", PAY, JSON | token("seller"), GOOD),
    "good, with a key": ("POST", PAY, JSON | token("head") | {"idempotency-key": "k1"}, GOOD),
    "an upper-case id": (
        "POST",
        PAY.upper().replace("/API/THINGS", "/api/things").replace("/PAY", "/pay"),
        JSON | token("seller"),
        GOOD,
    ),
    "a key too long": ("POST", PAY, JSON | token("seller") | {"idempotency-key": "k" * 201}, GOOD),
    "content type with a charset": (
        "POST",
        PAY,
        {"content-type": "application/json; charset=utf-8"} | token("seller"),
        GOOD,
    ),
    "another content type": ("POST", PAY, {"content-type": "text/plain"} | token("seller"), GOOD),
    "no content type": ("POST", PAY, token("seller"), GOOD),
    "no body": ("POST", PAY, JSON | token("seller"), b""),
    "not JSON": ("POST", PAY, JSON | token("seller"), b'{"amount":'),
    "a field unknown": ("POST", PAY, JSON | token("seller"), GOOD[:-1] + b',"more":1}'),
    "a field too long": (
        "POST",
        PAY,
        JSON | token("seller"),
        GOOD[:-1] + b',"words":"12345678901"}',
    ),
    "a lone surrogate": ("POST", PAY, JSON | token("seller"), GOOD[:-1] + b',"words":"\\ud800"}'),
    "a lone surrogate for a name": (
        "POST",
        PAY,
        JSON | token("seller"),
        GOOD[:-1] + b',"\\ud800":1}',
    ),
    "NUL in a name": ("POST", PAY, JSON | token("seller"), GOOD[:-1] + b',"a\\u0000":1}'),
    "UTF-16": ("POST", PAY, JSON | token("seller"), GOOD.decode().encode("utf-16")),
    "a surrogate as bytes": (
        "POST",
        PAY,
        JSON | token("seller"),
        GOOD[:-1] + b',"words":"\xed\xa0\x80"}',
    ),
    "a number for text": ("POST", PAY, JSON | token("seller"), GOOD[:-1] + b',"words":1}'),
    "not a number": (
        "POST",
        PAY,
        JSON | token("seller"),
        b'{"amount":{"amount":NaN,"currency":"RUB"}}',
    ),
    "an empty list": ("POST", PAY, JSON | token("seller"), b"[]"),
    "not an id": ("POST", "/api/things/17/pay", JSON | token("seller"), GOOD),
    "an id in wrong places": (
        "POST",
        "/api/things/0000000000000000000000000000000-----/pay",
        JSON | token("seller"),
        GOOD,
    ),
    "another role": ("POST", PAY, JSON | token("marketer"), GOOD),
    "nobody": ("POST", PAY, JSON, GOOD),
    "nobody, and malformed": ("POST", PAY, JSON, b"{"),
    "forged": ("POST", PAY, JSON | {"x-internal-token": "a.b.c"}, GOOD),
    "refused": ("POST", f"/api/things/{ID}/take", token("seller"), b""),
    "not found": ("GET", f"/api/things/{ID}", token("seller"), b""),
    "replayed": ("POST", "/api/things", JSON | token("admin"), GOOD),
    "another method": ("DELETE", PAY, token("seller"), b""),
    "a query": ("GET", "/api/things?limit=3", token("seller"), b""),
    "a bad query": ("GET", "/api/things?limit=x", token("seller"), b""),
    "a query where none is read": ("POST", PAY + "?a=b", JSON | token("seller"), GOOD),
    "only the operator": ("POST", "/api/tenants", JSON | token("admin"), GOOD),
    "an answer to be rendered": ("POST", "/api/plain", JSON | token("seller"), GOOD),
    "no such path": ("GET", "/api/nothing", token("seller"), b""),
}


async def answer(
    application: Any, method: str, target: str, headers: dict[str, str], body: bytes
) -> tuple[int, Any, bytes]:
    path, _, query = target.partition("?")
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("test", 80),
        "client": ("test", 1),
        "scheme": "http",
    }
    await application(scope, receive, send)
    return (
        sent[0]["status"],
        sorted(sent[0]["headers"]),
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_fast_route_responds_as_fastapi_does(name: str) -> None:
    long, short = (
        await answer(app(False), *REQUESTS[name]),
        await answer(app(True), *REQUESTS[name]),
    )
    assert short == long


@pytest.mark.parametrize(
    "name",
    [
        "a lone surrogate",
        "a lone surrogate for a name",
        "NUL in a name",
        "UTF-16",
        "a surrogate as bytes",
    ],
)
async def test_a_service_itself_refuses_what_is_no_plain_text(name: str) -> None:
    assert (await answer(app(True), *REQUESTS[name]))[0] == 422


def test_only_plain_routes_take_the_short_way() -> None:
    table = FastRoutes(app(False), "/api", [routes()], READER).table
    assert sorted(hot.path for hot in table.values()) == [
        "/api/things",
        "/api/things/{thing_id}",
        "/api/things/{thing_id}/pay",
        "/api/things/{thing_id}/take",
    ]


async def test_a_good_request_does_not_reach_fastapi() -> None:
    async def nobody(*_: object) -> None:
        raise AssertionError("FastAPI was asked")

    status, _, _ = await answer(
        FastRoutes(nobody, "/api", [routes()], READER),
        "POST",
        PAY,
        JSON | token("seller"),
        GOOD,
    )
    assert status == 201


@pytest.mark.parametrize("express", [False, True])
async def test_a_route_that_the_table_of_permissions_does_not_list_is_closed(
    express: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PERMISSIONS, "POST /api/v1/things/{thing_id}/take")
    permission_of.cache_clear()
    status, *_ = await answer(app(express), "POST", f"/api/things/{ID}/take", token(*ROLES), b"")
    assert status == 403
