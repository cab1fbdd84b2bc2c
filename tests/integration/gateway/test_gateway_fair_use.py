"""The public door: fair use over all gateways, strangers, streams, the internal port, keys that
come twice.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from deploy.environment import Installation
from shared.ids import new_id
from tests.integration.gateway.lookups import lookups
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import PASSWORD, Tenant, log_in
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually

LIMITS = {
    "SALES_CALLER_UNITS_PER_SECOND": "40",
    "SALES_TENANT_UNITS_PER_SECOND": "80",
    "SALES_ADDRESS_UNITS_PER_SECOND": "20",
    "SALES_BURST_SECONDS": "5",
    "SALES_OVERUSE_PAUSE_SECONDS": "0",
    "SALES_CALLER_STREAMS": "3",
    "SALES_TENANT_STREAMS": "5",
    "SALES_PARTS": "api",
}


@pytest.fixture(scope="module")
async def limited(
    provisioned: Installation, stub_server: StubServices, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Service]]:
    """Two gateways with low limits."""
    urls = {f"SALES_{name.upper()}_URL": stub_server.url(name) for name in STUBBED}
    folder: Path = tmp_path_factory.mktemp("limited")
    gateways = [
        Service.of(provisioned, "gateway", folder, port=port, **urls, **LIMITS)
        for port in free_ports(2)
    ]
    for gateway in gateways:
        gateway.spawn()
    for gateway in gateways:
        await asyncio.to_thread(gateway.wait_ready)
    yield gateways
    for gateway in gateways:
        await asyncio.to_thread(gateway.stop)


STUBBED = ("activities", "vip", "motivation")


async def test_limits_hold_for_all_gateways_together(
    tenant: Tenant, limited: list[Service]
) -> None:
    _, greedy = await tenant.employee()
    _, modest = await tenant.employee()
    seconds, passed, refused = 6.0, 0, []
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        for gateway in limited:
            status, problem, headers = await tenant_at(tenant, gateway).call(
                "GET", "/api/v1/me", greedy
            )
            if status == 200:
                passed += 1
            else:
                assert (status, problem["code"], problem["rule"]) == (429, "rate_limited", "caller")
                assert headers["Retry-After"] == str(problem["retry_after_seconds"])
                refused.append(problem)
    # A burst of 200 and 40 a second; what each gateway passes before it hears of the other.
    assert refused and passed <= 200 + 40 * seconds + 60, passed
    assert (await tenant_at(tenant, limited[0]).call("GET", "/api/v1/me", modest))[0] == 200


async def test_garbage_keys_cost_no_transaction_and_then_reach_the_limit(
    tenant: Tenant, limited: list[Service], provisioned: Installation
) -> None:
    gateway = tenant_at(tenant, limited[1])
    key = f"sk_{tenant.id.hex}_{new_id().hex}_"
    before = await lookups(provisioned, "api_key")
    assert (await gateway.call("GET", "/api/v1/events", f"{key}0"))[0] == 401
    # All at once: on a slow machine the address has earned another try before the next of a row.
    calls = (gateway.call("GET", "/api/v1/events", f"{key}{n}") for n in range(1, 80))
    answers = await asyncio.gather(*calls)
    refused = [problem["rule"] for status, problem, _ in answers if status == 429]
    assert len(refused) >= 30 and set(refused) == {"address"}
    assert {status for status, _, _ in answers} <= {401, 429}
    for path in ("/api/v1/auth/refresh", "/api/v1/auth/logout"):
        tries = (gateway.call("POST", path, json={"refresh_token": "a.b"}) for _ in range(40))
        answers = await asyncio.gather(*tries)
        refused = [problem["rule"] for status, problem, _ in answers if status == 429]
        assert refused and set(refused) == {"address"}
    assert await lookups(provisioned, "api_key") - before == 1
    # Who is known is let in from the same address.
    await asyncio.sleep(1)
    assert (await gateway.call("GET", "/api/v1/me"))[0] == 200
    await asyncio.gather(*(gateway.call("GET", "/api/v1/me", f"x{n}") for n in range(20)))
    assert (await gateway.call("GET", "/api/v1/me"))[0] == 200


async def test_provisioning_asks_for_the_key_before_it_looks_at_the_body(
    tenant: Tenant, gateway: Service
) -> None:
    for body in (b"{", b"", b"x" * 100_000):
        status, problem, _ = await tenant.call("POST", "/api/v1/tenants", "wrong", data=body)
        assert (status, problem["code"]) == (401, "unauthenticated")


async def test_a_caller_and_a_tenant_hold_so_many_streams(
    tenant: Tenant, limited: list[Service]
) -> None:
    gateway = tenant_at(tenant, limited[0])
    _, other = await tenant.employee()
    async with AsyncExitStack() as stack:
        for token in (tenant.token,) * 3 + (other,) * 2:
            response = await stack.enter_async_context(stream(gateway, token))
            assert response.status == 200
        for token in (tenant.token, other):
            async with stream(gateway, token) as response:
                problem = await response.json(content_type=None)
                assert (response.status, problem["rule"]) == (429, "streams")
                assert response.headers["Retry-After"] == "5"

    async def admitted() -> bool:
        async with stream(gateway, other) as response:
            return bool(response.status == 200)

    await eventually(admitted)


async def test_metrics_and_reasons_are_on_the_internal_port_only(
    tenant: Tenant, gateway: Service
) -> None:
    async with tenant.session.get(f"{gateway.url}/metrics") as response:
        assert response.status in (401, 404)
    async with tenant.session.get(f"{gateway.url}/health/ready") as response:
        assert set(await response.json()) == {"status"}
    async with tenant.session.get(f"{gateway.internal_url}/health/ready") as response:
        assert set(await response.json()) >= {"status", "missing", "degraded"}
    async with tenant.session.get(f"{gateway.internal_url}/metrics") as response:
        assert re.search(r"^sales_gateway_request_seconds", await response.text(), re.MULTILINE)


@pytest.mark.parametrize("path", ["/api/v1/pool", "/api/v1/desk", "/api/v1/jobs", "/api/v1/stream"])
@pytest.mark.parametrize("count", [1, 51, 101, 300])
async def test_unknown_parameters_are_refused_by_name(
    tenant: Tenant, path: str, count: int
) -> None:
    query = "&".join(f"colour{number}=red" for number in range(count))
    status, problem, _ = await tenant.call("GET", f"{path}?{query}")
    assert (status, problem["code"]) == (422, "invalid")
    rule = "unknown_parameter" if count <= 200 else "too_many"
    assert problem["errors"][0]["rule"] == rule


async def test_a_strangers_trace_becomes_nobodys_correlation_id(
    tenant: Tenant, services: StubServices
) -> None:
    services.on("GET /api/v1/rooms", 200, {})
    theirs = "f" * 32
    headers = {"traceparent": f"00-{theirs}-{'e' * 16}-01"}
    _, _, response_headers = await tenant.call("GET", "/api/v1/rooms", headers=headers)
    (request,) = services.received("/api/v1/rooms")
    assert theirs not in request.headers["traceparent"]
    assert response_headers["x-trace-id"] in request.headers["traceparent"]


async def test_a_key_that_comes_twice_in_one_request_is_refused(
    tenant: Tenant, services: StubServices
) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    headers.append(("authorization", f"Bearer {tenant.token}"))
    async with tenant.session.post(
        f"{tenant.url}/api/v1/clients", json={}, headers=headers
    ) as response:
        problem = await response.json(content_type=None)
    assert (response.status, problem["errors"][0]["rule"]) == (422, "once")
    assert services.received("/api/v1/clients") == []


async def test_a_key_with_another_password_is_refused(tenant: Tenant) -> None:
    key, body = {"Idempotency-Key": str(uuid4())}, new_employee()
    first = await tenant.call("POST", "/api/v1/employees", json=body, headers=key)
    again = await tenant.call("POST", "/api/v1/employees", json=body, headers=key)
    assert (first[0], again[0]) == (201, 201) and first[1]["id"] == again[1]["id"]
    other = {**body, "password": "another password"}
    status, problem, _ = await tenant.call("POST", "/api/v1/employees", json=other, headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert (await log_in(tenant.session, tenant.url, body["email"]))[0] == 200


async def test_a_password_is_part_of_the_command_that_its_owner_recognises(
    tenant: Tenant, services: StubServices
) -> None:
    id_, _ = await tenant.employee()
    path = f"/api/v1/employees/{id_}"
    for password in ("a long password", "a long password", "another long one"):
        assert (await tenant.call("PATCH", path, json={"password": password}))[0] == 200
    digests = [request.headers["x-secret-digest"] for request in services.received(path)]
    assert digests[0] == digests[1] != digests[2]
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests)


async def test_a_password_under_an_old_key_is_not_set_again(
    tenant: Tenant, services: StubServices
) -> None:
    id_, email = await tenant.hire()
    path, key = f"/api/v1/employees/{id_}", {"Idempotency-Key": str(uuid4())}
    first = {"password": "a long first password"}
    assert (await tenant.call("PATCH", path, json=first, headers=key))[0] == 200
    # By the owner, or by another command, meanwhile.
    later = {"password": "a long later password"}
    assert (await tenant.call("PATCH", path, json=later))[0] == 200
    _, session = await log_in(tenant.session, tenant.url, email, later["password"])
    assert (await tenant.call("PATCH", path, json=first, headers=key))[0] == 200
    assert (await tenant.call("GET", "/api/v1/me", session["access_token"]))[0] == 200
    assert (await log_in(tenant.session, tenant.url, email, first["password"]))[0] == 401
    assert (await log_in(tenant.session, tenant.url, email, later["password"]))[0] == 200
    other = {"password": "quite another password"}
    status, problem, _ = await tenant.call("PATCH", path, json=other, headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_an_old_dismissal_that_comes_again_ends_no_new_session(
    tenant: Tenant, services: StubServices
) -> None:
    id_, email = await tenant.hire()
    path = f"/api/v1/employees/{id_}"
    _, dismissed, _ = await tenant.call("PATCH", path, json={"active": False})
    assert (await tenant.call("PATCH", path, json={"active": True}))[0] == 200
    _, session = await log_in(tenant.session, tenant.url, email)
    services.on(f"PATCH {path}", body=dismissed)
    assert (await tenant.call("PATCH", path, json={"active": False}))[0] == 200
    assert (await tenant.call("GET", "/api/v1/me", session["access_token"]))[0] == 200


async def test_a_tenant_is_provisioned_once_under_a_key_and_never_otherwise(
    tenant: Tenant, provisioned: Installation
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    admin = {"name": "Анна", "email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    body = {"name": "Холдинг", "time_zone": "Europe/Moscow", "currency": "RUB", "admin": admin}

    async def send(body: dict[str, Any]) -> tuple[int, Any]:
        key = provisioned.secrets.operator_key
        response = await tenant.call("POST", "/api/v1/tenants", key, json=body, headers=headers)
        return response[:2]

    first, again = await send(body), await send(body)
    assert first[0] == 201 and first == again
    for other in (
        {**body, "admin": {**admin, "password": "another password"}},
        {**body, "admin": {**admin, "email": f"{uuid4().hex}@example.com"}},
        {**body, "name": "Другой"},
    ):
        status, problem = await send(other)
        assert (status, problem["code"]) == (422, "idempotency_key_reused")


def new_employee() -> dict[str, Any]:
    return {
        "name": "Иван",
        "email": f"{uuid4().hex}@example.com",
        "password": PASSWORD,
        "roles": ["seller"],
        "room_ids": [],
    }


def tenant_at(tenant: Tenant, gateway: Service) -> Tenant:
    """The tenant at another gateway."""
    return Tenant(**{**tenant.__dict__, "url": gateway.url})


def stream(tenant: Tenant, token: str) -> Any:
    return tenant.session.get(
        f"{tenant.url}/api/v1/stream",
        headers={"authorization": f"Bearer {token}"},
        timeout=aiohttp.ClientTimeout(total=None, sock_read=10),
    )
