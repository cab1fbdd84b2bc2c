"""Entries of pay: the way from request to money, in words."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.motivation.queries import chains as queries
from shared.ids import ActivityId, EmployeeId, EntryId
from shared.money import MoneySum
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/entries", tags=["motivation"])


class ChainStepView(BaseModel):
    """A step on the way from request to money."""

    at: datetime = Field(description="When it happened, or was posted.")
    what: str = Field(description="The type of the event.")
    text: str = Field(description="It in words, in the language of `Accept-Language`.")
    amount: MoneySum | None = Field(description="Of an entry, its amount.")


class ChainView(BaseModel):
    """The way from request to money of an entry: events, the entry with its rule and inputs, what
    corrected it.
    """

    entry_id: EntryId
    employee_id: EmployeeId
    activity_id: ActivityId | None
    period: str
    amount: MoneySum
    steps: list[ChainStepView] = Field(description="The steps, oldest first.")


@router.get("/{entry_id}/chain", responses=responses(ChainView))
async def get_chain(entry_id: EntryId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """The way from request to money of an entry, in words. Who sees the entry sees it."""
    return await commands.read(caller, lambda tx: queries.get_chain(tx, caller, entry_id))
