"""A person's calendar: its secret address, made, replaced and removed by them, and the calendar."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, Field

from services.gateway.accounts.tokens import digest, new_secret, tenant_of
from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts
from services.gateway.domain.notices import Reader
from services.gateway.reminders.calendar import entries_for, rendered, tag_of
from services.gateway.storage import calendars, notification_settings
from shared.clock import Moment
from shared.errors import NotFound, Unauthenticated
from shared.ids import EmployeeId
from shared.text import Storable

router = APIRouter(tags=["notifications"])
FEED = "/calendar/{secret}.ics"
feed = APIRouter(include_in_schema=False)
_HEADERS = {"Cache-Control": "private, max-age=300"}


class CalendarView(BaseModel):
    """The address of the caller's calendar, without the secret in it."""

    active: bool = Field(description="Whether there is an address.")
    created_at: Moment | None = Field(description="When it was made; null where there is none.")


class NewCalendarView(CalendarView):
    """A new address: whoever has it reads the calendar."""

    url: str = Field(
        description="To subscribe to; shown this once.",
        examples=["https://sales.example.com/calendar/019a9f5e.secret.ics"],
    )


@router.get("/me/calendar")
async def get_own_calendar(caller: AnyCaller, parts: Parts) -> CalendarView:
    """Whether there is an address to subscribe to my calendar by."""
    async with parts.database.begin_for(caller.tenant_id) as tx:
        created_at = await calendars.created_at(tx, caller.employee_id)
    return CalendarView(active=created_at is not None, created_at=created_at)


@router.post("/me/calendar", status_code=201)
async def make_own_calendar(caller: AnyCaller, parts: Parts) -> NewCalendarView:
    """Make an address for my calendar; one from before is good no more.

    It is in this response and nowhere else; a repeated request makes another.
    """
    secret = new_secret(caller.tenant_id)
    async with parts.database.begin(caller) as tx:
        created_at = await calendars.replace_secret(tx, caller.employee_id, digest(secret))
    url = f"{parts.settings.public_url.rstrip('/')}/calendar/{secret}.ics"
    return NewCalendarView(active=True, created_at=created_at, url=url)


@router.delete("/me/calendar", status_code=204)
async def remove_own_calendar(caller: AnyCaller, parts: Parts) -> Response:
    """Remove the address of my calendar: nobody reads it any more."""
    async with parts.database.begin(caller) as tx:
        if not await calendars.remove(tx, caller.employee_id):
            raise NotFound("calendar")
    return Response(status_code=204)


@feed.get(FEED)
async def read_calendar(
    request: Request,
    secret: Storable,
    parts: Parts,
    if_none_match: Annotated[str, Header(max_length=500)] = "",
) -> Response:
    """The calendar behind a secret address; 404 for any other, and once its person has left."""
    # Whatever goes wrong here is logged under this, not under the secret.
    request.scope["route_path"] = FEED
    return await _calendar(parts, secret, if_none_match)


async def _calendar(parts: ApiParts, secret: str, if_none_match: str) -> Response:
    try:
        tenant_id = tenant_of(secret)
    except Unauthenticated:
        raise NotFound("calendar") from None
    async with parts.database.begin_for(tenant_id) as tx:
        account = await calendars.owner_of(tx, digest(secret))
        if account is None:
            raise NotFound("calendar")
        employee_id = EmployeeId(account["employee_id"])
        _, settings = await notification_settings.get(tx, employee_id)
        agenda = await calendars.entries_of(tx, employee_id)
        renewals = await calendars.renewals_of(tx, employee_id)
    reader = Reader(
        employee_id,
        account["active"],
        account["roles"],
        account["room_ids"],
        account["headed_room_ids"],
    )
    entries = entries_for(reader, agenda, renewals)
    headers = {**_HEADERS, "ETag": tag_of(entries, settings)}
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    content = rendered(entries, settings, parts.settings.public_url)
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")
