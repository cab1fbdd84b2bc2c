"""Devices told from their User-Agent."""

import pytest

from services.gateway.domain.devices import device_family

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        (_WINDOWS + "Chrome/142.0.0.0 Safari/537.36", "Chrome, Windows"),
        (
            _WINDOWS + "Chrome/142.0.0.0 YaBrowser/25.10.0.0 Safari/537.36",
            "Yandex Browser, Windows",
        ),
        (_WINDOWS + "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Python/3.11 aiohttp/3.14", "Python"),
        ("curl/8.5.0", "curl"),
        ("", ""),
        ("<script>alert(1)</script>", ""),
        ("x" * 100_000 + "Firefox/145.0", ""),
    ],
)
def test_a_device_is_a_known_program_and_system_and_no_more(user_agent: str, family: str) -> None:
    assert device_family(user_agent) == family
