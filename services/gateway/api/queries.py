"""Parameters of the gateway's own queries."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Day, Moment, Period
from shared.reports import CONVERSION_TARGETS
from shared.vocabulary import AuditOutcome, JobState


class Query(BaseModel):
    """The parameters of a query; parsed once for many requests."""

    model_config = ConfigDict(frozen=True)


class KeysQuery(Query):
    """A page of API keys."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: UUID | None = None


class AuditFilters(Query):
    """Which entries of the audit: by whom, what, to whom, how it ended, in which period."""

    actor_id: Annotated[UUID | None, Field(description="Only by this employee or API key.")] = None
    operation: Annotated[
        str | None,
        Field(max_length=60, pattern="^[a-z_]+$", description="Only this operation, by its id."),
    ] = None
    target_id: Annotated[UUID | None, Field(description="Only what concerned this id.")] = None
    outcome: Annotated[AuditOutcome | None, Field(description="Only what ended so.")] = None
    since: Annotated[Moment | None, Field(description="From this moment on.")] = None
    until: Annotated[Moment | None, Field(description="Before this moment.")] = None


class AuditQuery(AuditFilters):
    """A page of the audit."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: UUID | None = None


class DeskQuery(Query):
    """The desk over the caller's rooms, or one of them."""

    room_id: UUID | None = None
    names: Annotated[
        bool, Field(description="Whether to name what the activities mention by id.")
    ] = False


class RoomQuery(Query):
    """A room, and a month of the tenant's time zone, the running one unless given."""

    room_id: UUID
    period: Period | None = None


class ConversionsQuery(Query):
    """The days of conversions, both included, which, by which id, and where."""

    first_on: Annotated[Day, Field(alias="from", description="The first day.")]
    last_on: Annotated[Day, Field(alias="to", description="The last day, included.")]
    targets: Annotated[
        str,
        Field(
            pattern=CONVERSION_TARGETS,
            description="Which goals: of `registered`, `taken`, `won` and `paid`, divided by"
            " commas.",
            examples=["won,paid"],
        ),
    ] = "registered,taken,won,paid"
    visitor_id: Annotated[
        Literal["client_id", "user_id", "yclid", "purchase_id"],
        Field(alias="id", description="By which id the visitor is known to the counter."),
    ] = "client_id"
    room_id: UUID | None = None
    company_id: UUID | None = None


class PoolQuery(Query):
    """A page of the free activities of a room, or of the caller's rooms."""

    room_id: UUID | None = None
    company_id: UUID | None = None
    names: bool = False
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=500)] = None


class JobsQuery(Query):
    """A page of jobs, of one state or kind."""

    state: JobState | None = None
    kind: Annotated[str | None, Field(max_length=60, pattern="^[a-z_]+$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=500)] = None
