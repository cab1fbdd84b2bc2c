"""Accounts: log-ins, sessions, API keys, and employees with their passwords."""

import asyncio
from uuid import UUID, uuid4

import jwt
import pytest

from deploy.environment import Installation
from services.gateway.accounts.token_keys import TokenKeys
from services.gateway.accounts.tokens import AUDIENCE, ISSUER, AccessTokens
from shared.ids import EmployeeId, TenantId
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import PASSWORD, Tenant, log_in


async def test_a_provisioned_admin_logs_in_and_sees_their_account(
    tenant: Tenant, services: StubServices
) -> None:
    (request,) = services.received("/api/v1/tenants")
    assert request.caller and request.caller.operator and request.caller.tenant_id == tenant.id
    assert request.json["admin"] == {"name": "Анна", "email": tenant.email}
    services.on("GET /api/v1/rooms", body={"items": [], "next_cursor": None})
    services.on("GET /api/v1/companies", body={"items": [], "next_cursor": None})
    status, me, _ = await tenant.call("GET", "/api/v1/me")
    assert (status, me["employee_id"], me["tenant_id"]) == (
        200,
        str(tenant.admin_id),
        str(tenant.id),
    )
    assert (me["name"], me["email"], me["roles"]) == ("Анна", tenant.email, ["admin"])


async def test_only_the_operator_provisions_tenants(tenant: Tenant) -> None:
    body = {
        "name": "Х",
        "time_zone": "UTC",
        "currency": "RUB",
        "admin": {"name": "А", "email": "a@b.cc", "password": PASSWORD},
    }
    status, problem, _ = await tenant.call("POST", "/api/v1/tenants", json=body)
    assert (status, problem["code"]) == (401, "unauthenticated")


async def test_an_employees_password_never_reaches_the_directory(
    tenant: Tenant, services: StubServices
) -> None:
    employee_id, token = await tenant.employee(personnel_number="7")
    (request,) = services.received("/api/v1/employees")
    assert b"password" not in request.body and PASSWORD.encode() not in request.body
    assert request.json["employee_id"] == str(employee_id)
    assert request.json["personnel_number"] == "7"
    assert (await tenant.call("GET", "/api/v1/anything", token))[0] == 404


async def test_an_email_belongs_to_one_person_in_a_tenant(tenant: Tenant) -> None:
    body = {
        "name": "Пётр",
        "email": tenant.email.upper(),
        "password": PASSWORD,
        "roles": ["seller"],
    }
    status, problem, _ = await tenant.call("POST", "/api/v1/employees", json=body)
    assert (status, problem["code"]) == (409, "duplicate_email")


async def test_a_refused_employee_leaves_no_account_behind(
    tenant: Tenant, services: StubServices
) -> None:
    services.on(
        "POST /api/v1/employees", 422, {"code": "invalid", "detail": "room_ids: no such room"}
    )
    body = {
        "name": "Пётр",
        "email": f"{uuid4().hex}@example.com",
        "password": PASSWORD,
        "roles": ["seller"],
    }
    assert (await tenant.call("POST", "/api/v1/employees", json=body))[0] == 422
    assert (await log_in(tenant.session, tenant.url, str(body["email"])))[0] == 401
    services.replies.clear()
    assert (await tenant.call("POST", "/api/v1/employees", json=body))[0] == 201


async def test_an_employee_created_twice_under_one_key_is_one_employee(
    tenant: Tenant, services: StubServices
) -> None:
    body = {
        "name": "Пётр",
        "email": f"{uuid4().hex}@example.com",
        "password": PASSWORD,
        "roles": ["seller"],
    }
    headers = {"Idempotency-Key": uuid4().hex}
    first = await tenant.call("POST", "/api/v1/employees", json=body, headers=headers)
    again = await tenant.call("POST", "/api/v1/employees", json=body, headers=headers)
    assert first[0] == again[0] == 201
    requests = services.received("/api/v1/employees")
    assert requests[0].body == requests[1].body
    assert requests[0].headers["idempotency-key"] == headers["Idempotency-Key"]


async def test_a_new_password_ends_every_session(tenant: Tenant) -> None:
    email = f"{uuid4().hex}@example.com"
    _, view, _ = await tenant.call(
        "POST",
        "/api/v1/employees",
        json={"name": "П", "email": email, "password": PASSWORD, "roles": ["seller"]},
    )
    _, opened = await log_in(tenant.session, tenant.url, email)
    assert (
        await tenant.call(
            "PATCH", f"/api/v1/employees/{view['id']}", json={"password": "another password"}
        )
    )[0] == 200
    assert (await log_in(tenant.session, tenant.url, email))[0] == 401
    assert (await log_in(tenant.session, tenant.url, email, "another password"))[0] == 200
    refused = await tenant.call(
        "POST", "/api/v1/auth/refresh", json={"refresh_token": opened["refresh_token"]}
    )
    assert refused[0] == 401


async def test_a_changed_email_replaces_the_one_to_log_in_with(tenant: Tenant) -> None:
    old, new = f"{uuid4().hex}@example.com", f"{uuid4().hex}@example.com"
    body = {"name": "П", "email": old, "password": PASSWORD, "roles": ["seller"]}
    _, view, _ = await tenant.call("POST", "/api/v1/employees", json=body)
    taken = await tenant.call(
        "PATCH", f"/api/v1/employees/{view['id']}", json={"email": tenant.email}
    )
    assert (taken[0], taken[1]["code"]) == (409, "duplicate_email")
    assert (await tenant.call("PATCH", f"/api/v1/employees/{view['id']}", json={"email": new}))[
        0
    ] == 200
    assert (await log_in(tenant.session, tenant.url, new))[0] == 200
    assert (await log_in(tenant.session, tenant.url, old))[0] == 401


