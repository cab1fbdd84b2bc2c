"""Responses of the gateway's own routes."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.clock import Moment
from shared.jobs.responses import JobView
from shared.vocabulary import JobState
from shared.web.responses import Page


class SessionView(BaseModel):
    """A pair of tokens; `expires_in` seconds is the access token's life.

    The refresh token is good once.
    """

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- a kind, not a token
    expires_in: int


class KeyView(BaseModel):
    """An API key without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    created_by: UUID
    created_at: Moment


class NewKeyView(KeyView):
    """An API key with its secret, which is shown this once."""

    secret: str


class AdminView(BaseModel):
    """The tenant's first admin."""

    employee_id: UUID


class TenantView(BaseModel):
    """A provisioned tenant."""

    id: UUID
    admin: AdminView


class NamedView(BaseModel):
    """A room or a company; its name is null while the directory does not answer."""

    id: UUID
    name: str | None


class MeView(BaseModel):
    """The caller; rooms and companies are those that they may work with.

    What could not be had is named in `missing`.
    """

    employee_id: UUID
    tenant_id: UUID
    name: str
    email: str | None
    roles: list[str]
    rooms: list[NamedView]
    companies: list[NamedView]
    missing: list[str] = []


class JobPage(Page[JobView]):
    """One page of the jobs of all services; `missing` names the services that did not answer."""

    missing: list[str] = []


class JobProgressView(BaseModel):
    """The progress of a job; `total` is null while it is not known."""

    state: JobState
    done: int
    total: int | None
    refused: int


class ChangeView(BaseModel):
    """The data of a server-sent event: what changed, to be read anew.

    The event's name is `kind`, its id resumes the stream. `job` is there for events of jobs only.
    """

    kind: str
    id: UUID
    version: int
    room_id: UUID | None
    job: JobProgressView | None = None
