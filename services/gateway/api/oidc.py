"""Logging in at the tenant's own OpenID provider, and setting it up; off unless an admin does."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Response
from fastapi.responses import RedirectResponse

from services.gateway.accounts.oidc import STATE_SECONDS, purpose
from services.gateway.accounts.secret_commands import SecretCommand
from services.gateway.api.dependencies import Admin, ApiParts, Context, From, Parts
from services.gateway.api.requests import OidcProvider
from services.gateway.api.responses import OidcProviderView, SessionView, session_fields
from services.gateway.storage import oidc
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import TenantId
from shared.text import Storable
from shared.versions import differing, stale
from shared.web.responses import tagged

router = APIRouter(tags=["accounts"])
_COOKIE = "sales_oidc"
_COOKIE_PATH = "/api/v1/auth/oidc"


@router.get(
    "/auth/oidc/{tenant}/start",
    status_code=302,
    response_class=RedirectResponse,
    responses={302: {"description": "To the provider", "content": {}}},
)
async def start_outside_log_in(tenant: Storable, parts: Parts) -> Response:
    """Log in at the tenant's provider: a redirect to it. `tenant` is a short name or an id."""
    started = await parts.outside_log_in.start(tenant)
    response = RedirectResponse(started.location, 302)
    response.set_cookie(
        _COOKIE,
        started.cookie,
        max_age=STATE_SECONDS,
        path=_COOKIE_PATH,
        secure=parts.outside_log_in.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/auth/oidc/{tenant}/callback")
async def finish_outside_log_in(
    tenant: Storable,
    origin: From,
    parts: Parts,
    response: Response,
    state: Annotated[Storable, Query(max_length=2000, description="As the start gave it.")],
    code: Annotated[
        Storable,
        Query(max_length=4000, description="What the provider answers; empty: refused there."),
    ] = "",
    sales_oidc: Annotated[str, Cookie(max_length=100, include_in_schema=False)] = "",
) -> SessionView:
    """Where the provider sends the browser back: the session.

    The account is found by the link from before, or by an e-mail that the provider has verified.
    """
    session = await parts.outside_log_in.finish(tenant, code, state, sales_oidc, origin)
    response.delete_cookie(_COOKIE, path=_COOKIE_PATH)
    return SessionView(**session_fields(session))


@router.get("/security/oidc")
async def get_oidc_provider(caller: Admin, parts: Parts, response: Response) -> OidcProviderView:
    """The tenant's provider, without its secret."""
    async with parts.database.begin(caller) as tx:
        row = await oidc.get(tx)
    if row is None:
        raise NotFound("provider")
    return _provider_view(parts, caller.tenant_id, row, response)


@router.put("/security/oidc")
async def set_oidc_provider(
    caller: Admin, provider: OidcProvider, context: Context, parts: Parts, response: Response
) -> OidcProviderView:
    """Let people of the tenant log in at its provider, whose addresses it must answer for."""
    key = parts.settings.operator_key.get_secret_value()
    command = SecretCommand.of(caller, key, context.headers, "PUT /security/oidc", context.body)
    if command:
        await command.require_first(parts.database)
    await parts.oidc_client.metadata(provider.issuer)
    sealed = parts.box.seal(provider.client_secret.encode(), purpose(caller.tenant_id))
    sent = provider.model_dump(exclude={"client_secret"})
    async with parts.database.begin(caller) as tx:
        before = await oidc.lock(tx)
        version = before["version"] if before else 0
        if not tx.expects(version):
            raise stale(version, differing(before or {}, sent))
        row = await oidc.put(tx, {**sent, "client_secret": sealed}, before)
        view = _provider_view(parts, caller.tenant_id, row, response)
        if command:
            await command.respond(tx, view.model_dump_json().encode())
    return view


@router.delete("/security/oidc", status_code=204)
async def remove_oidc_provider(caller: Admin, parts: Parts) -> Response:
    """Remove the provider and who was who there; sessions that it opened stay."""
    async with parts.database.begin(caller) as tx:
        if not await oidc.remove(tx):
            raise NotFound("provider")
    return Response(status_code=204)


def _provider_view(
    parts: ApiParts, tenant_id: TenantId, row: Row, response: Response
) -> OidcProviderView:
    shown = {name: row[name] for name in OidcProviderView.model_fields if name in row}
    view = OidcProviderView(**shown, redirect_uri=_redirect_uri(parts, tenant_id))
    return tagged(response, view)


def _redirect_uri(parts: ApiParts, tenant_id: TenantId) -> str:
    return parts.outside_log_in.redirect_uri(tenant_id)
