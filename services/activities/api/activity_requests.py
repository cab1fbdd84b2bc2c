"""Bodies that register activities, lead them and hand them over."""

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from services.activities.api.client_requests import NewClient
from services.activities.api.directory_requests import Price
from services.activities.api.requests import Body, Flag
from shared.clock import Moment
from shared.money import is_plain_decimal
from shared.rules import rule_broken
from shared.text import Line, Text
from shared.vocabulary import InteractionKind, StepEnd


class RequestedProductBody(Body):
    product_id: UUID
    quantity: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 1
    price: Price | None = None


class NewActivity(Body):
    """An activity to be registered, for a known client or a new one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a01",
                    "room_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a02",
                    "client": {
                        "name": "ООО Ромашка",
                        "kind": "organization",
                        "inn": "7707083893",
                        "phones": ["+74951234567"],
                    },
                    "source_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a03",
                    "products": [
                        {"product_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a04", "quantity": 2}
                    ],
                    "note": "Просил перезвонить",
                    "take": True,
                }
            ]
        },
    )

    company_id: UUID
    room_id: UUID
    client_id: UUID | None = None
    client: NewClient | None = None
    source_id: UUID
    products: Annotated[list[RequestedProductBody], Field(min_length=1, max_length=50)]
    note: Text | None = None
    take: Flag = False

    @model_validator(mode="after")
    def _one_client(self) -> Self:
        if (self.client_id is None) == (self.client is None):
            raise rule_broken("exactly_one", field="client_id", fields=["client_id", "client"])
        return self


class Reason(Body):
    reason: Line


class RenewalNote(Body):
    """A note for a renewal, null for none."""

    note: Text | None


class Assignment(Body):
    employee_id: UUID | None


class SourceCorrection(Reason):
    """Where the request really came from, and why it is corrected."""

    source_id: UUID


class RoomMove(Reason):
    """Where an activity is to be worked from now on, and by whom; without `employee_id` by who
    works it, if they sell there, else by nobody.
    """

    room_id: UUID
    employee_id: UUID | None = None


class NewNextStep(Body):
    what: Line
    due_at: Moment


class NewInteraction(Body):
    kind: InteractionKind
    note: Text | None = None
    next_step: NewNextStep | None = None
    step: StepEnd | None = Field(
        None,
        description=(
            "What became of the step that was promised: without it `kept`, or `moved` where a"
            " mere note promises another. `moved` needs `next_step`, `dropped` a `note` that says"
            " why."
        ),
    )

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.step == "moved" and self.next_step is None:
            raise rule_broken("required_with", field="next_step", other="step")
        if self.step == "dropped" and not self.note:
            raise rule_broken("required_with", field="note", other="step")
        return self


def _share(value: Any) -> Any:
    if isinstance(value, str) and not is_plain_decimal(value, places=4):
        raise rule_broken("share")
    return value


class NewShare(Body):
    employee_id: UUID
    share: Annotated[
        Decimal,
        Field(gt=0, le=1, decimal_places=4, allow_inf_nan=False),
        BeforeValidator(_share, json_schema_input_type=float | str),
    ]


class NewSplit(Body):
    shares: Annotated[list[NewShare], Field(min_length=1, max_length=10)]
