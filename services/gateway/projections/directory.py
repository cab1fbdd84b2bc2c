"""Rooms, companies, and the tenant itself."""

from typing import Any
from uuid import UUID

import orjson

from services.gateway.projections.base import CommandResponse, Projection, event_rank, put
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.directory import CompanyChanged, RoomChanged, TenantChanged


class Rooms(Projection[RoomChanged]):
    """Each room's name and the companies that it sells for."""

    handles = (RoomChanged,)
    keys = ("rooms",)

    def from_event(self, event: RoomChanged, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        ids = [str(company_id) for company_id in event.company_ids]
        rank = event_rank(envelope.version)
        return [_put(keys, "rooms", envelope.subject, rank, name=event.name, company_ids=ids)]

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        if response.kind != "room":
            return []
        fields = {name: response.view[name] for name in ("name", "company_ids")}
        return [_put(keys, "rooms", response.view["id"], response.rank, **fields)]


class Companies(Projection[CompanyChanged]):
    """Each company's name and time zone."""

    handles = (CompanyChanged,)
    keys = ("companies",)

    def from_event(self, event: CompanyChanged, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        rank = event_rank(envelope.version)
        fields = {"name": event.name, "time_zone": event.time_zone}
        return [_put(keys, "companies", envelope.subject, rank, **fields)]

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        if response.kind != "company":
            return []
        fields = {name: response.view[name] for name in ("name", "time_zone")}
        return [_put(keys, "companies", response.view["id"], response.rank, **fields)]


class TenantProfile(Projection[TenantChanged]):
    """The tenant's time zone and currency."""

    handles = (TenantChanged,)
    keys = ("tenant",)

    def from_event(self, event: TenantChanged, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        profile = orjson.dumps({"time_zone": event.time_zone, "currency": event.currency})
        return [put(keys.tenant("tenant"), "tenant", event_rank(envelope.version), profile)]


def _put(keys: TenantKeys, noun: str, id_: UUID | str, rank: int, **fields: Any) -> Call:
    return put(keys.tenant(noun), id_, rank, orjson.dumps({"id": str(id_), **fields}))
