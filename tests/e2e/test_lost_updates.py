"""Every PATCH and PUT of the API heeds `If-Match`, through the gateway: what is new is here by
itself.
"""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest_asyncio
from yarl import URL

from tests.e2e.belongings import Belongings, furnish
from tests.e2e.office import Office
from tests.e2e.operations import Operation, operations
from tests.support.client import ApiClient, Response
from tests.support.tenant import ROOM_SETTINGS

NEVER = '"123456789012345678"'
BODIES: dict[str, Any] = {
    "PATCH /api/v1/rooms/{room_id}/settings": {"vip_reset_days": 31},
    "PUT /api/v1/rooms/{room_id}/settings": ROOM_SETTINGS,
    "PUT /api/v1/security": {"second_factor": "nobody"},
}
"""Where one made from the document is refused, or changes who may log in."""
ELSEWHERE = {"PUT /api/v1/security/oidc"}
"""Needs a provider: tests/integration/gateway/test_gateway_oidc.py."""


@pytest_asyncio.fixture(scope="module")
async def belongings(office: Office) -> Belongings:
    """With a draft of a plan: one that is published never changes."""
    belongings = await furnish(office)
    draft = await office.admin.do(
        "/motivation/plans",
        {
            "name": "Черновик",
            "company_id": office.companies["main"],
            "room_id": office.rooms["front"],
            "effective_from": "2099-12-01",
            "rules": [{"kind": "percent_of_receipts", "percent": "5.00"}],
        },
    )
    return replace(belongings, ids={**belongings.ids, "plan_id": draft["id"]})


async def send(office: Office, operation: Operation, ids: Belongings, tag: str) -> Response:
    request = operation.request(ids.id)
    path = str(URL(request.path).with_query(request.query))
    body = BODIES.get(operation.name, request.body)
    headers = {"If-Match": tag, "Idempotency-Key": str(uuid4())}
    return await office.admin.call(operation.method, path, body, headers=headers)


async def read_before(
    office: Office, operation: Operation, document: Any, ids: Belongings
) -> Response:
    """What is about to be changed: by the same path, else by that of the thing whose part it is."""
    has_read = "get" in document["paths"][operation.path]
    path = operation.path if has_read else operation.path.rpartition("/")[0]
    request = Operation(document, "GET", path).request(ids.id)
    return await office.admin.call("GET", str(URL(request.path).with_query(request.query)))


async def test_every_change_is_refused_for_another_version(
    gateway: ApiClient, office: Office, belongings: Belongings
) -> None:
    document = (await gateway.call("GET", "//openapi.json")).body
    changes = [each for each in operations(document) if each.method in ("PATCH", "PUT")]
    assert len(changes) >= 9
    for operation in changes:
        if operation.name in ELSEWHERE:
            continue
        refused = await send(office, operation, belongings, NEVER)
        assert (refused.status, refused.code) == (409, "stale"), (operation.name, refused)
        assert isinstance(refused.body["version"], int), operation.name
        malformed = await send(office, operation, belongings, "7")
        assert malformed.fields == {"If-Match": "entity_tag"}, (operation.name, malformed)


async def test_every_change_passes_for_the_version_that_was_read(
    gateway: ApiClient, office: Office, belongings: Belongings
) -> None:
    document = (await gateway.call("GET", "//openapi.json")).body
    for operation in operations(document):
        if operation.method not in ("PATCH", "PUT") or operation.name in ELSEWHERE:
            continue
        read = await read_before(office, operation, document, belongings)
        assert read.tag == f'"{read.body["version"]}"', operation.name
        passed = await send(office, operation, belongings, read.tag)
        assert passed.status == 200, (operation.name, passed)
        assert passed.tag == f'"{passed.body["version"]}"', operation.name


async def test_a_cached_activity_has_the_tag_of_its_owner(
    office: Office, belongings: Belongings
) -> None:
    path = f"/activities/{belongings.id('activity_id')}"
    reads = [await office.anna.call("GET", path) for _ in range(3)]
    assert {read.tag for read in reads} == {f'"{reads[0].body["version"]}"'}


async def test_if_match_given_twice_is_refused(gateway: ApiClient, office: Office) -> None:
    url = f"/api/v1/companies/{office.companies['main']}"
    headers = [
        ("Authorization", f"Bearer {office.admin.token}"),
        ("If-Match", '"1"'),
        ("If-Match", '"2"'),
    ]
    async with gateway.http.patch(url, json={"name": "Другая"}, headers=headers) as response:
        assert response.status == 422
        assert (await response.json())["errors"][0]["rule"] == "once"
