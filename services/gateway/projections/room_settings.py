"""The room settings that each company sets."""

from uuid import UUID

import orjson

from services.gateway.projections.base import CommandResponse, Projection, event_rank, put
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.directory import RoomSettingsChanged
from shared.room_settings import DEFAULTS


class RoomSettingsByCompany(Projection[RoomSettingsChanged]):
    """A room's settings, by company."""

    handles = (RoomSettingsChanged,)
    keys = ("room_settings",)

    def from_event(
        self, event: RoomSettingsChanged, envelope: Envelope, keys: TenantKeys
    ) -> list[Call]:
        key, rank = keys.room(event.room_id, "room_settings"), event_rank(envelope.version)
        settings = {name: getattr(event, name) for name in DEFAULTS}
        return [put(key, event.company_id, rank, orjson.dumps(settings))]

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        """Room and company stand in the command's address, not in its response."""
        if response.kind != "room_settings":
            return []
        key = keys.room(UUID(response.path_params["room_id"]), "room_settings")
        company_id = UUID(response.query["company_id"])
        settings = {name: response.view[name] for name in DEFAULTS}
        return [put(key, company_id, response.rank, orjson.dumps(settings))]
