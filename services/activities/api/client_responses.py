"""Views about clients beyond the client itself, and of reasons of loss."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.activities.api.custom_field_responses import CompanyCustomValues, ValueNotTaken
from shared.ids import ClientId, CompanyId, EmployeeId, LossReasonId
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
