"""Forwards requests to the owning services as bytes, and writes their responses through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

from services.gateway.edge.upstream import UpstreamResponse, Upstreams
from services.gateway.read_models.kinds import ResponseKind
from shared.tenancy import Caller


@dataclass(slots=True)  # one a request: frozen costs several times as much
class ApiRequest:
    """A request of the public API, free of ASGI.

    `path` and `query` are encoded, `headers` are by lower-case name, `ids` are those in the path.
    """

    caller: Caller
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The path with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path


class StoreResponse(Protocol):
    """Updates the read models from a command's response before it is answered."""

    async def __call__(
        self,
        caller: Caller,
        kind: ResponseKind,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        response: UpstreamResponse,
    ) -> None: ...


class Proxy:
    """Forwards requests; `store` is the write-through."""

    def __init__(self, upstreams: Upstreams, store: StoreResponse) -> None:
        self._upstreams = upstreams
        self._store = store

    async def forward(
        self, request: ApiRequest, service: str, kind: ResponseKind
    ) -> UpstreamResponse:
        """The service's response, written through where a read model shows its kind.

        Raises `Unavailable`.
        """
        response = await self._upstreams.send(
            service, request.caller, request.method, request.target, request.body, request.headers
        )
        if kind != "other" and response.ok:
            query = dict(parse_qsl(request.query)) if request.query else {}
            await self._store(request.caller, kind, request.ids, query, response)
        return response
