"""Responses of the gateway's own routes."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.gateway.accounts.sessions import Session
from shared.clock import Moment
from shared.jobs.responses import JobView
from shared.vocabulary import AuditActorKind, AuditOutcome, JobState, Role, SecondFactorPolicy
from shared.web.responses import Page


class SessionView(BaseModel):
    """A pair of tokens; `expires_in` seconds is the access token's life.

    The refresh token is good once; both end with the session.
    """

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- a kind, not a token
    expires_in: int


class OpenSessionView(BaseModel):
    """A session that has not ended; `current` is the one of this request."""

    id: UUID
    device: Annotated[
        str,
        Field(
            description="Program and system, as far as they are known.",
            examples=["Firefox, Windows"],
        ),
    ]
    address: Annotated[
        str, Field(description="The address of the log-in.", examples=["203.0.113.7"])
    ]
    created_at: Moment
    last_used_at: Annotated[
        Moment, Field(description="When its tokens were last issued: to a quarter of an hour.")
    ]
    expires_at: Annotated[Moment, Field(description="When it ends unless it is used again.")]
    current: Annotated[bool, Field(description="Whether this request belongs to it.")]


def session_fields(session: Session) -> dict[str, Any]:
    """The fields of a `SessionView`."""
    return {
        "access_token": session.access_token,
        "refresh_token": session.refresh_token,
        "expires_in": session.expires_in,
    }


class EnrolmentView(BaseModel):
    """A second factor to be confirmed."""

    secret: str = Field(
        description="The secret in base 32, to be typed.", examples=["JBSWY3DPEHPK3PXP"]
    )
    otpauth_uri: str = Field(
        description="The text of the QR code.",
        examples=["otpauth://totp/Sales%20Launch:anna%40example.com?secret=JBSWY3DPEHPK3PXP"],
    )


class RecoveryCodesView(BaseModel):
    """Codes for the day when the authenticator is lost; each counts once."""

    recovery_codes: list[str] = Field(
        description="Shown this once.", examples=[["2N6Q-JHMX-ROKD-7AWY"]]
    )


class EnrolledSessionView(SessionView, RecoveryCodesView):
    """A session with the recovery codes of the factor that opened it."""


class SecondFactorView(BaseModel):
    """The caller's second factor."""

    active: bool = Field(description="Whether there is a confirmed one.")
    required: bool = Field(description="Whether the tenant asks for one.")
    recovery_codes_left: int = Field(description="Recovery codes not used yet.", examples=[10])


class SecuritySettingsView(BaseModel):
    """How people of the tenant must log in."""

    version: int
    second_factor: SecondFactorPolicy = Field(description="Who needs a second factor.")


class OidcProviderView(BaseModel):
    """The tenant's OpenID provider, without its secret."""

    version: int
    issuer: str = Field(
        description="The provider's own name.", examples=["https://login.example.com"]
    )
    client_id: str = Field(
        description="As the provider knows this product.", examples=["sales-launch"]
    )
    allowed_domains: list[str] = Field(
        description="Domains of e-mails by which accounts are found.", examples=[["example.com"]]
    )
    enabled: bool = Field(description="Whether people may log in there.")
    redirect_uri: str = Field(
        description="The address that the provider must allow.",
        examples=["https://sales.example.com/api/v1/auth/oidc/019a9f5e/callback"],
    )


class KeyView(BaseModel):
    """An API key without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    created_by: UUID
    created_at: Moment
    owner_id: UUID = Field(description="The admin with whom the key ends.")
    expires_at: Moment = Field(description="When the key ends by itself.")
    last_used_at: Moment | None = Field(
        description="When it was used last, to the minute; null: never."
    )
    room_ids: list[UUID] = Field(description="The rooms whose requests it registers.")
    addresses: list[str] = Field(
        description="Networks from which it may be used; empty: from everywhere."
    )


class NewKeyView(KeyView):
    """An API key with its secret, which is shown this once."""

    secret: str


class AuditEntryView(BaseModel):
    """What one request did, or was refused; ids and codes, nothing that identifies a person but the
    address that it came from.
    """

    id: UUID
    at: Moment = Field(description="When the request ended.")
    actor_kind: AuditActorKind = Field(description="Who did it.")
    actor_id: UUID | None = Field(
        description="The employee or the API key; null for the operator and for strangers."
    )
    session_id: UUID | None = Field(description="The log-in that the request belongs to.")
    operation: str = Field(description="The operation's id.", examples=["change_employee"])
    target: str = Field(description="What `target_ids` are ids of.", examples=["employee"])
    target_ids: list[UUID] = Field(description="Whom or what it concerned.")
    outcome: AuditOutcome = Field(description="How it ended.")
    status: int = Field(description="The HTTP status of the answer.", examples=[200])
    code: str | None = Field(description="The refusal's code; null unless it was refused.")
    address: str = Field(description="The address that it came from.", examples=["203.0.113.7"])
    user_agent: str = Field(description="As the client named itself.", examples=["Mozilla/5.0"])
    request_id: str = Field(
        description="The trace that logs name, `X-Trace-Id` of the answer.",
        examples=["019a9f5e7b6a7c3e9f553f6d1c0b8a21"],
    )
    details: dict[str, Any] = Field(
        description="Names of the fields that came, and the values that are codes or ids.",
        examples=[{"fields": ["roles"], "roles": ["head"]}],
    )


class AdminView(BaseModel):
    """The tenant's first admin."""

    employee_id: UUID


class TenantView(BaseModel):
    """A provisioned tenant."""

    id: UUID
    short_name: Annotated[
        str,
        Field(
            description="What people name the tenant by where their e-mail is not enough.",
            examples=["kholding"],
        ),
    ]
    admin: AdminView


class InvitationView(BaseModel):
    """An invitation to choose a password; `link` and `token` are null where it went by e-mail."""

    expires_at: Annotated[Moment, Field(description="When the link expires.")]
    sent: Annotated[bool, Field(description="Whether it went to the employee by e-mail.")]
    link: Annotated[
        str | None,
        Field(
            description="To be handed to the employee; null where it went by e-mail.",
            examples=["https://sales.example.com/password#b3BhcXVlLXRva2Vu"],
        ),
    ]
    token: Annotated[
        str | None,
        Field(
            description="What `POST /auth/password` takes; null where it went by e-mail.",
            examples=["b3BhcXVlLXRva2Vu"],
        ),
    ]


class NamedAdminView(BaseModel):
    """The employee who is now an admin of the tenant."""

    id: UUID
    name: str
    email: str
    roles: list[Role]
    active: bool


class NamedView(BaseModel):
    """A room or a company; its name is null while the directory does not answer."""

    id: UUID
    name: str | None


class MeView(BaseModel):
    """The caller; rooms and companies are those that they may work with, `headed_room_ids` the
    rooms that they head.

    What could not be had is named in `missing`.
    """

    employee_id: UUID
    tenant_id: UUID
    tenant_short_name: Annotated[
        str,
        Field(
            description="What people name the tenant by where their e-mail is not enough.",
            examples=["kholding"],
        ),
    ]
    name: str
    email: str | None
    roles: list[str]
    rooms: list[NamedView]
    companies: list[NamedView]
    headed_room_ids: list[UUID] = []
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
