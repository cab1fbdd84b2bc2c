"""Requests from outside: partners' and sites', by API key."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from services.activities import handlers
from services.activities.api.activities import requested_products
from services.activities.api.form_bodies import read_fields
from services.activities.api.inbound_requests import NewInboundRequest
from services.activities.api.inbound_responses import FormReceipt, InboundReceipt
from services.activities.domain.site_forms import is_probe
from services.activities.handlers.inbound_commands import (
    Advertising,
    GivenConsent,
    InboundMessage,
    TypedPerson,
)
from services.activities.handlers.inbound_forms import SentForm
from shared.errors import NotFound
from shared.web.callers import AnyCaller, SenderKey
from shared.web.commands import CommandRunner, Commands, Responded
from shared.web.responses import JsonBytes, as_json, responses

router = APIRouter(tags=["inbound"])
_STATUSES: Mapping[str, int] = {"registered": 201, "unprocessed": 202}
LONGEST_TYPE = 200
_NAMES_THINGS = ("room_id", "company_id", "source_id", "products")


async def receive(
    commands: CommandRunner, caller: Any, message: InboundMessage, as_status: int | None = None
) -> JsonBytes:
    """Takes a message: 201 where an activity was made, 202 where it waits for a person, else 200;
    or `as_status`, for senders that know no other.
    """

    async def use_case(tx: Any) -> Responded:
        view = await handlers.receive_message(tx, message, caller)
        return Responded(view, as_status or _STATUSES.get(view["state"], 200))

    return await commands.run(caller, use_case, again_on_clash=True)


@router.post("/inbound/requests", status_code=201, responses=responses(InboundReceipt, status=201))
async def receive_request(
    body: NewInboundRequest, caller: AnyCaller, commands: Commands, request: Request
) -> JsonBytes:
    """Take a request of a site or a partner, by an API key of scope `inbound`.

    One person's requests make one activity: where somebody works the client, it is added there;
    a VIP's goes to its holder, all others to the room's pool. 202: it could not be followed (no
    usable contact, say) and waits for a person; nothing is lost.
    """
    consent, advertising = body.consent, body.advertising
    message = InboundMessage(
        channel="request",
        person=TypedPerson(body.name, body.phone, body.email, body.inn, body.kind),
        body=await request.body(),
        content_type=request.headers.get("content-type"),
        external_id=body.external_id,
        room_id=body.room_id,
        company_id=body.company_id,
        source_id=body.source_id,
        products=requested_products(body.products),
        note=body.note,
        consent=GivenConsent(consent.text, consent.at) if consent else None,
        origin="Заявка партнёра",
        advertising=Advertising(**advertising.model_dump()) if advertising else Advertising(),
        named=frozenset(name for name in _NAMES_THINGS if getattr(body, name)),
    )
    return await receive(commands, caller, message)


_FORM = {
    "requestBody": {
        "description": "The fields of the form, whatever they are called.",
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                "example": {"Name": "Анна", "Phone": "+79161234567", "tranid": "1:2"},
            }
        },
    }
}


@router.post(
    "/inbound/forms/{key}",
    responses=responses(FormReceipt),
    openapi_extra=_FORM,
)
async def receive_form(
    key: str, caller: SenderKey, commands: Commands, request: Request
) -> JsonBytes:
    """Take a form that a site builder posts, by an API key of scope `inbound` in the path.

    Its fields are read as the form's setting says (`/inbound/site-forms`), else by their usual
    names. Whatever is in it, the answer is 200, for the sender tells nobody else: what cannot be
    followed waits for a person.
    """
    if key != str(caller.employee_id):
        raise NotFound("key")
    body, content_type = await request.body(), request.headers.get("content-type", "")
    fields = read_fields(body, content_type)
    if fields and is_probe(fields):
        return as_json({"id": None, "state": "probe", "activity_id": None, "reason": None})
    form = SentForm(fields, body, content_type[:LONGEST_TYPE] or None)
    return await commands.run(
        caller, lambda tx: handlers.receive_form(tx, form, caller), again_on_clash=True
    )
