"""Bodies of requests about lines of bank statements."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.activities.api.requests import Body
from services.activities.domain.chosen_shares import MOST_PARTS, ChosenShare
from shared.ids import ActivityId
from shared.money import PositiveMoney
from shared.text import Line


class MatchedPart(Body):
    """What a part of the line's money pays."""

    activity_id: UUID = Field(description="The activity that is paid; of the account's company.")
    invoice_id: UUID | None = Field(
        None, description="Its invoice; null where the money is for the order as a whole."
    )
    amount: PositiveMoney = Field(description="How much of the line's money.")


class MatchLine(Body):
    """What a line is booked as; without `parts` as its likeliest proposal."""

    parts: Annotated[
        list[MatchedPart],
        Field(
            max_length=MOST_PARTS,
            description="They add up to the line's amount; empty for the likeliest proposal.",
        ),
    ] = []

    @property
    def chosen(self) -> list[ChosenShare]:
        return [
            ChosenShare(ActivityId(part.activity_id), part.invoice_id, part.amount)
            for part in self.parts
        ]


class LineReason(Body):
    reason: Line = Field(
        description="Why, for the history of the line.", examples=["Займ учредителя"]
    )
