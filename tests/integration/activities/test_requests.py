"""Malformed input is refused by field and rule."""

from typing import Any

import pytest

from shared.paging import cursor_of
from tests.integration.activities.conftest import NewTenant

HUGE = "9" * 400
BAD: list[tuple[str, str, Any]] = [
    ("GET", "/activities?q=%00", None),
    ("GET", "/clients?q=a%00b", None),
    ("GET", "/activities?limit=0", None),
    ("GET", f"/activities?limit={HUGE}", None),
    ("GET", "/activities?room_id=x", None),
    ("GET", "/activities?cursor=x", None),
    ("GET", f"/activities?cursor={cursor_of('0001-01-01T00:00:00', 'x')}", None),
    ("GET", f"/activities?cursor={cursor_of('0001-01-01T00:00:00+14:00', '0' * 32)}", None),
    ("GET", f"/pool?cursor={cursor_of(5)}", None),
    (
        "GET",
        f"/rooms/{{room}}/settings/history?company_id={{company}}&cursor={cursor_of(2**63)}",
        None,
    ),
    ("POST", "/clients", {"name": "a\x00b", "kind": "person"}),
    ("POST", "/clients", {"name": "a\ud800b", "kind": "person"}),
    ("POST", "/clients", {"name": "a", "kind": "person", "\ud800": 1}),
    ("POST", "/clients", {"name": "a", "kind": "person", "phones": ["\ud800"]}),
    ("POST", "/clients", {"name": "a" * 1001, "kind": "person"}),
    ("POST", "/clients", {"name": "a", "kind": "\ud800"}),
    ("POST", "/clients", []),
    ("POST", "/clients", None),
    ("POST", "/activities", {"products": [{"product_id": "x", "quantity": 10**30}]}),
]


@pytest.mark.parametrize(("method", "path", "body"), BAD)
async def test_malformed_input_is_422_with_field_and_rule(
    new_tenant: NewTenant, method: str, path: str, body: Any
) -> None:
    tenant = await new_tenant()
    response = await tenant.call(
        tenant.admin, method, path.format(room=tenant.room_id, company=tenant.company_id), body
    )
    assert (response.status, response.body["code"]) == (422, "invalid"), response.body
    assert {"field", "rule", "message"} <= response.body["errors"][0].keys()
