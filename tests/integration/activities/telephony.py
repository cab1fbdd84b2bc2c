"""Telephony that reports calls to a tenant, by an API key as the gateway presents it."""

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson

from shared.ids import new_id
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response

CLIENT, LINE = "+79161234567", "+74951234567"
API_KEY, SALT = "vpbx-key", "vpbx-salt"
STARTED = 1_795_000_000


def key_of(tenant: Tenant, *rooms: UUID) -> User:
    """An API key of scope `inbound`."""
    return User(new_id(), ("seller",), rooms or (tenant.room_id,))  # type: ignore[arg-type]


async def has_line(tenant: Tenant, number: str = LINE, **place: Any) -> None:
    """Makes a number one of the tenant's."""
    await tenant.reader.execute(
        "INSERT INTO our_number (tenant_id, id, version, created_at, changed_at, number, source_id,"
        " company_id, room_id) VALUES ($1, $2, 1, now(), now(), $3, $4, $5, $6)",
        tenant.tenant_id,
        new_id(),
        number,
        UUID(place.get("source_id", tenant.source_id)),
        UUID(place["company_id"]) if place else None,
        UUID(place["room_id"]) if place else None,
    )


async def report(tenant: Tenant, key: User, call_id: str = "1", **about: Any) -> Response:
    """A report in our own shape, of an incoming call unless it says otherwise."""
    body = {
        "call_id": call_id,
        "direction": "incoming",
        "client_number": CLIENT,
        "our_number": LINE,
        **about,
    }
    return await tenant.call(key, "POST", "/inbound/calls", body)


async def missed(tenant: Tenant, key: User, call_id: str = "1", **about: Any) -> Any:
    response = await report(tenant, key, call_id, state="missed", **about)
    assert response.status == 200, response.body
    return response.body


async def answered(tenant: Tenant, key: User, call_id: str = "1", **about: Any) -> Any:
    talk = {"state": "answered", "duration": 35, **about}
    response = await report(tenant, key, call_id, **talk)
    assert response.status == 200, response.body
    return response.body


async def calls_of(tenant: Tenant, activity: Any, user: User | None = None) -> list[Any]:
    path = f"/activities/{activity['id']}/calls"
    return await tenant.pages(user or tenant.admin, path, 50)


async def set_extensions(tenant: Tenant, user: User, *extensions: str) -> None:
    path, body = f"/employees/{user.id}/extensions", {"extensions": list(extensions)}
    response = await tenant.call(tenant.admin, "PUT", path, body)
    assert response.status == 200, response.body


def mango_form(event: dict[str, Any], salt: str = SALT, api_key: str = API_KEY) -> bytes:
    """An event as Mango signs and posts it."""
    text = orjson.dumps(event).decode()
    sign = sha256(f"{api_key}{text}{salt}".encode()).hexdigest()
    return urlencode({"vpbx_api_key": api_key, "sign": sign, "json": text}).encode()


def mango_leg(state: str, seq: int, at: int, **about: Any) -> dict[str, Any]:
    """An event of the leg that rings at extension 101."""
    event = {
        "entry_id": "entry-1",
        "call_id": "leg-1",
        "timestamp": STARTED + at,
        "seq": seq,
        "call_state": state,
        "location": "abonent",
        "from": {"number": CLIENT[1:]},
        "to": {"extension": "101", "number": "sip:a@pbx.example", "line_number": LINE[1:]},
    }
    return event | about


TALK = (
    mango_leg("Appeared", 1, 0),
    mango_leg("Connected", 2, 10),
    mango_leg("Disconnected", 3, 45),
)
