"""Names and zones by which cards show ids: read from the read model, kept for a moment a tenant."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
from redis.exceptions import RedisError

from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call, pairs
from shared.ids import TenantId

FRESH_SECONDS = 2.0
_TENANTS = 2_000
_NOUNS = ("companies", "rooms", "source_names", "product_names", "employee_names")
_UNKNOWN = "…"
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Directory:
    """What ids are called in one tenant. `version` is another wherever anything in it is.

    What is not known is called `…`: the rest of the page can be read all the same.
    """

    version: int = 0
    companies: Values = field(default_factory=dict)
    rooms: Values = field(default_factory=dict)
    sources: Values = field(default_factory=dict)
    products: Values = field(default_factory=dict)
    employees: Values = field(default_factory=dict)
    zone: str = "UTC"
    currency: str = "RUB"

    def company(self, id_: str) -> str:
        return str(self.companies.get(id_, {}).get("name", _UNKNOWN))

    def room(self, id_: str) -> str:
        return str(self.rooms.get(id_, {}).get("name", _UNKNOWN))

    def source(self, id_: str) -> str:
        return str(self.sources.get(id_, _UNKNOWN))

    def product(self, id_: str) -> str:
        return str(self.products.get(id_, _UNKNOWN))

    def employee(self, id_: str | None) -> str:
        return str(self.employees.get(id_, _UNKNOWN)) if id_ else ""

    @property
    def listed_companies(self) -> list[dict[str, str]]:
        """Companies as filters take them: `{id, name}`, by name."""
        return _listed(self.companies)

    @property
    def listed_rooms(self) -> list[dict[str, str]]:
        """Rooms as `listed_companies`."""
        return _listed(self.rooms)

    def companies_of(self, room_id: str) -> list[str]:
        """The ids of the companies that a room sells for; none of a room not known yet."""
        return list(self.rooms.get(room_id, {}).get("company_ids", ()))

    def zone_of(self, company_id: str) -> str:
        """The company's time zone, by which its days are."""
        return str(self.companies.get(company_id, {}).get("time_zone") or self.zone)


@dataclass(slots=True)
class _Kept:
    read_at: float
    directory: Directory


class Directories:
    """The directories of the tenants whose people look at pages."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._kept: dict[TenantId, _Kept] = {}

    async def of(self, tenant_id: TenantId) -> Directory:
        """The tenant's directory, at most two seconds old; the last one while Redis is away."""
        kept = self._kept.get(tenant_id)
        if kept and kept.read_at > monotonic() - FRESH_SECONDS:
            return kept.directory
        directory = kept.directory if kept else Directory()
        with suppress(RedisError, OSError):
            directory = await self._read(tenant_id, directory) or directory
        if len(self._kept) >= _TENANTS:
            self._kept.clear()
        self._kept[tenant_id] = _Kept(monotonic(), directory)
        return directory

    def forget(self, tenant_id: TenantId) -> None:
        """Reads the tenant's directory anew when it is asked for next."""
        self._kept.pop(tenant_id, None)

    async def _read(self, tenant_id: UUID, previous: Directory) -> Directory | None:
        def calls(generation: Keys) -> dict[str, Call]:
            keys = generation.of(tenant_id)
            return {
                **{noun: ("HGETALL", keys.tenant(noun)) for noun in _NOUNS},
                "tenant": ("HGET", keys.tenant("tenant"), "tenant"),
            }

        replies = await self._generations.read_live(calls)
        if replies is None:
            return None
        raw = {noun: pairs(replies[noun]) for noun in _NOUNS}
        version = hash((replies["tenant"], *(frozenset(raw[noun].items()) for noun in _NOUNS)))
        if version == previous.version:
            return previous
        nouns = {noun.removesuffix("_names"): _values(raw[noun]) for noun in _NOUNS}
        named = {"source": "sources", "product": "products", "employee": "employees"}
        tenant = _value(replies["tenant"]) if replies["tenant"] else {}
        return Directory(
            version=version,
            zone=tenant.get("time_zone", "UTC"),
            currency=tenant.get("currency", "RUB"),
            **{named.get(noun, noun): values for noun, values in nouns.items()},
        )


def _listed(things: Values) -> list[dict[str, str]]:
    listed = [{"id": id_, "name": str(thing["name"])} for id_, thing in things.items()]
    return sorted(listed, key=lambda each: each["name"])


def _values(stored: Mapping[str, bytes]) -> dict[str, Any]:
    return {id_: _value(value) for id_, value in stored.items()}


def _value(stored: bytes) -> Any:
    """A stored field without its rank."""
    return orjson.loads(stored.partition(b"|")[2] or b'""')
