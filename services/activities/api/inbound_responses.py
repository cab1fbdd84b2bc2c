"""What senders are told, and what waits for a person."""

from uuid import UUID

from pydantic import BaseModel, Field

from shared.ids import ActivityId
from shared.vocabulary import InboundReason, InboundState


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
