"""Logging in and out: open to everybody, so slowed down for those who guess."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from services.gateway.accounts.sessions import Session
from services.gateway.api.dependencies import Parts
from services.gateway.api.requests import RefreshToken
from services.gateway.api.responses import SessionView
from shared.text import Text

router = APIRouter(prefix="/auth", tags=["accounts"])


@router.post("/token")
async def log_in(
    request: Request,
    parts: Parts,
    username: Annotated[Text, Form(max_length=320)],
    password: Annotated[str, Form(max_length=500)],
    grant_type: Annotated[Literal["password"] | None, Form()] = None,
) -> SessionView:
    """Log in with an e-mail and a password.

    401 for a wrong pair; 429 `rate_limited` after five of them.
    """
    address = request.client.host if request.client else "unknown"
    return _view(await parts.sessions.log_in(username.strip().lower(), password, address))


@router.post("/refresh")
async def refresh_session(token: RefreshToken, parts: Parts) -> SessionView:
    """The next pair of tokens.

    A refresh token sent twice ends every token that came from the same log-in.
    """
    return _view(await parts.sessions.refresh(token.refresh_token))


@router.post("/logout", status_code=204)
async def log_out(token: RefreshToken, parts: Parts) -> Response:
    """End a log-in: its refresh token is worth nothing from now on."""
    await parts.sessions.log_out(token.refresh_token)
    return Response(status_code=204)


def _view(session: Session) -> SessionView:
    return SessionView(
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        expires_in=session.expires_in,
    )
