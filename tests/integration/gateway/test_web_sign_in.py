"""Signing in and out with a browser, and what every page does about strangers."""

import pytest

from services.gateway.web.pages import TABLE
from tests.integration.gateway.browsing import browsing
from tests.integration.gateway.tenant import Tenant

OPEN = {"/sign-in", "/sign-out", "/preferences"}
ID = "00000000-0000-7000-8000-000000000000"
ROUTES = [route for route in TABLE.routes if route.path not in OPEN]


def address(template: str) -> str:
    """An address of the template; its ids are nobody's."""
    parts = template.split("/")
    return "/".join(ID if "_id}" in part else "word" if "{" in part else part for part in parts)


async def test_signing_in_leads_back_to_the_page_that_was_asked_for(tenant: Tenant) -> None:
    async with browsing(tenant.url) as browser:
        refused = await browser.open("/pool?company=1")
        assert (refused.status, refused.leads_to) == (303, "/sign-in?next=/pool%3Fcompany%3D1")
        form = await browser.open(refused.leads_to)
        assert form.status == 200 and 'value="/pool?company=1"' in form.html
        signed_in = await browser.sign_in(tenant.email, "/pool?company=1")
        assert (signed_in.status, signed_in.leads_to) == (303, "/pool?company=1")
        assert "HttpOnly; SameSite=Lax" in signed_in.headers["Set-Cookie"]
        assert (await browser.open("/more")).status == 200


async def test_a_wrong_password_has_one_error_and_keeps_the_e_mail(tenant: Tenant) -> None:
    async with browsing(tenant.url) as browser:
        refused = await browser.sign_in(tenant.email, password="wrong horse battery")
        assert refused.status == 401 and f'value="{tenant.email}"' in refused.html
        assert 'role="alert"' in refused.html and "wrong horse" not in refused.html


async def test_signing_out_ends_the_session(tenant: Tenant) -> None:
    async with browsing(tenant.url) as browser:
        await browser.sign_in(tenant.email)
        cookies = {cookie.key: cookie.value for cookie in browser.http.cookie_jar}
        assert (await browser.post("/sign-out")).leads_to == "/sign-in"
        assert (await browser.open("/more")).status == 303
        browser.http.cookie_jar.update_cookies(cookies)
        assert (await browser.open("/more")).leads_to.startswith("/sign-in")


async def test_an_expired_token_is_renewed_without_a_word(tenant: Tenant) -> None:
    async with browsing(tenant.url) as browser:
        await browser.sign_in(tenant.email)
        browser.http.cookie_jar.clear(lambda cookie: cookie.key == "sales_access")
        assert (await browser.open("/more")).status == 200
        assert "sales_access" in {cookie.key for cookie in browser.http.cookie_jar}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_page_is_for_those_who_are_signed_in(tenant: Tenant, route) -> None:  # type: ignore[no-untyped-def]
    path = address(route.path)
    async with browsing(tenant.url) as browser:
        if route.method == "POST":
            answer = await browser.post(path, script=True)
            assert (answer.status, answer.headers["HX-Retarget"]) == (401, "#problem")
            assert (await browser.post(path)).leads_to.startswith("/sign-in?next=")
        else:
            answer = await browser.open(path)
            assert (answer.status, answer.leads_to) == (303, f"/sign-in?next={path}")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


POSTS = [route.path for route in TABLE.routes if route.method == "POST"]


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_of_another_site_is_refused(tenant: Tenant, path: str) -> None:
    async with browsing(tenant.url) as browser:
        await browser.sign_in(tenant.email)
        for origin in ("https://evil.example", "null"):
            assert (await browser.post(address(path), origin=origin)).status == 403
        assert (await browser.open("/more")).status == 200


async def test_where_no_page_is_the_answer_is_a_page_too(tenant: Tenant) -> None:
    async with browsing(tenant.url) as browser:
        await browser.sign_in(tenant.email)
        missing = await browser.open("/nowhere")
        assert missing.status == 404 and "<h1>" in missing.html


async def test_the_language_and_the_theme_are_kept_in_the_browser(tenant: Tenant) -> None:
    async with browsing(tenant.url) as browser:
        await browser.sign_in(tenant.email)
        assert '<html lang="ru">' in (await browser.open("/more")).html
        await browser.post("/preferences", language="en", back="/more")
        await browser.post("/preferences", theme="dark", back="/more")
        assert '<html lang="en" data-bs-theme="dark">' in (await browser.open("/more")).html
