"""Logging in and out, open to everybody, so slowed down for those who guess; and the sessions that
the caller has open.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Response

from services.gateway.accounts.sessions import Session
from services.gateway.api.dependencies import AnyCaller, Context, From, Parts
from services.gateway.api.requests import RefreshToken, ShortName
from services.gateway.api.responses import OpenSessionView, SessionView
from shared.text import Storable, Text, canonical_email
from shared.web.responses import Page

router = APIRouter(tags=["accounts"])


@router.post("/auth/token")
async def log_in(
    origin: From,
    parts: Parts,
    username: Annotated[Text, Form(max_length=320)],
    password: Annotated[Storable, Form(max_length=500)],
    tenant: Annotated[
        ShortName | None,
        Form(description="The tenant's short name; needed only after 409 `tenant_required`."),
    ] = None,
    grant_type: Annotated[Literal["password"] | None, Form()] = None,
) -> SessionView:
    """Log in with an e-mail and a password.

    401 for a wrong pair, 429 `rate_limited` after five of them; 409 `tenant_required` where it is
    right in several tenants, with their short names.
    """
    email = canonical_email(username)
    return _view(await parts.log_in.by_password(email, password, tenant, origin))


@router.post("/auth/refresh")
async def refresh_session(token: RefreshToken, parts: Parts) -> SessionView:
    """The next pair of tokens.

    A refresh token that comes again within half a minute gets the same next one; later it ends the
    session.
    """
    return _view(await parts.sessions.refresh(token.refresh_token))


@router.post("/auth/logout", status_code=204)
async def log_out(token: RefreshToken, parts: Parts) -> Response:
    """End a session: neither of its tokens is worth anything from now on."""
    await parts.sessions.log_out(token.refresh_token)
    return Response(status_code=204)


@router.get("/me/sessions")
async def list_own_sessions(
    caller: AnyCaller, context: Context, parts: Parts
) -> Page[OpenSessionView]:
    """Where I am logged in, the last used first."""
    rows = await parts.sessions.of(caller)
    items = [OpenSessionView(current=row["id"] == context.session_id, **row) for row in rows]
    return Page[OpenSessionView](items=items, next_cursor=None)


@router.delete("/me/sessions/{session_id}", status_code=204)
async def end_own_session(caller: AnyCaller, session_id: UUID, parts: Parts) -> Response:
    """End one of my sessions, its open streams included."""
    await parts.sessions.end(caller, session_id)
    return Response(status_code=204)


@router.delete("/me/sessions", status_code=204)
async def end_own_sessions(caller: AnyCaller, parts: Parts) -> Response:
    """Log me out everywhere, here as well."""
    await parts.sessions.end_all(caller)
    return Response(status_code=204)


def _view(session: Session) -> SessionView:
    return SessionView(
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        expires_in=session.expires_in,
    )
