"""Contact persons as the tests enter and read them."""

from typing import Any
from uuid import UUID

import orjson

from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response

MOBILE, EMAIL = "+79161234567", "petrov@romashka.example"

PERSON = {
    "name": "Пётр Петров",
    "position": "Директор",
    "phones": ["8 (916) 123-45-67"],
    "emails": ["Petrov@romashka.example"],
    "note": "Звонить после 11",
}


async def add(tenant: Tenant, user: User, client_id: str, **person: Any) -> Response:
    path = f"/clients/{client_id}/persons"
    return await tenant.call(user, "POST", path, {**PERSON, **person})


async def added(tenant: Tenant, user: User, client_id: str, **person: Any) -> Any:
    response = await add(tenant, user, client_id, **person)
    assert response.status == 201, response.body
    return response.body


async def change(tenant: Tenant, user: User, person: Any, **changes: Any) -> Response:
    path = f"/clients/{person['client_id']}/persons/{person['id']}"
    return await tenant.call(user, "PATCH", path, changes)


async def names_of(tenant: Tenant, user: User, client_id: str, query: str = "") -> list[str]:
    response = await tenant.call(user, "GET", f"/clients/{client_id}/persons{query}")
    assert response.status == 200, response.body
    return [person["name"] for person in response.body["items"]]


async def found(tenant: Tenant, user: User, path: str, words: str) -> list[str]:
    items = (await tenant.call(user, "GET", f"{path}?q={words}")).body["items"]
    return [item["id"] for item in items]


async def events_of(tenant: Tenant, person: Any) -> list[tuple[str, str, Any]]:
    rows = await tenant.reader.fetch(
        "SELECT topic, type, value FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
        " ORDER BY aggregate_version, type",
        tenant.tenant_id,
        UUID(person["id"]),
    )
    return [(row["topic"], row["type"], orjson.loads(row["value"])) for row in rows]
