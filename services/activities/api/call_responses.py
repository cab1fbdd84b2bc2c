"""What is told of calls and of what telephony is set up with."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.vocabulary import CallDirection, CallOutcome


class CallReceipt(BaseModel):
    """What became of a call so far."""

    id: UUID | None = Field(description="Ours of the call; null where the report was about none.")
    recorded: Literal["answered", "missed", "internal"] | None = Field(
        description="How it was recorded; null while it goes on, or waits for a person."
    )
    activity_id: UUID | None = Field(description="The activity with which it was recorded.")
    message_id: UUID | None = Field(
        description="Its place in the list of what was not understood, where it waits there."
    )


class CallView(BaseModel):
    """A phone call that telephony reported."""

    id: UUID
    direction: CallDirection = Field(description="Who called whom.")
    outcome: CallOutcome = Field(description="Whether somebody talked.")
    client_number: str | None = Field(description="The client's number.", examples=["+79161234567"])
    our_number: str | None = Field(description="Ours.", examples=["+74951234567"])
    employee_id: UUID | None = Field(
        description="Who of our people talked or called, where their extension is known."
    )
    started_at: datetime | None = Field(description="When it began to ring.")
    answered_at: datetime | None = Field(description="When somebody took it.")
    ended_at: datetime | None = Field(description="When it was over.")
    end_reported: bool = Field(
        description="Whether telephony told of its end; else it was taken as over after a while, a"
        " talk of unknown length where somebody had taken it."
    )
    duration_seconds: int | None = Field(description="How long they talked.", examples=[35])
    recordings: list[str] = Field(
        description="Links to its recordings, which the telephony keeps.",
        examples=[["https://pbx.example.com/recordings/1.mp3"]],
    )


class ExtensionsView(BaseModel):
    """Where somebody is rung."""

    employee_id: UUID
    version: int
    extensions: list[str] = Field(description="In their canonical form.", examples=[["101"]])


class TelephonyAccountView(BaseModel):
    """An account of telephony; its secrets are never shown."""

    id: UUID
    provider: Literal["mango"] = Field(description="Whose account it is.", examples=["mango"])
    name: str = Field(description="What you call it.", examples=["Офис на Невском"])
    created_at: datetime


class RemovedView(BaseModel):
    """What was removed."""

    id: UUID
