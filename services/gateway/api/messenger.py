"""The caller's chat with the installation's bot: linked by a code, looked at, ended."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts
from services.gateway.reminders.telegram import CODE_SECONDS, MessengerLinks
from services.gateway.storage import messenger_links
from shared.clock import Moment
from shared.errors import NotConfigured

router = APIRouter(prefix="/me/messenger", tags=["notifications"])


class MessengerView(BaseModel):
    """The caller's chat with the bot."""

    linked: bool = Field(description="Whether messages go there.")
    linked_at: Moment | None = Field(description="Since when; null where it is not linked.")


class MessengerCodeView(BaseModel):
    """A code that links a chat, once."""

    code: str = Field(
        description="To be sent to the bot after `/start`; shown this once.",
        examples=["q3ZkX0d8mJrY5a1bC7w2vQ"],
    )
    url: str = Field(
        description="Opens the chat with the code in it.",
        examples=["https://t.me/sales_bot?start=q3ZkX0d8mJrY5a1bC7w2vQ"],
    )
    expires_in: int = Field(description="Seconds for which the code is good.", examples=[600])


@router.get("")
async def get_own_messenger(caller: AnyCaller, parts: Parts) -> MessengerView:
    """Whether a chat of mine is linked; 409 `not_configured` where there is no bot."""
    _links(parts)
    async with parts.database.begin_for(caller.tenant_id) as tx:
        row = (await messenger_links.of_people(tx, [caller.employee_id])).get(caller.employee_id)
    return MessengerView(linked=row is not None, linked_at=row["linked_at"] if row else None)


@router.post("", status_code=201)
async def link_own_messenger(caller: AnyCaller, parts: Parts) -> MessengerCodeView:
    """A code to link a chat of mine by; a chat that was linked before is replaced."""
    code, url = await _links(parts).new_code(caller.tenant_id, caller.employee_id)
    return MessengerCodeView(code=code, url=url, expires_in=CODE_SECONDS)


@router.delete("", status_code=204)
async def unlink_own_messenger(caller: AnyCaller, parts: Parts) -> Response:
    """Send nothing to my chat any more; where none is linked nothing changes."""
    async with parts.database.begin(caller) as tx:
        await messenger_links.remove(tx, caller.employee_id)
    return Response(status_code=204)


def _links(parts: ApiParts) -> MessengerLinks:
    if parts.messenger_links is None:
        raise NotConfigured("messenger")
    return parts.messenger_links
