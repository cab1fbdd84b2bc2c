"""The public API as one call: who answers a path, and what is written through."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.gateway.edge.proxy import ApiRequest, Proxy
from services.gateway.edge.public_api import PublicApi
from services.gateway.edge.routes import COMMANDS, OWNERS
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.errors import PathNotFound
from services.gateway.read_models.kinds import ResponseKind
from shared.errors import Forbidden
from shared.ids import EmployeeId, TenantId
from shared.tenancy import Caller

CALLER = Caller(TenantId(UUID(int=1)), EmployeeId(UUID(int=2)), frozenset({"seller"}))
ID = str(uuid4())


class Upstreams:
    """Records requests; responds with `status`."""

    def __init__(self, status: int = 200) -> None:
        self.requests: list[tuple[Any, ...]] = []
        self._status = status

    async def send(self, *request: Any) -> UpstreamResponse:
        self.requests.append(request)
        return UpstreamResponse.of_json(b"{}", self._status)


class Calls:
    """A public API over stubs, and what was stored through it."""

    def __init__(self, status: int = 200) -> None:
        self.upstreams = Upstreams(status)
        self.stored: list[tuple[ResponseKind, dict[str, str], dict[str, str]]] = []
        proxy = Proxy(self.upstreams, self._store)  # type: ignore[arg-type]
        self.api = PublicApi(proxy, {"GET /desk": self._desk})

    async def _desk(self, request: ApiRequest) -> UpstreamResponse:
        return UpstreamResponse.of_json(b'"desk"')

    async def _store(
        self,
        caller: Caller,
        kind: ResponseKind,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        response: UpstreamResponse,
    ) -> None:
        self.stored.append((kind, dict(path_params), dict(query)))


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("GET", "/api/v1/activities", "activities"),
        ("GET", f"/api/v1/activities/{ID}", "activities"),
        ("POST", f"/api/v1/vip/{ID}/release", "vip"),
        ("GET", "/api/v1/vip/places", "vip"),
        ("POST", "/api/v1/motivation/periods/2026-11/close", "motivation"),
        ("DELETE", "/api/v1/rooms/x", "activities"),
    ],
)
async def test_a_noun_is_answered_by_the_service_that_owns_it(
    method: str, path: str, service: str
) -> None:
    calls = Calls()
    headers = {"idempotency-key": "k"}
    response = await calls.api.call(CALLER, method, path, b"{}", "a=%20b", headers)
    assert response.body == b"{}"
    request = (service, CALLER, method, f"{path}?a=%20b", b"{}", headers)
    assert calls.upstreams.requests == [request]


async def test_the_gateways_own_answers_obey_the_table_of_permissions() -> None:
    calls = Calls()
    stranger = Caller(CALLER.tenant_id, CALLER.employee_id)
    with pytest.raises(Forbidden):
        await calls.api.call(stranger, "GET", "/api/v1/desk")


async def test_the_gateway_answers_its_own_paths() -> None:
    calls = Calls()
    assert (await calls.api.call(CALLER, "GET", "/api/v1/desk")).body == b'"desk"'
    assert calls.upstreams.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nowhere",
        "/api/v1/",
        "/api/v1/internal/snapshots",
        "/internal/snapshots",
        "/api/v1/rooms/",
        "/api/v1/rooms//internal",
        "/api/v1/rooms/../../internal/snapshots",
        "/api/v1/rooms/%2e%2e/%2E%2E/internal/snapshots",
        "/api/v1/rooms/.%2fx",
    ],
)
async def test_a_path_that_is_not_public_reaches_no_service(path: str) -> None:
    calls = Calls()
    with pytest.raises(PathNotFound):
        await calls.api.call(CALLER, "GET", path)
    assert calls.upstreams.requests == []


@pytest.mark.parametrize(("route", "kind"), COMMANDS.items())
async def test_a_commands_response_is_stored_under_the_kind_of_its_route(
    route: str, kind: ResponseKind
) -> None:
    calls = Calls(201)
    method, _, template = route.partition(" ")
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    ids = {name: str(uuid4()) for name in names}
    await calls.api.call(CALLER, method, f"/api/v1{template.format(**ids)}", query="company_id=c")
    assert calls.stored == [(kind, ids, {"company_id": "c"})]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", f"/api/v1/activities/{ID}/take", 409),
        ("GET", f"/api/v1/activities/{ID}", 200),
        ("POST", f"/api/v1/activities/{ID}/unknown", 200),
        ("POST", "/api/v1/motivation/plans", 201),
        ("POST", "/api/v1/activities/x/take", 200),
    ],
)
async def test_other_responses_are_not_stored(method: str, path: str, status: int) -> None:
    calls = Calls(status)
    await calls.api.call(CALLER, method, path)
    assert calls.stored == []


def test_every_noun_and_command_names_its_endpoint_in_metrics() -> None:
    api = Calls().api
    assert endpoint_path(api, "POST", f"/api/v1/vip/{ID}/release") == "/api/v1/vip/{vip_id}/release"
    for noun in OWNERS:
        assert endpoint_path(api, "GET", f"/api/v1/{noun}/{ID}/x") == f"/api/v1/{noun}"


def endpoint_path(api: PublicApi, method: str, path: str) -> str:
    located = api.find(method, path)
    assert located
    return located[0].path
