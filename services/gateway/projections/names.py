"""Names of clients and free text of activities, which fragments show."""

from uuid import UUID

import orjson

from services.gateway.projections.base import (
    ERASED_RANK,
    UNVERSIONED_RANK,
    CommandResponse,
    Projection,
    event_rank,
    put,
)
from services.gateway.read_models.fragments import text_of
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.directory import ClientChanged
from shared.events.people import ActivityDescribed, PersonDescribed


class ClientNames(Projection[ClientChanged | PersonDescribed]):
    """Each client's name, and whether it is large."""

    handles = (ClientChanged, PersonDescribed)
    keys = ("client_names", "large_clients")

    def from_event(
        self, event: ClientChanged | PersonDescribed, envelope: Envelope, keys: TenantKeys
    ) -> list[Call]:
        client_id, rank = envelope.subject, event_rank(envelope.version)
        match event:
            case ClientChanged(large=large):
                return [_put_large(keys, client_id, rank, large)]
            case PersonDescribed(kind="client", name=name):
                return [_put_name(keys, client_id, rank, name)]
        return []

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        match response.kind:
            case "client":
                client, rank = response.view, response.rank
            case "activity":
                # The client has versions of its own; its events say more, once they have come.
                client, rank = response.view["client"], UNVERSIONED_RANK
            case _:
                return []
        return [
            _put_name(keys, client["id"], rank, client["name"]),
            _put_large(keys, client["id"], rank, client["large"]),
        ]

    def erase(self, subject: UUID, keys: TenantKeys) -> list[Call]:
        return [put(keys.tenant("client_names"), subject, ERASED_RANK, b"")]


class ActivityTexts(Projection[ActivityDescribed]):
    """Each activity's note, next step and lost reason."""

    handles = (ActivityDescribed,)
    keys = ("activity_texts",)

    def from_event(
        self, event: ActivityDescribed, envelope: Envelope, keys: TenantKeys
    ) -> list[Call]:
        rank = event_rank(envelope.version)
        return [put(keys.tenant("activity_texts"), envelope.subject, rank, event.to_json())]

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        if response.kind != "activity":
            return []
        text = orjson.dumps(text_of(response.view))
        return [put(keys.tenant("activity_texts"), response.view["id"], response.rank, text)]

    def erase(self, subject: UUID, keys: TenantKeys) -> list[Call]:
        return [put(keys.tenant("activity_texts"), subject, ERASED_RANK, b"")]


def _put_name(keys: TenantKeys, client_id: UUID | str, rank: int, name: str) -> Call:
    return put(keys.tenant("client_names"), client_id, rank, orjson.dumps(name))


def _put_large(keys: TenantKeys, client_id: UUID | str, rank: int, large: bool) -> Call:
    return put(keys.tenant("large_clients"), client_id, rank, "1" if large else "")
