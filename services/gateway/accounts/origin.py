"""Where a request comes from, as sessions remember it and throttles count it."""

from typing import NamedTuple, Self

from starlette.requests import HTTPConnection

from services.gateway.domain.devices import device_family
from shared.web.addresses import network_of


class Origin(NamedTuple):
    """A client's address and its kind of device; both may be empty."""

    address: str = ""
    device: str = ""

    @classmethod
    def of(cls, request: HTTPConnection) -> Self:
        """The address is the connection's, or what a trusted proxy says that it is."""
        address = request.client.host if request.client else ""
        return cls(address[:100], device_family(request.headers.get("user-agent", "")))

    @property
    def network(self) -> str:
        """The address as throttles count it."""
        return network_of(self.address)
