"""API keys in paths: as good as in a header, and told to nobody."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.integration.gateway.test_gateway_keys import make_key
from tests.support.service_process import Service

FORM = {"Name": "Anna", "Phone": "+79161234567"}


async def inbound_key(tenant: Tenant) -> dict[str, Any]:
    return await make_key(tenant, name="Сайт", scopes=["inbound"])


async def post(
    tenant: Tenant, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    async with tenant.session.post(
        f"{tenant.url}/api/v1{path}", data=FORM, headers=headers
    ) as response:
        return response.status, await response.json(content_type=None)


async def test_a_form_is_forwarded_for_its_key_without_the_secret(
    tenant: Tenant, services: StubServices
) -> None:
    key = await inbound_key(tenant)
    path = f"/api/v1/inbound/forms/{key['id']}"
    services.on(f"POST {path}", 200, {"state": "registered"})
    # The sender's own header counts for nothing here, whosever it is.
    status, _ = await post(
        tenant, f"/inbound/forms/{key['secret']}", {"authorization": f"Bearer {tenant.token}"}
    )
    assert status == 200
    (request,) = services.received(path)
    assert request.caller
    assert str(request.caller.employee_id) == key["id"]
    assert request.caller.roles == {"seller"}
    assert key["secret"] not in f"{request.path}{request.query}{request.headers}"
    assert b"Name=Anna" in request.body


@pytest.mark.parametrize(
    "path",
    [
        "/inbound/forms/{wrong}",
        "/inbound/forms/{id}",
        "/inbound/forms/{token}",
        "/inbound/forms/sk_1_2_3",
        "/inbound/forms/%D1%8F",
        "/inbound/calls/mango/{wrong}",
    ],
)
async def test_a_wrong_key_is_refused_as_a_strangers(
    tenant: Tenant, services: StubServices, path: str
) -> None:
    key = await inbound_key(tenant)
    services.requests.clear()
    wrong = key["secret"][:-1] + ("a" if key["secret"][-1] != "a" else "b")
    given = path.format(wrong=wrong, id=key["id"], token=tenant.token)
    status, problem = await post(tenant, given)
    assert (status, problem["code"]) == (401, "unauthenticated")
    assert services.received(f"/api/v1/inbound/forms/{key['id']}") == []


async def test_a_key_of_another_scope_opens_no_form(tenant: Tenant) -> None:
    key = await make_key(tenant)
    assert (await post(tenant, f"/inbound/forms/{key['secret']}"))[0] == 403
    _, page, _ = await tenant.call("GET", "/api/v1/audit?operation=receive_form")
    (entry,) = page["items"]
    assert (entry["outcome"], entry["actor_id"]) == ("refused", key["id"])
    assert key["secret"] not in str(page)


async def test_no_log_names_a_key(tenant: Tenant, services: StubServices, gateway: Service) -> None:
    key = await inbound_key(tenant)
    services.on(f"POST /api/v1/inbound/forms/{key['id']}", 500, {"code": "internal"})
    await post(tenant, f"/inbound/forms/{key['secret']}")
    await post(tenant, f"/inbound/forms/{key['secret']}x")
    text = gateway.log.read_text()
    assert text
    assert key["secret"][:80] not in text


@pytest.mark.parametrize("suffix", ["", "/events/call", "/events/record/added"])
async def test_what_mango_appends_to_its_path_is_left_out(
    tenant: Tenant, services: StubServices, suffix: str
) -> None:
    key = await inbound_key(tenant)
    path = f"/api/v1/inbound/calls/mango/{key['id']}"
    services.on(f"POST {path}", 200, {"recorded": None})
    status, _ = await post(tenant, f"/inbound/calls/mango/{key['secret']}{suffix}")
    assert status == 200
    (request,) = services.received(path)
    assert key["secret"] not in f"{request.path}{request.query}{request.headers}"
