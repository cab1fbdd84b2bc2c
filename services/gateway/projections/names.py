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
    response_rank,
)
from services.gateway.read_models.client_marks import marks_of
from services.gateway.read_models.fragments import Json, text_of
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.directory import ClientChanged
from shared.events.people import ActivityDescribed, PersonDescribed


class ClientNames(Projection[ClientChanged | PersonDescribed]):
    """Each client's name, and whether it is large, and not to be called."""

    handles = (ClientChanged, PersonDescribed)
    keys = ("client_names", "client_marks")

    def from_event(
        self, event: ClientChanged | PersonDescribed, envelope: Envelope, keys: TenantKeys
    ) -> list[Call]:
        client_id, rank = envelope.subject, event_rank(envelope.version)
        match event:
            case ClientChanged(large=large, do_not_call=do_not_call):
                return [_put_marks(keys, client_id, rank, large, do_not_call)]
            case PersonDescribed(kind="client", name=name):
                return [_put_name(keys, client_id, rank, name)]
        return []

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        match response.kind:
            case "client" | "clients":
                ranked = [(client, response_rank(client["version"])) for client in response.clients]
            case "activity":
                # The client has versions of its own; its events say more, once they have come.
                ranked = [(response.view["client"], UNVERSIONED_RANK)]
            case _:
                ranked = []
        return [call for client, rank in ranked for call in _put_client(keys, client, rank)]

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


def _put_client(keys: TenantKeys, client: Json, rank: int) -> list[Call]:
    return [
        _put_name(keys, client["id"], rank, client["name"]),
        _put_marks(keys, client["id"], rank, client["large"], client.get("do_not_call", False)),
    ]


def _put_marks(
    keys: TenantKeys, client_id: UUID | str, rank: int, large: bool, do_not_call: bool
) -> Call:
    return put(keys.tenant("client_marks"), client_id, rank, marks_of(large, do_not_call))
