"""The network of a client's address: what one sender can choose from is counted as one."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

_IPV6_PREFIX = 64
"""The bits that a provider gives a customer; the others are the customer's to choose."""


@lru_cache(maxsize=10_000)
def network_of(host: str) -> str:
    """The IPv4 address, or the /64 of an IPv6 address; what is neither stands for itself."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, _IPV6_PREFIX), strict=False).network_address)
    return str(address)
