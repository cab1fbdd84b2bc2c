"""Phone calls as telephony reports them, by API key, and as an activity shows them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from services.activities import handlers
from services.activities.api.call_requests import CallParameters, NewCallReport
from services.activities.api.call_responses import CallReceipt, CallView
from services.activities.handlers.calls import ReportCall
from services.activities.handlers.telephony_accounts import require_signature
from services.activities.queries import calls as queries
from services.activities.storage.directory import TENANT, get
from services.activities.telephony import bodies, generic, mango, uis
from services.activities.telephony.report import Report
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.paging import Cursor, Limit
from shared.secret_box import SecretBox
from shared.tenancy import Caller
from shared.web.callers import AnyCaller
from shared.web.commands import CommandRunner, Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["inbound"])
Read = Callable[[str, datetime], Report]
"""Reads a report; takes the zone of times without one, and the moment."""
_NOTHING = {"id": None, "recorded": None, "activity_id": None, "message_id": None}


async def caller_of_path(
    key: Annotated[str, Path(description="The secret of an API key of scope `inbound`.")],
    caller: AnyCaller,
) -> Caller:
    """The API key in the path, of which the gateway forwards the id alone. Raises `NotFound` for
    one that is not the caller.
    """
    if key != str(caller.employee_id):
        raise NotFound("key")
    return caller


KeyCaller = Annotated[Caller, Depends(caller_of_path)]


def _any_body(*media_types: str) -> dict[str, Any]:
    """What OpenAPI is told of a body whose fields a sender has its own names for."""
    schema = {"type": "object", "additionalProperties": True}
    content = {media_type: {"schema": schema} for media_type in media_types}
    return {"requestBody": {"required": True, "content": content}}


_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


async def _take(commands: CommandRunner, caller: Caller, request: Request, read: Read) -> JsonBytes:
    body, content_type = await request.body(), request.headers.get("content-type")

    async def use_case(tx: Tx) -> Any:
        tenant = await get(tx, TENANT, tx.tenant_id)
        report = read(tenant["time_zone"], await tx.read_clock())
        sent = body or request.url.query.encode()
        return await handlers.report_call(tx, ReportCall(report, sent, content_type), caller)

    return await commands.run(caller, use_case)


@router.post("/inbound/calls", responses=responses(CallReceipt))
async def report_call(
    body: NewCallReport, caller: AnyCaller, commands: Commands, request: Request
) -> JsonBytes:
    """Take a report of a call, by an API key of scope `inbound`. Reports of one call may come in
    any order and again.

    A missed call asks who works the client to call back; a talk is an interaction. Where nobody
    works the client, an incoming call makes an activity: of the VIP's holder, of who answered, or
    of the pool. Calls of ours are recorded with an activity in work, or nowhere.
    """
    fields = body.model_dump(by_alias=True, exclude_none=True)
    read = _reader(generic.read_parameters, fields)
    return await _take(commands, caller, request, read)


@router.post(
    "/inbound/calls/generic/{key}",
    responses=responses(CallReceipt),
    openapi_extra=_any_body(_FORM, _JSON),
)
async def report_call_by_form(caller: KeyCaller, commands: Commands, request: Request) -> JsonBytes:
    """Take a report of a call as a form or JSON with the names of `POST /inbound/calls`, or those
    that switchboards commonly have.
    """
    fields = bodies.flat_fields(await request.body(), request.headers.get("content-type", ""))
    return await _take(commands, caller, request, _reader(generic.read_parameters, fields))


@router.get("/inbound/calls/generic/{key}", responses=responses(CallReceipt))
async def report_call_by_query(
    caller: KeyCaller,
    commands: Commands,
    request: Request,
    parameters: Annotated[CallParameters, Query()],
) -> JsonBytes:
    """Take a report of a call as parameters of a query, as Asterisk's `CURL()` sends it."""
    fields = parameters.model_dump(by_alias=True, exclude_none=True)
    return await _take(commands, caller, request, _reader(generic.read_parameters, fields))


@router.post(
    "/inbound/calls/uis/{key}", responses=responses(CallReceipt), openapi_extra=_any_body(_JSON)
)
async def report_call_by_uis(caller: KeyCaller, commands: Commands, request: Request) -> JsonBytes:
    """Take a notification of UIS, CoMagic or Novofon."""
    fields = bodies.json_object(await request.body())
    return await _take(commands, caller, request, _reader(uis.read_notification, fields))


@router.post(
    "/inbound/calls/mango/{key}", responses=responses(CallReceipt), openapi_extra=_any_body(_FORM)
)
async def report_call_by_mango(
    caller: KeyCaller, commands: Commands, request: Request
) -> JsonBytes:
    """Take an event of Mango Office, signed by an account of `POST /telephony-accounts`. 403 for
    another signature.
    """
    form = mango.read_form(await request.body())
    box = SecretBox.of(commands.service.settings.encryption_keys.get_secret_value())

    async def use_case(tx: Tx) -> Any:
        await require_signature(tx, form, box)
        report = mango.read_event(form.json, await tx.read_clock())
        if report is None:
            return _NOTHING
        return await handlers.report_call(tx, ReportCall(report, form.json.encode(), _JSON), caller)

    return await commands.run(caller, use_case)


@router.get("/activities/{activity_id}/calls", responses=responses(Page[CallView]))
async def list_activity_calls(
    activity_id: ActivityId,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the phone calls of an activity with links to their recordings, the newest first."""
    return await commands.read(
        caller, lambda tx: queries.list_calls(tx, activity_id, caller, limit, cursor)
    )


def _reader(
    read: Callable[[Mapping[str, Any], str, datetime], Report], fields: Mapping[str, Any]
) -> Read:
    return lambda zone, now: read(fields, zone, now)
