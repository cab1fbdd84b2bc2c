"""Networks by their names: from where an API key may be used, which proxies are believed."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def canonical_network(text: str) -> str:
    """A network or an address in its one form. Raises `ValueError` where it is neither."""
    return str(ip_network(text.strip(), strict=False))


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of `networks`; what is no address lies in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in _parsed(network) for network in networks)


@lru_cache(maxsize=4096)
def _parsed(network: str) -> Network:
    return ip_network(network)
