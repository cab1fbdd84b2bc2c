"""Logging in and out; API keys."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.accounts.scopes import Scope
from services.gateway.accounts.sessions import Session, Sessions
from services.gateway.accounts.tokens import digest, new_key
from services.gateway.edge.admission import caller_in
from services.gateway.storage import secrets
from shared.clock import Moment
from shared.db import Database
from shared.errors import NotFound
from shared.ids import new_id
from shared.tenancy import Caller
from shared.text import Line, Text
from shared.web.responses import Page

Secret = Annotated[str, Field(min_length=1, max_length=500)]


class SessionView(BaseModel):
    """A pair of tokens; `expires_in` seconds is the access token's life.

    The refresh token is good once.
    """

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- a kind, not a token
    expires_in: int


class RefreshToken(BaseModel):
    """What keeps a log-in going."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Secret


class NewKey(BaseModel):
    """An API key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]


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


def sessions_router(sessions: Sessions) -> APIRouter:
    """`/auth`: open to everybody, so slowed down for those who guess."""
    router = APIRouter(prefix="/api/v1/auth", tags=["accounts"])

    @router.post("/token", response_model=SessionView)
    async def log_in(
        request: Request,
        username: Annotated[Text, Form(max_length=320)],
        password: Annotated[str, Form(max_length=500)],
        grant_type: Annotated[Literal["password"] | None, Form()] = None,
    ) -> SessionView:
        """Log in with an e-mail and a password.

        401 for a wrong pair; 429 `rate_limited` after five of them.
        """
        address = request.client.host if request.client else "unknown"
        return _view(await sessions.log_in(username.strip().lower(), password, address))

    @router.post("/refresh", response_model=SessionView)
    async def refresh(token: RefreshToken) -> SessionView:
        """The next pair of tokens.

        A refresh token sent twice ends every token that came from the same log-in.
        """
        return _view(await sessions.refresh(token.refresh_token))

    @router.post("/logout", status_code=204)
    async def log_out(token: RefreshToken) -> Response:
        """End a log-in: its refresh token is worth nothing from now on."""
        await sessions.log_out(token.refresh_token)
        return Response(status_code=204)

    return router


def _view(session: Session) -> SessionView:
    return SessionView(
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        expires_in=session.expires_in,
    )


def keys_router(database: Database) -> APIRouter:
    """API keys of partners, payroll and BI; an admin's."""
    router = APIRouter(prefix="/api/v1/api-keys", tags=["accounts"])

    def admin(request: Request) -> Caller:
        caller = caller_in(request.scope)
        caller.require("admin")
        return caller

    @router.get("", response_model=Page[KeyView])
    async def keys(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: UUID | None = None,
    ) -> Page[KeyView]:
        """The keys that are valid, oldest first."""
        async with database.begin(admin(request)) as tx:
            rows = await secrets.keys(tx, cursor, limit + 1)
        items = [KeyView(**_shown(row)) for row in rows[:limit]]
        return Page[KeyView](
            items=items, next_cursor=str(items[-1].id) if len(rows) > limit else None
        )

    @router.post("", status_code=201, response_model=NewKeyView)
    async def make_key(request: Request, new: NewKey) -> NewKeyView:
        """Make a key.

        Its secret is in this answer and nowhere else; a repeated request makes another key.
        """
        caller = admin(request)
        key_id = new_id()
        secret = new_key(caller.tenant_id, key_id)
        async with database.begin(caller) as tx:
            await secrets.add_key(
                tx, key_id, new.name, sorted(set(new.scopes)), digest(secret), caller.employee_id
            )
            row = await secrets.key(tx, key_id)
        return NewKeyView(**_shown(row), secret=secret)

    @router.delete("/{key_id}", status_code=204)
    async def revoke_key(request: Request, key_id: UUID) -> Response:
        """Revoke a key: out within a second."""
        async with database.begin(admin(request)) as tx:
            if not await secrets.revoke_key(tx, key_id):
                raise NotFound("key")
        return Response(status_code=204)

    return router


def _shown(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "name", "scopes", "created_by", "created_at")}
