"""A client's values in a company's own fields, as the tests keep and read them."""

from typing import Any

from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response


def path_of(tenant: Tenant, client: Any, company_id: Any = None) -> str:
    return f"/clients/{client['id']}/custom-values?company_id={company_id or tenant.company_id}"


async def keep(
    tenant: Tenant,
    user: User,
    client: Any,
    values: Any,
    tag: str = "",
    company_id: Any = None,
    key: str = "",
) -> Response:
    headers = {**({"If-Match": tag} if tag else {}), **({"Idempotency-Key": key} if key else {})}
    path = path_of(tenant, client, company_id)
    body = {"values": values}
    return await tenant.api.call(tenant.caller_of(user), "PATCH", path, body, headers)


async def kept(tenant: Tenant, user: User, client: Any) -> dict[str, Any]:
    response = await tenant.call(user, "GET", path_of(tenant, client))
    assert response.status == 200, response.body
    return {each["field_id"]: each["value"] for each in response.body["values"]}


async def new_client(tenant: Tenant, user: User | None = None) -> Any:
    return (await tenant.register(user))["client"]


async def two_companies(tenant: Tenant) -> tuple[Any, Any, User]:
    """A second company, a room that sells for it alone, and a seller there."""
    company = await tenant.create("/companies", name="Вторая", payment_confirmation="none")
    room = await tenant.create("/rooms", name="Вторая комната", company_ids=[company["id"]])
    return company, room, await tenant.user(room_id=room["id"])
