"""Every route of every service refuses a parameter that it does not declare, by its name."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from services.gateway.api import own_answers
from services.gateway.edge.proxy import ApiRequest
from shared.contracts import services
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller
from shared.web.query import MOST_PARAMETERS

SERVICES = [name for name in services.names(Path(__file__).parents[2]) if name != "gateway"]
ID = "01a21400-0000-7000-8000-000000000001"
# The owner of the activity, the VIPs or the job judges the query.
FORWARDED = {
    "GET /activities/{activity_id}",
    "GET /jobs/{job_id}/report",
    "GET /vip",
    "POST /jobs/{job_id}/cancel",
    "POST /rooms/{room_id}/settings/preview",
}


def routes(app: Any) -> list[tuple[str, str]]:
    """Method and path of each route, ids filled in."""
    document = app.openapi()
    paths = [*document["paths"], "/health/live"]
    methods = {path: list(document["paths"].get(path, {"get": {}})) for path in paths}
    return [
        (method.upper(), "/".join(ID if "{" in part else part for part in path.split("/")))
        for path in paths
        for method in methods[path]
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_no_route_of_a_service_takes_an_unknown_parameter(service: str) -> None:
    app, _ = services.build(service)
    client = TestClient(app, raise_server_exceptions=False)
    many = "&".join(f"limit={number}" for number in range(MOST_PARAMETERS + 1))
    judged = routes(app)
    assert len(judged) > 5
    for method, path in judged:
        for query in ("unknown=1", "unknown", "LIMIT=1&unknown=%D0%B0", f"unknown=1&{many}"):
            response = client.request(method, f"{path}?{query}")
            assert response.status_code == 422, (method, path, query, response.text)
        (error,) = client.request(method, f"{path}?unknown=1").json()["errors"]
        assert (error["field"], error["rule"]) == ("unknown", "unknown_parameter")


async def test_no_answer_of_the_gateway_takes_an_unknown_parameter() -> None:
    from fastapi.exceptions import RequestValidationError

    app, _ = services.build("gateway")
    parts = app.state.parts
    caller = Caller(TenantId(new_id()), EmployeeId(new_id()), frozenset({"admin"}))
    for route, answer in own_answers(parts).items():
        if route in FORWARDED:
            continue
        request = ApiRequest(caller, route.split()[0], "/", "unknown=1")
        with pytest.raises(RequestValidationError) as refused:
            await answer(request)
        (error,) = refused.value.errors()
        assert (error["loc"], error["type"]) == (("query", "unknown"), "unknown_parameter"), route


def test_the_gateways_routes_declare_what_they_take() -> None:
    app, _ = services.build("gateway")
    client = TestClient(app, raise_server_exceptions=False)
    for path in ("/developers", "/docs", "/openapi.json", "/asyncapi.json", "/health/live"):
        assert client.get(f"{path}?x=1").status_code == 422, path
    assert not [
        route for route in app.routes if isinstance(route, APIRoute) and "metrics" in route.path
    ]
