"""Views about clients beyond the client itself, and of reasons of loss."""

from datetime import datetime

from pydantic import BaseModel

from shared.ids import ClientId, CompanyId, LossReasonId
from shared.vocabulary import ClientCheckStatus


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
