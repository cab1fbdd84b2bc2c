"""The door: what is passed on, what is kept back, what is answered when something is away."""

import asyncio
from uuid import UUID, uuid4

import orjson
import pytest
from aiohttp import web
from yarl import URL

from shared.room_settings import DEFAULTS
from tests.integration.gateway.events import activity_state, activity_view
from tests.integration.gateway.standin import StandIn
from tests.integration.gateway.world import Tenant


async def test_commands_pass_as_bytes_under_the_callers_own_token(
    tenant: Tenant, said: StandIn
) -> None:
    body = '{ "name":"Ромашка",  "phones": [ ] }'.encode()
    said.on("POST /api/v1/clients", 201, {"id": "1"}, **{"Idempotent-Replayed": "true"})
    headers = {
        "content-type": "application/json",
        "Idempotency-Key": "k-1",
        "X-Internal-Token": "forged",
        "Cookie": "a=b",
    }
    status, _, got = await tenant.call(
        "POST", "/api/v1/clients?q=%D0%B0&b=1", data=body, headers=headers
    )
    asked = said.asked[-1]
    assert (status, got["Idempotent-Replayed"], asked.body, asked.query) == (
        201,
        "true",
        body,
        "q=%D0%B0&b=1",
    )
    assert (
        asked.headers["idempotency-key"] == "k-1"
        and "cookie" not in asked.headers
        and "authorization" not in asked.headers
    )
    assert asked.caller and (asked.caller.tenant_id, asked.caller.employee_id) == (
        tenant.id,
        tenant.admin_id,
    )
    assert asked.headers["traceparent"].split("-")[1] == got["x-trace-id"]
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "no-store")


async def test_refusals_of_a_service_come_as_they_are(tenant: Tenant, said: StandIn) -> None:
    problem = {"status": 429, "code": "too_soon", "retry_after_seconds": 7}
    said.on(
        "POST /api/v1/activities/x/take",
        429,
        problem,
        **{"Retry-After": "7", "content-type": "application/problem+json"},
    )
    status, body, headers = await tenant.call("POST", "/api/v1/activities/x/take")
    assert (status, body, headers["Retry-After"], headers["content-type"]) == (
        429,
        problem,
        "7",
        "application/problem+json",
    )


async def test_nothing_but_the_public_paths_is_reached(tenant: Tenant, said: StandIn) -> None:
    paths = (
        "/api/v1/rooms/../../internal/snapshots",
        "/api/v1/rooms/%2e%2e/%2e%2e/internal/snapshots",
        "/internal/snapshots",
        "/api/v1/internal/snapshots",
        "/api/v1/rooms//internal",
        "/api/v1/nowhere",
        "/api/v1/",
    )
    said.asked.clear()
    for path in paths:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(tenant.url.rpartition(":")[2])
        )
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {tenant.token}\r\n\r\n".encode()
        )
        answer = await reader.read()
        assert answer.split(b" ", 2)[1] == b"404", (path, answer[:200])
        writer.close()
    assert said.asked == []


async def test_a_body_beyond_a_mebibyte_is_too_large(tenant: Tenant, said: StandIn) -> None:
    said.on("POST /api/v1/clients", 201, {})
    assert (await tenant.call("POST", "/api/v1/clients", data=b"x" * (1 << 20)))[0] == 201
    status, problem, _ = await tenant.call("POST", "/api/v1/clients", data=b"x" * ((1 << 20) + 1))
    assert (status, problem["code"]) == (413, "too_large")


async def test_a_body_that_does_not_come_is_waited_for_but_not_for_ever(tenant: Tenant) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(tenant.url.rpartition(":")[2]))
    head = f"POST /api/v1/clients HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nAuthorization: Bearer {tenant.token}\r\n\r\nabc"
    writer.write(head.encode())
    assert (await asyncio.wait_for(reader.readline(), 5)).split()[1] == b"408"
    writer.close()


async def test_a_silent_service_is_unavailable_and_a_command_is_sent_once(
    tenant: Tenant, said: StandIn
) -> None:
    def hang_up(asked: object) -> web.Response:
        raise asyncio.CancelledError

    said.replies["POST /api/v1/vip"] = hang_up
    status, problem, headers = await tenant.call("POST", "/api/v1/vip", json={})
    assert (status, problem["code"], headers["Retry-After"]) == (503, "unavailable", "1")
    assert len([asked for asked in said.asked if asked.path == "/api/v1/vip"]) == 1


