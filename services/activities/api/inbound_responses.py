"""What senders are told, and what waits for a person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.ids import ActivityId, EmployeeId, RoomId
from shared.vocabulary import InboundChannel, InboundReason, InboundState


class InboundReceipt(BaseModel):
    """What became of a message; sent again, what has become of it since."""

    id: UUID = Field(description="The message.")
    state: InboundState = Field(
        description=(
            "`registered`: an activity was made. `added`: to the client's open activity."
            " `unprocessed`: it waits for a person; `resolved` and `dismissed`: by one."
        ),
        examples=["registered"],
    )
    activity_id: ActivityId | None = Field(description="The activity; null while it waits.")
    reason: InboundReason | None = Field(
        description="Why it waits for a person; null where it does not.", examples=[None]
    )


class FormReceipt(BaseModel):
    """What became of a form, as of any message."""

    id: UUID | None = Field(description="The message; null for a probe.")
    state: InboundState | Literal["probe"] = Field(
        description="As of a message; `probe`: the sender only tried whether somebody answers.",
        examples=["registered"],
    )
    activity_id: ActivityId | None = Field(description="The activity; null while it waits.")
    reason: InboundReason | None = Field(
        description="Why it waits for a person; null where it does not.", examples=[None]
    )


class UnprocessedView(BaseModel):
    """A message that waits for a person, or was closed by one."""

    id: UUID = Field(description="The message.")
    channel: InboundChannel = Field(description="How it came.", examples=["form"])
    state: InboundState = Field(
        description="`unprocessed` while it waits; then `resolved` or `dismissed`.",
        examples=["unprocessed"],
    )
    reason: InboundReason = Field(
        description=(
            "Why it waits. `no_contact`: no phone or e-mail; `unusable_contact`: none that is one;"
            " `unreadable`: no form of any kind; `unknown_form`: no setting fits and the key serves"
            " several rooms; `no_room`, `no_company`, `no_source`: nothing says which;"
            " `several_clients`: phone and e-mail are of different clients; `too_long`; `refused`:"
            " by a rule, such as an archived room."
        ),
        examples=["no_contact"],
    )
    external_id: str | None = Field(description="The sender's id; null where it gave none.")
    key_id: UUID = Field(description="The API key by which it came.")
    room_ids: list[RoomId] = Field(description="The rooms whose heads see it.")
    activity_id: ActivityId | None = Field(description="The activity that it belongs to.")
    received_at: datetime = Field(description="When it came.")
    expires_at: datetime = Field(description="When it is deleted.")
    closed_at: datetime | None = Field(description="When somebody closed it.")
    closed_by: EmployeeId | None = Field(description="Who closed it.")
    closing_reason: str | None = Field(description="Why, or what was noted.")


class UnprocessedDetail(UnprocessedView):
    """The same with what was sent."""

    content_type: str | None = Field(
        description="As the sender had it.", examples=["application/x-www-form-urlencoded"]
    )
    body: str | None = Field(
        description="The sender's body as text; null once it is closed.",
        examples=["Name=Anna&Phone=123"],
    )
