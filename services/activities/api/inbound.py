"""Requests from outside: partners' and sites', by API key."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from services.activities import handlers
from services.activities.api.activities import requested_products
from services.activities.api.inbound_requests import NewInboundRequest
from services.activities.api.inbound_responses import InboundReceipt
from services.activities.handlers.inbound_commands import (
    Advertising,
    GivenConsent,
    InboundMessage,
    TypedPerson,
)
from shared.web.callers import AnyCaller
from shared.web.commands import CommandRunner, Commands, Responded
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["inbound"])
_STATUSES: Mapping[str, int] = {"registered": 201, "unprocessed": 202}
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