async def test_an_own_write_is_in_the_next_read_of_everybody(tenant: Tenant, said: StandIn) -> None:
    room, company, client, activity_id = uuid4(), uuid4(), uuid4(), uuid4()
    said.on(
        "POST /api/v1/rooms",
        201,
        {"id": str(room), "version": 1, "name": "Север", "company_ids": [str(company)]},
    )
    said.on(
        "POST /api/v1/companies",
        201,
        {"id": str(company), "version": 1, "name": "ООО", "time_zone": "UTC", "currency": "RUB"},
    )
    await tenant.call("POST", "/api/v1/rooms", json={})
    await tenant.call("POST", "/api/v1/companies", json={})
    seller, token = await tenant.employee(room_ids=[str(room)])
    status, me, _ = await tenant.call("GET", "/api/v1/me", token)
    assert (status, me["rooms"], me["companies"]) == (
        200,
        [{"id": str(room), "name": "Север"}],
        [{"id": str(company), "name": "ООО"}],
    )
    free = activity_view(activity_id, 1, activity_state(room, client, company), "Ромашка")
    said.on("POST /api/v1/activities", 201, free)
    await tenant.call("POST", "/api/v1/activities", json={})
    status, page, _ = await tenant.call("GET", f"/api/v1/pool?room_id={room}", token)
    assert (status, page) == (200, {"items": [free], "next_cursor": None})
    said.on(
        f"POST /api/v1/activities/{activity_id}/take",
        200,
        activity_view(activity_id, 2, activity_state(room, client, company, seller), "Р"),
    )
    await tenant.call("POST", f"/api/v1/activities/{activity_id}/take", token)
    assert (await tenant.call("GET", "/api/v1/pool", token))[1]["items"] == []
    _, desk, _ = await tenant.call("GET", "/api/v1/desk", token)
    assert [item["id"] for item in desk["mine"]["in_work"]] == [str(activity_id)] and desk[
        "missing"
    ] == []
    room_settings = {
        **DEFAULTS,
        "retake_cooldown_seconds": 5,
        "vip_in_development_limit": 1,
        "vip_by_receipts_limit": 2,
    }
    said.on(f"PUT /api/v1/rooms/{room}/settings", 200, {"version": 1, **room_settings})
    await tenant.call("PUT", f"/api/v1/rooms/{room}/settings?company_id={company}", json={})
    assert (await tenant.call("GET", "/api/v1/desk", token))[1]["vip"]["places"] == {
        "in_development": 1,
        "by_receipts": 2,
    }


async def test_another_tenants_room_looks_like_none(tenant: Tenant, said: StandIn) -> None:
    room = uuid4()
    _, token = await tenant.employee(room_ids=[str(room)])
    strange = uuid4()
    for path in (
        f"/api/v1/pool?room_id={strange}",
        f"/api/v1/desk?room_id={strange}",
        f"/api/v1/stream?room_id={strange}",
    ):
        status, problem, _ = await tenant.call("GET", path, token)
        assert (status, problem["code"]) == (404, "not_found"), path
    # An admin sees every room of the tenant; whether this is one, its owner says.
    said.asked.clear()
    assert (await tenant.call("GET", f"/api/v1/pool?room_id={strange}"))[0] == 404
    assert said.asked[-1].path == "/api/v1/pool"


async def test_malformed_reads_are_malformed(tenant: Tenant) -> None:
    for query in (
        "room_id=1",
        "limit=0",
        "limit=201",
        "limit=%D9%A3",
        "cursor=x",
        f"room_id={UUID(int=1)}&cursor=%00",
        "limit=9" * 30,
    ):
        status, problem, _ = await tenant.call("GET", f"/api/v1/pool?{query}")
        assert (status, problem["code"]) == (422, "invalid"), query


async def test_one_document_tells_the_whole_api(tenant: Tenant) -> None:
    async with tenant.session.get(tenant.url + "/openapi.json") as answer:
        document = orjson.loads(await answer.read())
    assert {
        "/api/v1/rooms",
        "/api/v1/auth/token",
        "/api/v1/tenants",
        "/api/v1/desk",
        "/api/v1/stream",
    } <= document["paths"].keys()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        assert not path.startswith("/internal")
        for operation in methods.values():
            assert operation["responses"]["401"]


@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        ("/", "text/html", b'href="/asyncapi"'),
        ("/docs", "text/html", b"/static/docs.js"),
        ("/asyncapi", "text/html", b"activity.taken"),
        ("/asyncapi.json", "application/json", b'"asyncapi"'),
        ("/static/docs.js", "text/javascript", b"SwaggerUIBundle"),
        ("/static/vendor/swagger-ui/swagger-ui.css", "text/css", b"swagger"),
    ],
)
async def test_documents_are_served_to_everybody_without_anything_from_elsewhere(
    tenant: Tenant, path: str, media_type: str, content: bytes
) -> None:
    async with tenant.session.get(tenant.url + path) as response:
        assert response.status == 200
        assert response.content_type == media_type
        assert content in await response.read()
        if media_type == "text/html":
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing"])
async def test_nothing_beside_the_static_files_is_served(tenant: Tenant, path: str) -> None:
    async with tenant.session.get(URL(tenant.url + path, encoded=True)) as response:
        assert response.status in (401, 404)


@pytest.mark.parametrize(
    ("language", "title"), [("ru-RU,ru;q=0.9,en;q=0.8", "Требуется вход"), ("en", "Unauthorized")]
)
async def test_the_gateway_refuses_in_the_language_of_the_request(
    tenant: Tenant, language: str, title: str
) -> None:
    headers = {"Accept-Language": language}
    async with tenant.session.get(tenant.url + "/api/v1/me", headers=headers) as response:
        assert response.status == 401
        assert orjson.loads(await response.read())["title"] == title
        assert response.headers["Content-Language"] == language[:2]
