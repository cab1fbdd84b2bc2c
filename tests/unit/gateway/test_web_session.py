"""Cookies, the origin of what is posted, and the way back after signing in."""

from typing import Any, cast

import pytest
from starlette.types import Message

from services.gateway.accounts.sessions import Sessions
from services.gateway.web.forms import local_path
from services.gateway.web.session import (
    Browser,
    BrowserSessions,
    is_same_origin,
    parse_cookies,
)
from shared.errors import Refusal, Unauthenticated, Unavailable


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({b"origin": b"https://sales.example", b"host": b"sales.example"}, True),
        ({b"origin": b"https://evil.example", b"host": b"sales.example"}, False),
        ({b"origin": b"https://sales.example:444", b"host": b"sales.example"}, False),
        ({b"host": b"sales.example"}, False),
        ({b"origin": b"null", b"host": b"sales.example"}, False),
        ({b"sec-fetch-site": b"same-origin", b"host": b"sales.example"}, True),
        ({b"sec-fetch-site": b"same-site", b"host": b"sales.example"}, False),
        ({b"origin": b"https://evil.example", b"sec-fetch-site": b"same-origin"}, False),
    ],
)
def test_only_a_page_of_ours_may_post(headers: dict[bytes, bytes], ours: bool) -> None:
    assert is_same_origin(headers) is ours


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/pool?company=1", "/pool?company=1"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/pool", "/"),
        ("pool", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_to_a_page_of_ours_alone(target: str, path: str) -> None:
    assert local_path(target) == path


def test_the_closest_of_equal_cookies_counts() -> None:
    assert parse_cookies("a=1; b=x=y; a=2; broken") == {"a": "1", "b": "x=y"}


def browser(**headers: str) -> Browser:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Browser.of({"headers": raw, "scheme": "https"})


def test_the_language_is_the_chosen_one_else_the_browsers_else_russian() -> None:
    assert browser().language == "ru"
    assert browser(**{"accept-language": "en-GB,en"}).language == "en"
    chosen = {"accept-language": "en", "cookie": "sales_language=ru"}
    assert browser(**chosen).language == "ru"
    assert browser(cookie="sales_language=xx").language == "ru"


def test_no_script_and_no_other_site_gets_at_a_cookie() -> None:
    visitor = browser()
    visitor.set_cookie("sales_theme", "dark", 60)
    assert visitor.set_cookies == [
        b"sales_theme=dark; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
    ]


class RefusingSessions:
    """Sessions that cannot be continued, for one reason."""

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    async def refresh(self, _: str) -> None:
        raise self._refusal


async def beyond(*_: Any) -> None:
    """The application, which nobody without a session reaches."""
    raise AssertionError


async def opened(refusal: Refusal) -> tuple[int, dict[bytes, bytes]]:
    """The answer to a page whose session is to be continued: its status and headers."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/pool",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"cookie", b"sales_refresh=token")],
    }
    sessions = cast(Sessions, RefusingSessions(refusal))
    await BrowserSessions(beyond, sessions)(scope, receive, send)
    return messages[0]["status"], dict(messages[0]["headers"])


async def test_a_session_that_has_ended_leads_to_signing_in() -> None:
    status, headers = await opened(Unauthenticated("token"))
    assert (status, headers[b"location"]) == (303, b"/sign-in?next=/pool")
    assert b"Max-Age=0" in headers[b"set-cookie"]


async def test_a_session_outlives_a_moment_without_its_database() -> None:
    status, headers = await opened(Unavailable("database"))
    assert status == 503 and b"set-cookie" not in headers
