"""Views about clients beyond the client itself, and of reasons of loss."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.activities.api.custom_field_responses import CompanyCustomValues, ValueNotTaken
from services.activities.domain.client_changes import ClientChangeKind
from shared.activity_view import ClientSummary
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    ImportId,
    LossReasonId,
    RoomId,
)
from shared.vocabulary import ClientCheckStatus, ClientKind


class ClientView(BaseModel):
    """A client. `merged_into` is its own id where it was asked for by the id of a client that was
    merged into it.
    """

    id: ClientId
    version: int
    kind: ClientKind
    name: str
    inn: str | None
    kpp: str | None
    phones: list[str]
    emails: list[str]
    large: bool
    do_not_call: bool
    registered_by: EmployeeId | None
    merged_into: ClientId | None = None
    custom_values: list[CompanyCustomValues] | None = Field(
        None,
        description="What companies keep of it in fields of their own, as far as the caller sees "
        "their rooms; only of one client that was asked for.",
    )
    values_not_taken: list[ValueNotTaken] | None = Field(
        None,
        description="Values of the client that ended, where this one has others; only in the "
        "answer to a merge.",
    )


class ClientParts(BaseModel):
    """Parts of a client; those that are left out did not change."""

    name: str | None = None
    inn: str | None = None
    kpp: str | None = None
    phones: list[str] = []
    emails: list[str] = []
    large: bool | None = None


class LossReasonView(BaseModel):
    """A reason of a company's list of losses."""

    id: LossReasonId
    version: int
    company_id: CompanyId
    name: str
    counts: bool
    active: bool


class ClientCheckView(BaseModel):
    """Whether a client may be registered: nothing of whom it is, unless the caller sees it."""

    status: ClientCheckStatus
    protected_until: datetime | None
    client_id: ClientId | None


class ClientFieldChange(BaseModel):
    """What a change made of one field: its values, or of a list what came and went."""

    field: str = Field(description="The field of the client.", examples=["phones"])
    before: str | bool | None = Field(description="Its value before; null for none, and of a list.")
    after: str | bool | None = Field(description="Its value after; null for none, and of a list.")
    added: list[str] = Field(description="Of a list: what came.", examples=[["+74951234568"]])
    removed: list[str] = Field(description="Of a list: what went.")


class ClientHistoryEntry(BaseModel):
    """One change of a client. Versions that only let another room see the client are left out."""

    version: int = Field(description="The client's version after it.", examples=[3])
    at: datetime = Field(description="When it was.")
    who: EmployeeId | None = Field(description="Who did it; null for the system.")
    what: ClientChangeKind = Field(
        description="`created`, `changed`, `merged` with another, or `merged_into` another, which "
        "is the end."
    )
    changes: list[ClientFieldChange] = Field(description="What changed, field by field.")
    other_client_id: ClientId | None = Field(
        description="Of a merge: the client that ended, or the one that stays; else null."
    )
    import_id: ImportId | None = Field(
        description="The import that made or changed it; null for a change by hand."
    )


class LargeLostView(BaseModel):
    """A large client, and the activity that was lost."""

    client: ClientSummary
    activity_id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    responsible_id: EmployeeId | None = Field(description="Who lost it; null where nobody did.")
    lost_at: datetime | None
    lost_reason: str | None
    lost_reason_id: LossReasonId | None
