"""Where messages may be pushed to, and what is a browser's key."""

import pytest

from services.gateway.reminders.push import VapidKey, are_keys, is_endpoint
from tests.support.push_receiver import Browser


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://push.example.com/send/abc", True),
        ("https://push.example.com:443/send", True),
        ("https://8.8.8.8/send", True),
        ("http://push.example.com/send", False),
        ("https://push.example.com:8443/send", False),
        ("https://push.example.com:99999/send", False),
        ("https://user@push.example.com/send", False),
        ("https://localhost/send", False),
        ("https://127.0.0.1/send", False),
        ("https://10.0.0.7/send", False),
        ("https://192.168.1.1/send", False),
        ("https://169.254.169.254/latest", False),
        ("https://[::1]/send", False),
        ("https://[fd00::1]/send", False),
        ("https://[::ffff:10.0.0.1]/send", False),
        ("https:///send", False),
        ("ftp://push.example.com/", False),
        ("nothing", False),
    ],
)
def test_messages_are_pushed_to_the_internet_alone(address: str, allowed: bool) -> None:
    assert is_endpoint(address) is allowed


def test_keys_are_a_point_and_a_secret() -> None:
    keys = Browser().keys
    assert are_keys(**keys)
    assert are_keys(keys["p256dh"] + "=", keys["auth"] + "==")
    for wrong in ({"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "ж"}, {"auth": "!"}):
        assert not are_keys(**{**keys, **wrong})


def test_the_same_secret_makes_the_same_key() -> None:
    first, again, other = (
        VapidKey(secret, "mailto:push@a.example") for secret in ("ab", "ab", "b")
    )
    assert first.public == again.public != other.public
    header = first.headers("https://push.example.com/send")["Authorization"]
    assert header.startswith("vapid t=") and header.endswith(f"k={first.public}")
