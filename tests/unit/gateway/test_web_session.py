"""Cookies, the origin of what is posted, and the way back after signing in."""

import pytest

from services.gateway.web.forms import local_path
from services.gateway.web.session import Browser, is_same_origin, parse_cookies


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
