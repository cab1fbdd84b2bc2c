"""Names of rooms and companies."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call
from shared.ids import TenantId

Entries = list[dict[str, Any]]


async def read_names(
    generations: Generations, tenant_id: TenantId
) -> tuple[Entries, Entries] | None:
    """All rooms (with `company_ids`) and companies of a tenant, in the order of entry; None without
    a complete model.

    Raises `RedisError` or `OSError`.
    """

    def calls(generation: Keys) -> dict[str, Call]:
        keys = generation.of(tenant_id)
        return {name: ("HVALS", keys.tenant(name)) for name in ("rooms", "companies")}

    replies = await generations.read_live(calls)
    return (_entries(replies["rooms"]), _entries(replies["companies"])) if replies else None


def visible(
    rooms: Entries, companies: Entries, room_ids: frozenset[UUID] | None
) -> tuple[Entries, Entries]:
    """The rooms `room_ids` and the companies they sell for, or all for None, as `{id, name}`."""
    own = [room for room in rooms if room_ids is None or UUID(room["id"]) in room_ids]
    company_ids = {company_id for room in own for company_id in room["company_ids"]}
    sold = [company for company in companies if room_ids is None or company["id"] in company_ids]
    return [_with_name(room) for room in own], [_with_name(company) for company in sold]


def _entries(stored: Iterable[bytes]) -> Entries:
    entries = (orjson.loads(value.partition(b"|")[2]) for value in stored)
    return sorted(entries, key=lambda entry: str(entry["id"]))


def _with_name(entry: dict[str, Any]) -> dict[str, Any]:
    return {"id": entry["id"], "name": entry["name"]}
