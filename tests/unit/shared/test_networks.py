"""Networks from which an API key may be used."""

import pytest

from shared.networks import canonical_network, is_within


@pytest.mark.parametrize(
    ("address", "within"),
    [
        ("203.0.113.7", True),
        ("203.0.114.7", False),
        ("::ffff:203.0.113.7", True),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_an_address_lies_in_the_networks_of_its_key(address: str, within: bool) -> None:
    assert is_within(address, ("203.0.113.0/24", "2001:db8::/32")) is within


def test_a_network_has_one_form() -> None:
    assert canonical_network(" 203.0.113.9/24 ") == "203.0.113.0/24"
    assert canonical_network("203.0.113.9") == "203.0.113.9/32"


@pytest.mark.parametrize("text", ["", "example.com", "203.0.113.0/33", "1"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        canonical_network(text)
