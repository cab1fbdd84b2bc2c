"""Logging in at a tenant's OpenID provider, a process of its own."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from services.gateway.accounts.oidc_client import OidcClient
from shared.errors import Unavailable
from tests.integration.gateway.tenant import Tenant
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.support.servers import ROOT, free_ports
from tests.support.wait import eventually


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A running provider."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "tests.support.oidc_provider", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Browser:
    """A browser, which keeps cookies and follows redirects when told to."""

    tenant: Tenant
    issuer: str
    http: aiohttp.ClientSession

    @property
    def start(self) -> str:
        return f"{self.tenant.url}/api/v1/auth/oidc/{self.tenant.id}/start"

    async def person(self, **claims: Any) -> None:
        """Who logs in at the provider next."""
        async with self.http.post(f"{self.issuer}/next", json=claims) as response:
            assert response.status == 204

    async def redirect(self, url: str) -> str:
        async with self.http.get(url, allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            return response.headers["location"]

    async def callback(self) -> str:
        """The address to which the provider sends the browser back."""
        return await self.redirect(await self.redirect(self.start))

    async def get(self, url: str) -> tuple[int, Any]:
        async with self.http.get(url) as response:
            return response.status, await response.json()

    async def log_in(self, **claims: Any) -> tuple[int, Any]:
        await self.person(**claims)
        return await self.get(await self.callback())


def settings(issuer: str, **changes: Any) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "allowed_domains": ["example.com"],
        **changes,
    }


@pytest.fixture
async def browser(tenant: Tenant, issuer: str) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:

        async def up() -> bool:
            try:
                async with http.get(f"{issuer}/keys") as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await eventually(up)
        status, view, _ = await tenant.call("PUT", "/api/v1/security/oidc", json=settings(issuer))
        assert status == 200, view
        assert "client_secret" not in view
        assert view["redirect_uri"].endswith(f"/api/v1/auth/oidc/{tenant.id}/callback")
        yield Browser(tenant, issuer, http)


def person(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    return {"sub": f"subject-{tenant.id}", "email": tenant.email, "email_verified": True, **changes}


async def test_a_verified_email_opens_a_session(tenant: Tenant, browser: Browser) -> None:
    status, session = await browser.log_in(**person(tenant))
    assert status == 200, session
    assert (await tenant.call("GET", "/api/v1/api-keys", session["access_token"]))[0] == 200
    _, page, _ = await tenant.call("GET", "/api/v1/audit?operation=finish_outside_log_in")
    (entry,) = page["items"]
    assert (entry["outcome"], entry["actor_id"]) == ("done", str(tenant.admin_id))


async def test_a_linked_subject_needs_no_email(tenant: Tenant, browser: Browser) -> None:
    assert (await browser.log_in(**person(tenant)))[0] == 200
    assert (await browser.log_in(sub=f"subject-{tenant.id}"))[0] == 200


async def test_another_subject_with_the_same_email_is_refused(
    tenant: Tenant, browser: Browser
) -> None:
    assert (await browser.log_in(**person(tenant)))[0] == 200
    assert (await browser.log_in(**person(tenant, sub="somebody else")))[0] == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@example.com"},
        {"email": "admin@elsewhere.example"},
        {"email": None},
        {"aud": "another-client"},
        {"aud": ["sales-launch", "x"], "azp": "x"},
        {"iss": "http://127.0.0.1:1"},
        {"nonce": "another"},
        {"exp": 1},
        {"key": "new"},
        {"sub": None},
    ],
    ids=str,
)
async def test_claims_that_do_not_count_open_nothing(
    tenant: Tenant, browser: Browser, changes: dict[str, Any]
) -> None:
    status, problem = await browser.log_in(**person(tenant, **changes))
    assert (status, problem["code"]) == (401, "unauthenticated")


async def test_an_inactive_employee_is_refused(tenant: Tenant, browser: Browser) -> None:
    email = f"gone-{tenant.id}@example.com"
    employee_id, _ = await tenant.employee(email=email)
    await tenant.call("PATCH", f"/api/v1/employees/{employee_id}", json={"active": False})
    assert (await browser.log_in(**person(tenant, sub="gone", email=email)))[0] == 401


async def test_a_return_without_the_browsers_cookie_is_refused(
    tenant: Tenant, browser: Browser
) -> None:
    await browser.person(**person(tenant))
    callback = await browser.callback()
    browser.http.cookie_jar.clear()
    assert (await browser.get(callback))[0] == 401


async def test_a_forged_state_and_a_used_code_are_refused(tenant: Tenant, browser: Browser) -> None:
    await browser.person(**person(tenant))
    callback = await browser.callback()
    state = parse_qs(urlsplit(callback).query)["state"][0]
    assert (await browser.get(callback.replace(state, state[:-8] + "AAAAAAAA")))[0] == 401
    assert (await browser.get(callback))[0] == 200
    assert (await browser.get(callback))[0] == 401


async def test_a_state_of_another_tenant_is_refused(tenant: Tenant, browser: Browser) -> None:
    await browser.person(**person(tenant))
    callback = await browser.callback()
    other = callback.replace(str(tenant.id), str(tenant.admin_id))
    assert (await browser.get(other))[0] in (401, 404)


async def test_the_request_has_a_challenge_and_the_cookie_is_hidden(browser: Browser) -> None:
    async with browser.http.get(browser.start, allow_redirects=False) as response:
        query = parse_qs(urlsplit(response.headers["location"]).query)
        cookie = response.headers["set-cookie"].lower()
    assert query["code_challenge_method"] == ["S256"] and query["nonce"] and query["state"]
    assert "httponly" in cookie and "samesite=lax" in cookie


async def test_without_a_provider_nobody_logs_in_there(tenant: Tenant, issuer: str) -> None:
    path = f"/api/v1/auth/oidc/{tenant.id}/start"
    assert (await tenant.call("GET", path))[0] == 404
    assert (await tenant.call("GET", "/api/v1/auth/oidc/no-such-tenant/start"))[0] == 404


async def test_a_provider_is_switched_off_and_removed(tenant: Tenant, browser: Browser) -> None:
    off = settings(browser.issuer, enabled=False)
    assert (await tenant.call("PUT", "/api/v1/security/oidc", json=off))[0] == 200
    assert (await browser.get(browser.start))[0] == 404
    assert (await tenant.call("DELETE", "/api/v1/security/oidc"))[0] == 204
    assert (await tenant.call("GET", "/api/v1/security/oidc"))[0] == 404


async def test_a_providers_secret_under_an_old_key_is_not_set_again(
    tenant: Tenant, browser: Browser, issuer: str
) -> None:
    key, path = {"Idempotency-Key": "provider-1"}, "/api/v1/security/oidc"

    async def put(name: str, **request: Any) -> tuple[int, Any]:
        body = settings(issuer, client_secret=name)
        status, view, _ = await tenant.call("PUT", path, json=body, **request)
        return status, view

    first = await put("first-secret-0123456789", headers=key)
    later = await put("later-secret-0123456789")
    assert (first[0], later[0]) == (200, 200)
    assert await put("first-secret-0123456789", headers=key) == first
    assert (await tenant.call("GET", path))[1]["version"] == later[1]["version"]
    status, problem = await put("other-secret-0123456789", headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_only_admins_set_a_provider(tenant: Tenant, issuer: str) -> None:
    _, token = await tenant.employee()
    for method, body in (("PUT", settings(issuer)), ("GET", None), ("DELETE", None)):
        status, _, _ = await tenant.call(method, "/api/v1/security/oidc", token, json=body)
        assert status == 403


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.com",
        "https://127.0.0.1:8081",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://[::1]:8081",
        "https://localhost:8081",
    ],
)
async def test_a_providers_address_never_leads_inside(uri: str) -> None:
    client = OidcClient(insecure=False)
    await client.open()
    try:
        with pytest.raises(Unavailable):
            await client.metadata(uri)
    finally:
        await client.close()


async def test_a_provider_is_changed_at_the_version_that_was_read(
    tenant: Tenant, browser: Browser
) -> None:
    path = "/api/v1/security/oidc"
    _, read, _ = await tenant.call("GET", path)
    version = read["version"]
    body = settings(browser.issuer, allowed_domains=["example.com", "example.org"])
    tag = {"If-Match": f'"{version}"'}
    status, changed, _ = await tenant.call("PUT", path, json=body, headers=tag)
    assert (status, changed["version"]) == (200, version + 1)
    again = settings(browser.issuer, allowed_domains=["example.net"])
    status, refused, _ = await tenant.call("PUT", path, json=again, headers=tag)
    assert (status, refused["code"], refused["version"]) == (409, "stale", version + 1)
    assert refused["changed"] == {"allowed_domains": ["example.com", "example.org"]}
    assert (await tenant.call("GET", path))[1] == changed
