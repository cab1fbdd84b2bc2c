"""Dependencies of routes: the application's parts, and the admitted request's context."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from services.gateway.accounts.audit import AuditTrail
from services.gateway.accounts.callers import Callers
from services.gateway.accounts.log_in import LogIn
from services.gateway.accounts.mail import Mailer
from services.gateway.accounts.oidc import OutsideLogIn
from services.gateway.accounts.oidc_client import OidcClient
from services.gateway.accounts.origin import Origin
from services.gateway.accounts.password_changes import PasswordChanges
from services.gateway.accounts.password_links import PasswordLinks
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.second_factor import SecondFactors
from services.gateway.accounts.sessions import Sessions
from services.gateway.accounts.throttle import Throttle
from services.gateway.edge.context import RequestContext, context_of
from services.gateway.edge.openapi import Document
from services.gateway.edge.upstream import Upstreams
from services.gateway.live.hub import Hub
from services.gateway.live.stream_limits import StreamLimits
from services.gateway.metrics import GatewayMetrics
from services.gateway.read_models.activity_cache import ActivityCache
from services.gateway.read_models.generations import Generations
from services.gateway.reminders.push import VapidKey
from services.gateway.reminders.telegram import MessengerLinks, TelegramBot
from services.gateway.settings import GatewaySettings
from shared.db import Database
from shared.secret_box import SecretBox
from shared.tenancy import Caller
from shared.versions import CHANGES, HEADER, versions_in
from shared.web.permissions import permission_of
from shared.web.query import parameters

Model = TypeVar("Model", bound=BaseModel)
QueryModel = TypeVar("QueryModel", bound=BaseModel)
_LONGEST_CACHED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiParts:
    """The parts of the gateway that its own answers are made with."""

    settings: GatewaySettings
    metrics: GatewayMetrics
    database: Database
    upstreams: Upstreams
    generations: Generations
    activity_cache: ActivityCache
    audit: AuditTrail
    callers: Callers
    passwords: Passwords
    throttle: Throttle
    log_in: LogIn
    password_changes: PasswordChanges
    mailer: Mailer
    vapid_key: VapidKey | None
    telegram: TelegramBot | None
    messenger_links: MessengerLinks | None
    password_links: PasswordLinks
    sessions: Sessions
    box: SecretBox
    second_factors: SecondFactors
    oidc_client: OidcClient
    outside_log_in: OutsideLogIn
    hub: Hub
    stream_limits: StreamLimits
    document: Document


def _parts_of(request: Request) -> ApiParts:
    parts: ApiParts = request.app.state.parts
    return parts


def _context_of(request: Request) -> RequestContext:
    return context_of(request.scope)


def _caller_of(request: Request) -> Caller:
    """The caller, if the table of permissions lets them call this route, with the versions that
    `If-Match` names. Raises `Forbidden`, `Invalid`.
    """
    context = context_of(request.scope)
    caller = context.require_caller()
    permission_of(request.method, request.scope["route"].path).check(caller)
    if_match = context.headers.get(HEADER.lower())
    if if_match is None or request.method not in CHANGES:
        return caller
    return replace(caller, expected_versions=versions_in(if_match))


def _admin_of(request: Request) -> Caller:
    caller = _caller_of(request)
    caller.require("admin")
    return caller


def _origin_of(request: Request) -> Origin:
    return Origin.of(request)


Parts = Annotated[ApiParts, Depends(_parts_of)]
Context = Annotated[RequestContext, Depends(_context_of)]
AnyCaller = Annotated[Caller, Depends(_caller_of)]
Admin = Annotated[Caller, Depends(_admin_of)]
From = Annotated[Origin, Depends(_origin_of)]


def parsed_query(model: type[QueryModel], query: str) -> QueryModel:
    """The parameters of an encoded query. Raises `RequestValidationError`, as FastAPI would.

    A short query is parsed once: callers send the same again and again.
    """
    return _parse(model, query) if len(query) > _LONGEST_CACHED else _parse_once(model, query)


def _parse(model: type[QueryModel], query: str) -> QueryModel:
    try:
        fields = model.model_fields.items()
        pairs = parameters(query, {field.alias or name for name, field in fields})
        return model.model_validate({name: value for name, value in pairs if value})
    except ValidationError as error:
        raise _malformed("query", error) from None


_parse_once = lru_cache(maxsize=4096)(_parse)


def parsed_body(model: type[Model], body: bytes) -> Model:
    """A JSON body. Raises `RequestValidationError`, as FastAPI would."""
    try:
        return model.model_validate_json(body or b"null")
    except ValidationError as error:
        raise _malformed("body", error) from None


def _malformed(place: str, error: ValidationError) -> RequestValidationError:
    return RequestValidationError(
        [{**item, "loc": (place, *item["loc"])} for item in error.errors()]
    )
