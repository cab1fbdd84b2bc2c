"""The documents at the root: one of the whole API, one of the events, and their pages."""

import orjson
import pytest
from yarl import URL

from tests.integration.gateway.tenant import Tenant


async def test_one_document_describes_the_whole_api(tenant: Tenant) -> None:
    async with tenant.session.get(tenant.url + "/openapi.json") as response:
        document = orjson.loads(await response.read())
    nouns = ("rooms", "auth/token", "tenants", "desk", "stream")
    assert {f"/api/v1/{noun}" for noun in nouns} <= document["paths"].keys()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        assert not path.startswith("/internal")
        assert all(operation["responses"]["401"] for operation in methods.values())


@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        ("/developers", "text/html", b'href="/asyncapi"'),
        ("/docs", "text/html", b"/static/docs.js"),
        ("/asyncapi", "text/html", b"activity.taken"),
        ("/asyncapi.json", "application/json", b'"asyncapi"'),
        ("/static/docs.js", "text/javascript", b"SwaggerUIBundle"),
        ("/static/vendor/swagger-ui/swagger-ui.css", "text/css", b"swagger"),
    ],
)
async def test_a_document_needs_no_caller_and_nothing_from_elsewhere(
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
async def test_only_static_files_are_served_below_static(tenant: Tenant, path: str) -> None:
    async with tenant.session.get(URL(tenant.url + path, encoded=True)) as response:
        assert response.status in (401, 404)
