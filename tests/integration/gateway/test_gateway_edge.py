"""The way in: admission, the proxy and its limits, refusals while a service is away."""

import asyncio

import orjson
import pytest
from aiohttp import web

from tests.integration.gateway.stub_services import ReceivedRequest, StubServices
from tests.integration.gateway.tenant import Tenant


async def test_a_command_passes_as_bytes_under_the_callers_internal_token(
    tenant: Tenant, services: StubServices
) -> None:
    body = '{ "name":"Ромашка",  "phones": [ ] }'.encode()
    services.on("POST /api/v1/clients", 201, {"id": "1"}, **{"Idempotent-Replayed": "true"})
    headers = {
        "content-type": "application/json",
        "Idempotency-Key": "k-1",
        "X-Internal-Token": "forged",
        "Cookie": "a=b",
    }
    status, _, response_headers = await tenant.call(
        "POST", "/api/v1/clients?q=%D0%B0&b=1", data=body, headers=headers
    )
    request = services.requests[-1]
    assert (request.service, request.body, request.query) == ("activities", body, "q=%D0%B0&b=1")
    assert (status, response_headers["Idempotent-Replayed"]) == (201, "true")
    assert request.headers["idempotency-key"] == "k-1"
    assert not {"cookie", "authorization"} & request.headers.keys()
    assert request.caller
    assert request.caller.tenant_id == tenant.id
    assert request.caller.employee_id == tenant.admin_id
    assert request.headers["traceparent"].split("-")[1] == response_headers["x-trace-id"]
    assert response_headers["X-Content-Type-Options"] == "nosniff"
    assert response_headers["Cache-Control"] == "no-store"


async def test_a_services_refusal_passes_unchanged(tenant: Tenant, services: StubServices) -> None:
    problem = {"status": 429, "code": "too_soon", "retry_after_seconds": 7}
    headers = {"Retry-After": "7", "content-type": "application/problem+json"}
    services.on("POST /api/v1/activities/x/take", 429, problem, **headers)
    status, body, response_headers = await tenant.call("POST", "/api/v1/activities/x/take")
    assert (status, body) == (429, problem)
    assert {name: response_headers[name] for name in headers} == headers


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/rooms/../../internal/snapshots",
        "/api/v1/rooms/%2e%2e/%2e%2e/internal/snapshots",
        "/internal/snapshots",
        "/api/v1/internal/snapshots",
        "/api/v1/rooms//internal",
        "/api/v1/nowhere",
        "/api/v1/",
    ],
)
async def test_only_public_paths_reach_a_service(
    tenant: Tenant, services: StubServices, path: str
) -> None:
    services.requests.clear()
    reader, writer = await connect(tenant)
    lines = (f"GET {path} HTTP/1.1", "Host: x", "Connection: close", bearer(tenant), "", "")
    writer.write("\r\n".join(lines).encode())
    response = await reader.read()
    assert response.split(b" ", 2)[1] == b"404", response[:200]
    assert services.requests == []
    writer.close()


async def test_a_body_beyond_a_mebibyte_is_too_large(
    tenant: Tenant, services: StubServices
) -> None:
    services.on("POST /api/v1/clients", 201, {})
    path = "/api/v1/clients"
    assert (await tenant.call("POST", path, data=b"x" * (1 << 20)))[0] == 201
    status, problem, _ = await tenant.call("POST", path, data=b"x" * ((1 << 20) + 1))
    assert (status, problem["code"]) == (413, "too_large")


async def test_a_body_that_does_not_arrive_times_out(tenant: Tenant) -> None:
    reader, writer = await connect(tenant)
    head = ("POST /api/v1/clients HTTP/1.1", "Host: x", "Content-Length: 10", bearer(tenant))
    writer.write("\r\n".join((*head, "", "abc")).encode())
    assert (await asyncio.wait_for(reader.readline(), 5)).split()[1] == b"408"
    writer.close()


async def test_a_silent_service_is_unavailable_and_a_command_is_sent_once(
    tenant: Tenant, services: StubServices
) -> None:
    services.replies["POST /api/v1/vip"] = hang_up
    status, problem, headers = await tenant.call("POST", "/api/v1/vip", json={})
    assert (status, problem["code"], headers["Retry-After"]) == (503, "unavailable", "1")
    assert len(services.received("/api/v1/vip")) == 1


@pytest.mark.parametrize(
    ("language", "title"), [("ru-RU,ru;q=0.9,en;q=0.8", "Требуется вход"), ("en", "Unauthorized")]
)
async def test_the_gateway_refuses_in_the_language_of_the_request(
    tenant: Tenant, language: str, title: str
) -> None:
    headers = {"Accept-Language": language}
    async with tenant.session.get(tenant.url + "/api/v1/me", headers=headers) as response:
        assert response.status == 401
        assert orjson.loads(await response.read())["title"] == title
        assert response.headers["Content-Language"] == language[:2]


def hang_up(_: ReceivedRequest) -> web.Response:
    raise asyncio.CancelledError


def bearer(tenant: Tenant) -> str:
    return f"Authorization: Bearer {tenant.token}"


async def connect(tenant: Tenant) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(tenant.url.rpartition(":")[2]))
