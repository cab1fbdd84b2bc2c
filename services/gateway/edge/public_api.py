"""The public API as one call, for HTTP requests and pages alike."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from urllib.parse import unquote

from services.gateway.edge.proxy import ApiRequest, Proxy
from services.gateway.edge.routes import COMMANDS, OWNERS, PREFIX, ids_in, request_key, template_key
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.errors import PathNotFound
from shared.tenancy import Caller
from shared.web.permissions import permission_of

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

Answer = Callable[[ApiRequest], Awaitable[UpstreamResponse]]


def _permitted(route: str, answer: Answer) -> Answer:
    """The gateway's own answer, for whom the table of permissions lets have it; services judge
    theirs themselves.
    """
    method, _, template = route.partition(" ")
    permission = permission_of(method, PREFIX[:-1] + template)

    def answer_if_permitted(request: ApiRequest) -> Awaitable[UpstreamResponse]:
        permission.check(request.caller)
        return answer(request)

    return answer_if_permitted


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The answer to a route; `path` is its template, which names it in metrics."""

    path: str
    answer: Answer
    ids: tuple[str, ...] = ()


Located = tuple[Endpoint, Mapping[str, str]]
"""An endpoint, and the ids in the path by their names."""


class PublicApi:
    """Answers by the gateway's own endpoints, or by the service that owns the path.

    `own` are the gateway's answers by method and template, as in `routes.COMMANDS`.
    """

    def __init__(self, proxy: Proxy, own: Mapping[str, Answer]) -> None:
        self._nouns = {
            noun: Endpoint(PREFIX + noun, partial(proxy.forward, service=service, kind="other"))
            for noun, service in OWNERS.items()
        }
        self._endpoints: dict[str, Endpoint] = {}
        for route, kind in COMMANDS.items():
            service = OWNERS[route.split("/")[1]]
            self._add(route, partial(proxy.forward, service=service, kind=kind))
        for route, answer in own.items():
            self._add(route, _permitted(route, answer))

    def find(self, method: str, path: str) -> Located | None:
        """The endpoint that answers at a decoded path; None where nothing does."""
        located = request_key(method, path)
        if located is None:
            return None
        key, ids = located
        endpoint = self._endpoints.get(key)
        if endpoint:
            return endpoint, dict(zip(endpoint.ids, ids, strict=True))
        endpoint = self._nouns.get(key.partition(" ")[2].partition("/")[0])
        return (endpoint, {}) if endpoint else None

    async def call(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: bytes = b"",
        query: str = "",
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> UpstreamResponse:
        """The API's response to `caller`; a service's refusal is a response like any other.

        `path` and `query` are encoded; `headers` may hold content-type, accept, accept-language,
        idempotency-key and if-match.

        Raises:
            PathNotFound: nothing answers at `path`.
            Unavailable: the owning service does not answer.
            Refusal, RequestValidationError: an endpoint of the gateway itself refuses.
        """
        located = self.find(method, unquote(path))
        if located is None:
            raise PathNotFound("path")
        endpoint, ids = located
        return await endpoint.answer(ApiRequest(caller, method, path, query, body, headers, ids))

    def _add(self, route: str, answer: Answer) -> None:
        method, _, template = route.partition(" ")
        self._endpoints[template_key(method, template)] = Endpoint(
            PREFIX[:-1] + template, answer, ids_in(template)
        )
