"""What people say about being called: consent given and withdrawn, "do not call"."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.consent_requests import NewConsent, NewConsentOfPhone
from services.activities.api.consent_responses import ConsentPage, RecordedConsentView
from services.activities.handlers.commands import RecordConsent
from services.activities.queries import consents as queries
from shared.contacts import Phone
from shared.ids import ClientId
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller, SellerOrAdmin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["clients"])


@router.get("/clients/{client_id}/consents", responses=responses(ConsentPage))
async def list_client_consents(
    client_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """What a client and its phones said about being called to people of the caller's rooms, the
    newest entry first; and whether they may be called, whoever heard that.
    """
    return await commands.read(
        caller,
        lambda tx: queries.list_of_client(tx, ClientId(client_id), caller, limit, cursor),
    )


@router.post(
    "/clients/{client_id}/consents",
    status_code=201,
    responses=responses(RecordedConsentView, status=201),
)
async def record_client_consent(
    client_id: UUID, body: NewConsent, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Record what a client says about being called: with a phone of the client, of that phone,
    whoever has it; without, of the client as a person.

    `do_not_call` and `withdrawn` forbid calls, `given` and `calls_allowed` (by a head or an admin)
    allow them again; the word that was said last holds. Where calls are forbidden, registering
    the client from a cold source is 409 `do_not_call`.
    """
    command = RecordConsent(client_id=ClientId(client_id), **body.model_dump())
    return await commands.run(caller, lambda tx: handlers.record_consent(tx, command, caller), 201)


@router.get("/consents", responses=responses(ConsentPage))
async def list_phone_consents(
    caller: SellerOrAdmin,
    commands: Commands,
    phone: Annotated[Phone, Query()],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """Ask, before calling, whether a phone may be called, and what the caller's rooms heard."""
    return await commands.read(
        caller, lambda tx: queries.list_of_phone(tx, phone, caller, limit, cursor)
    )


@router.post("/consents", status_code=201, responses=responses(RecordedConsentView, status=201))
async def record_phone_consent(
    body: NewConsentOfPhone, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Record what somebody says of a phone, whoever has it, a client or not; kinds as of a
    client's consents.
    """
    command = RecordConsent(client_id=None, **body.model_dump())
    return await commands.run(caller, lambda tx: handlers.record_consent(tx, command, caller), 201)