async def test_a_deactivated_employee_is_logged_out_at_once(tenant: Tenant) -> None:
    employee_id, token = await tenant.employee()
    assert (await tenant.call("GET", "/api/v1/me", token))[0] in (200, 503)
    assert (await tenant.call("PATCH", f"/api/v1/employees/{employee_id}", json={"active": False}))[
        0
    ] == 200
    status, problem, headers = await tenant.call("GET", "/api/v1/me", token)
    assert (status, problem["code"], headers["WWW-Authenticate"]) == (
        401,
        "unauthenticated",
        "Bearer",
    )


@pytest.mark.parametrize(
    "forged",
    [
        {"algorithm": "none", "key": ""},
        {"key": "x" * 40},
        {"exp": 1},
        {"aud": "sales-internal"},
        {"iss": "somebody"},
        {"ten": "not-an-id"},
        {"algorithm": "HS512"},
    ],
)
async def test_forged_foreign_and_expired_tokens_are_refused(
    tenant: Tenant, provisioned: Installation, forged: dict[str, str]
) -> None:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": 4_000_000_000,
        "sub": str(tenant.admin_id),
        "ten": str(tenant.id),
        "sid": str(uuid4()),
        "jti": "1",
    }
    kid, signing = TokenKeys(provisioned.secrets.token_secret, 900).signing(0.0)
    key = forged.get("key", signing)
    algorithm = forged.get("algorithm", "HS256")
    told = {name: value for name, value in forged.items() if name not in ("key", "algorithm")}
    token = jwt.encode(claims | told, key, algorithm=algorithm, headers={"kid": kid})
    status, problem, _ = await tenant.call("GET", "/api/v1/me", token)
    assert (status, problem["code"]) == (401, "unauthenticated")


async def test_a_token_of_another_tenant_is_refused(
    tenant: Tenant, provisioned: Installation
) -> None:
    strangers = AccessTokens(provisioned.secrets.token_secret, 60).issue(
        TenantId(uuid4()), EmployeeId(tenant.admin_id), uuid4()
    )
    assert (await tenant.call("GET", "/api/v1/me", strangers))[0] == 401


async def test_every_path_needs_a_caller_unless_it_is_open(tenant: Tenant) -> None:
    for path in (
        "/api/v1/me",
        "/api/v1/pool",
        "/api/v1/desk",
        "/api/v1/activities",
        "/internal/snapshots",
        "/api/v1/api-keys",
    ):
        async with tenant.session.get(tenant.url + path) as response:
            assert response.status == 401, path
    # What may be a page leads people to sign in, also where none is.
    async with tenant.session.get(tenant.url + "/x", allow_redirects=False) as response:
        assert response.status == 303 and response.headers["Location"].startswith("/sign-in?")


async def test_an_api_key_reaches_its_scopes_and_shows_its_secret_once(
    tenant: Tenant, services: StubServices
) -> None:
    services.on("GET /api/v1/motivation/statement", body={"ok": True})
    status, made, _ = await tenant.call(
        "POST", "/api/v1/api-keys", json={"name": "1C", "scopes": ["payroll"]}
    )
    assert status == 201
    assert (await tenant.call("GET", "/api/v1/motivation/statement", made["secret"]))[0] == 200
    assert (
        services.requests[-1].caller
        and services.requests[-1].caller.roles == {"accountant"}
        and services.requests[-1].caller.tenant_id == tenant.id
    )
    assert (await tenant.call("POST", "/api/v1/motivation/adjustments", made["secret"], json={}))[
        0
    ] == 403
    assert (await tenant.call("GET", "/api/v1/clients", made["secret"]))[0] == 403
    _, page, _ = await tenant.call("GET", "/api/v1/api-keys")
    assert [item["id"] for item in page["items"]] == [made["id"]] and "secret" not in page["items"][
        0
    ]
    assert (await tenant.call("GET", "/api/v1/motivation/statement", made["secret"][:-1] + "_"))[
        0
    ] == 401
    assert (await tenant.call("DELETE", f"/api/v1/api-keys/{made['id']}"))[0] == 204
    await asyncio.sleep(1.1)
    assert (await tenant.call("GET", "/api/v1/motivation/statement", made["secret"]))[0] == 401


async def test_sellers_create_neither_keys_nor_employees(tenant: Tenant) -> None:
    _, token = await tenant.employee()
    assert (
        await tenant.call("POST", "/api/v1/api-keys", token, json={"name": "x", "scopes": ["bi"]})
    )[0] == 403
    body = {"name": "П", "email": "p@example.com", "roles": ["admin"]}
    assert (await tenant.call("POST", "/api/v1/employees", token, json=body))[0] == 403
    assert (
        await tenant.call(
            "PATCH", f"/api/v1/employees/{UUID(int=1)}", token, json={"password": PASSWORD}
        )
    )[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b'{"name": 1e999}',
        b'{"name": "\\ud800", "email": "a@b.cc"}',
        b"{" * 9000,
    ],
)
async def test_a_malformed_body_is_refused(tenant: Tenant, body: bytes) -> None:
    for path in (
        "/api/v1/employees",
        "/api/v1/api-keys",
        "/api/v1/auth/refresh",
        "/api/v1/tenants",
    ):
        status, _, _ = await tenant.call(
            "POST", path, data=body, headers={"content-type": "application/json"}
        )
        assert 400 <= status < 500, (path, status)
