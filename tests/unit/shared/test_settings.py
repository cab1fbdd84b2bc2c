"""Settings from the environment."""

import pytest
from pydantic import SecretStr, ValidationError

from shared.settings import ServiceSettings


def settings(trusted_proxies: str) -> ServiceSettings:
    secret = SecretStr("x")
    return ServiceSettings(
        database_url=secret,
        worker_database_url=secret,
        internal_key=secret,
        internal_peers="",
        trusted_proxies=trusted_proxies,
    )


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("", ()),
        ("10.0.0.7", ("10.0.0.7/32",)),
        ("10.0.0.7, 2001:db8::/32", ("10.0.0.7/32", "2001:db8::/32")),
    ],
)
def test_trusted_proxies_are_networks(text: str, proxies: tuple[str, ...]) -> None:
    assert settings(text).proxies == proxies


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.300", "*"])
def test_a_trusted_proxy_that_is_no_network_stops_the_start(text: str) -> None:
    with pytest.raises(ValidationError):
        settings(text)
