"""The public API's routes: the service that owns a path, and the kind of a command's response."""

from collections.abc import Mapping

from services.gateway.read_models.kinds import ResponseKind

PREFIX = "/api/v1/"
_ID_LENGTH = 36

OWNERS: Mapping[str, str] = {
    "companies": "activities",
    "rooms": "activities",
    "employees": "activities",
    "products": "activities",
    "sources": "activities",
    "loss-reasons": "activities",
    "time-zones": "activities",
    "clients": "activities",
    "consents": "activities",
    "activities": "activities",
    "renewals": "activities",
    "payments": "activities",
    "bank-statements": "activities",
    "imports": "activities",
    "pool": "activities",
    "inbound": "activities",
    "telephony-accounts": "activities",
    "vip": "vip",
    "motivation": "motivation",
}
"""The service that owns a noun, the path's first segment below `PREFIX`."""

COMMANDS: Mapping[str, ResponseKind] = {
    "POST /activities": "activity",
    "POST /activities/{activity_id}/take": "activity",
    "POST /activities/{activity_id}/release": "activity",
    "POST /activities/{activity_id}/assign": "activity",
    "POST /activities/{activity_id}/move": "activity",
    "POST /activities/{activity_id}/source": "activity",
    "POST /activities/{activity_id}/interactions": "activity",
    "PUT /activities/{activity_id}/order": "activity",
    "POST /activities/{activity_id}/invoices": "activity",
    "POST /activities/{activity_id}/invoices/{invoice_id}/cancel": "activity",
    "POST /activities/{activity_id}/payments": "activity",
    "POST /activities/{activity_id}/payments/{payment_id}/confirm": "activity",
    "POST /activities/{activity_id}/payments/{payment_id}/strike": "activity",
    "POST /activities/{activity_id}/refunds": "activity",
    "POST /activities/{activity_id}/shipments": "activity",
    "POST /activities/{activity_id}/documents": "activity",
    "POST /activities/{activity_id}/lose": "activity",
    "POST /activities/{activity_id}/reopen": "activity",
    "POST /activities/{activity_id}/split": "activity",
    "POST /activities/{activity_id}/split/{proposal_id}/accept": "activity",
    "POST /activities/{activity_id}/split/{proposal_id}/decline": "activity",
    "POST /renewals/{renewal_id}/take": "activity",
    "POST /activities/{activity_id}/win": "activity",
    "POST /clients": "client",
    "PATCH /clients/{client_id}": "client",
    "POST /clients/{client_id}/merge": "client",
    "POST /clients/{client_id}/consents": "clients",
    "POST /consents": "clients",
    "POST /rooms": "room",
    "PATCH /rooms/{room_id}": "room",
    "PUT /rooms/{room_id}/settings": "room_settings",
    "PATCH /rooms/{room_id}/settings": "room_settings",
    "POST /companies": "company",
    "PATCH /companies/{company_id}": "company",
    "POST /vip": "vip",
    "POST /vip/{vip_id}/assign": "vip",
    "POST /vip/{vip_id}/release": "vip",
}
"""The kind of a command's response, by method and path template; all others are `other`."""


def template_key(method: str, template: str) -> str:
    """The key by which requests for a template (below `PREFIX`) are found: ids are left out."""
    segments = template.split("/")[1:]
    return f"{method} " + "/".join("" if "{" in segment else segment for segment in segments)


def ids_in(template: str) -> tuple[str, ...]:
    """The names of the ids in a template."""
    return tuple(segment[1:-1] for segment in template.split("/") if segment.startswith("{"))


def request_key(method: str, path: str) -> tuple[str, list[str]] | None:
    """The key of a decoded path, and the ids in it; None for a path that no route can have."""
    if not path.startswith(PREFIX):
        return None
    segments, ids = path[len(PREFIX) :].split("/"), []
    for number, segment in enumerate(segments):
        if segment in ("", ".", ".."):
            return None
        if len(segment) == _ID_LENGTH and segment[8] == segment[13] == segment[18] == "-":
            ids.append(segment)
            segments[number] = ""
    return f"{method} " + "/".join(segments), ids
