"""Bodies of the gateway's own routes."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.gateway.accounts.passwords import Password
from services.gateway.accounts.scopes import Scope
from services.gateway.domain import short_names
from shared.clock import TimeZone
from shared.ids import EmployeeId
from shared.networks import canonical_network
from shared.rules import rule_broken
from shared.text import Email, Line, Name, Storable, Text
from shared.vocabulary import SecondFactorPolicy


def _network(text: str) -> str:
    try:
        return canonical_network(text)
    except ValueError:
        raise rule_broken("network") from None


Network = Annotated[str, Field(max_length=50), AfterValidator(_network)]
Flag = Annotated[bool, Field(strict=True)]
Secret = Annotated[Storable, Field(min_length=1, max_length=500)]

ShortName = Annotated[
    str,
    Field(
        min_length=short_names.SHORTEST,
        max_length=short_names.LONGEST,
        pattern=short_names.PATTERN,
        description="What people name the tenant by where their e-mail is not enough to log in.",
        examples=["kholding"],
    ),
]


class RefreshToken(BaseModel):
    """The token that continues or ends a log-in."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Secret


class NewKey(BaseModel):
    """An API key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]
    expires_in_days: int = Field(
        365, strict=True, ge=1, le=1095, description="Days until the key ends by itself."
    )
    room_ids: Annotated[
        list[UUID],
        Field(
            max_length=20,
            description="The rooms whose requests an `inbound` key registers; without any, none.",
        ),
    ] = []
    addresses: Annotated[
        list[Network],
        Field(
            max_length=20,
            description="Networks from which the key may be used; empty: from everywhere.",
            examples=[["203.0.113.0/24"]],
        ),
    ] = []


class KeyHandOver(BaseModel):
    """The admin to whom a key is handed over."""

    model_config = ConfigDict(extra="forbid")

    admin_id: UUID = Field(description="The admin with whom the key ends from now on.")


class PasswordReset(BaseModel):
    """Somebody who forgot their password; `tenant` where the e-mail is to count in one only."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[Text, Field(max_length=320)]
    tenant: ShortName | None = None


class ChosenPassword(BaseModel):
    """A password chosen by a one-time link, whose token it uses up."""

    model_config = ConfigDict(extra="forbid")

    token: Secret
    password: Password


class PasswordChange(BaseModel):
    """The caller's own password, proved by the old one."""

    model_config = ConfigDict(extra="forbid")

    old_password: Secret
    new_password: Password


class ChallengeToken(BaseModel):
    """The challenge that a right password was answered with."""

    model_config = ConfigDict(extra="forbid")

    challenge: Annotated[
        Storable, Field(min_length=1, max_length=1000, description="As `POST /auth/token` gave it.")
    ]


class SecondFactorCode(BaseModel):
    """A code of the second factor."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[
        Storable,
        Field(
            min_length=6,
            max_length=40,
            description="Six digits of the authenticator, or a recovery code.",
            examples=["492039"],
        ),
    ]


class ChallengeAnswer(ChallengeToken, SecondFactorCode):
    """A challenge with its code."""


class OwnPassword(BaseModel):
    """The caller's password, asked again."""

    model_config = ConfigDict(extra="forbid")

    password: Annotated[
        Storable,
        Field(
            max_length=500, description="The present password.", examples=["correct horse battery"]
        ),
    ]


class SecuritySettings(BaseModel):
    """How people of the tenant must log in."""

    model_config = ConfigDict(extra="forbid")

    second_factor: SecondFactorPolicy = Field(description="Who needs a second factor.")


Domain = Annotated[
    str,
    Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", examples=["example.com"]),
]


class OidcProvider(BaseModel):
    """The tenant's OpenID provider."""

    model_config = ConfigDict(extra="forbid")

    issuer: Annotated[
        str,
        Field(
            max_length=500,
            pattern=r"^https?://[^\s?#]+$",
            description="The provider's own name, exactly as it says it.",
            examples=["https://login.example.com"],
        ),
    ]
    client_id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="As the provider knows this product.",
            examples=["sales-launch"],
        ),
    ]
    client_secret: Annotated[
        str,
        Field(
            min_length=1,
            max_length=500,
            pattern=r"^[\x21-\x7e]+$",
            description="Kept encrypted, never shown.",
            json_schema_extra={"writeOnly": True},
            examples=["a-secret-of-the-provider"],
        ),
    ]
    allowed_domains: Annotated[
        list[Domain],
        Field(
            min_length=1,
            max_length=50,
            description="Domains of e-mails by which accounts are found.",
        ),
    ]
    enabled: Flag = Field(True, description="Whether people may log in there.")


class NewAdmin(BaseModel):
    """The first employee of a tenant."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    email: Email
    password: Password


class NewTenant(BaseModel):
    """A tenant to be provisioned."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    time_zone: TimeZone
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    short_name: ShortName | None = None
    admin: NewAdmin


class NewTenantAdmin(BaseModel):
    """The employee who is to be an admin of a tenant that has none."""

    model_config = ConfigDict(extra="forbid")

    employee_id: EmployeeId


class NewAccount(BaseModel):
    """The part of a new employee that concerns the account; the directory judges the rest."""

    model_config = ConfigDict(extra="allow")

    name: Line
    email: Email
    password: Password | None = None


class AccountChange(BaseModel):
    """The part of a change to an employee that concerns the account."""

    model_config = ConfigDict(extra="allow")

    email: Email | None = None
    password: Password | None = None
    active: Flag | None = None
