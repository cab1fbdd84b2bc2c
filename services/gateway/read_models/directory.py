"""Names of rooms and companies."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models.generations import Generations
from shared.ids import TenantId

Entries = list[dict[str, Any]]


async def names(generations: Generations, tenant_id: TenantId) -> tuple[Entries, Entries] | None:
    """All rooms (with `company_ids`) and companies of a tenant, in the order of entry; None without
    a whole model.
    """
    named = generations.seen
    for _ in range(2):
        stem = generations.keys(named.live or "-").tenant(tenant_id)
        raw, rooms, companies = await generations.store.run(
            generations.call, ("HVALS", stem + "rooms"), ("HVALS", stem + "companies"), quick=True
        )
        asked, named = named.live, generations.heard(raw)
        if named.live is None:
            return None
        if named.live == asked:
            return _entries(rooms), _entries(companies)
    return None


def _entries(values: Iterable[bytes]) -> Entries:
    return sorted(
        (orjson.loads(value.partition(b"|")[2]) for value in values),
        key=lambda entry: str(entry["id"]),
    )


def visible(
    rooms: Entries, companies: Entries, room_ids: frozenset[UUID] | None
) -> tuple[Entries, Entries]:
    """What belongs to `room_ids`, or everything for None, as `{id, name}`."""
    mine = [room for room in rooms if room_ids is None or UUID(room["id"]) in room_ids]
    wanted = {company_id for room in mine for company_id in room["company_ids"]}
    sold = [company for company in companies if room_ids is None or company["id"] in wanted]
    return [_named(room) for room in mine], [_named(company) for company in sold]


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    return {"id": entry["id"], "name": entry["name"]}
