"""Passwords that people choose for themselves: with the old one, or by a one-time link."""

from fastapi import APIRouter, Response

from services.gateway.api.dependencies import AnyCaller, Context, From, Parts
from services.gateway.api.requests import ChosenPassword, PasswordChange, PasswordReset
from shared.text import canonical_email
from shared.web.language import negotiated

router = APIRouter(tags=["accounts"])


@router.post("/me/password", status_code=204)
async def change_own_password(
    change: PasswordChange, caller: AnyCaller, context: Context, origin: From, parts: Parts
) -> Response:
    """Change my password; my other sessions end."""
    await parts.password_changes.change_own(
        caller, context.session_id, change.old_password, change.new_password, origin
    )
    return Response(status_code=204)


@router.post("/auth/password-reset", status_code=204)
async def request_password_reset(
    reset: PasswordReset, context: Context, origin: From, parts: Parts
) -> Response:
    """Ask for a link to choose another password, sent by e-mail.

    The response is the same whether there is an account or not.
    """
    await parts.throttle.count_reset(origin.network)
    language = negotiated(context.headers.get("accept-language", ""))
    parts.password_links.ask(canonical_email(reset.username), reset.tenant, language)
    return Response(status_code=204)


@router.post("/auth/password", status_code=204)
async def choose_password(chosen: ChosenPassword, origin: From, parts: Parts) -> Response:
    """Choose a password by the token of an invitation or a reset; every session ends.

    The token works once; a password that is refused leaves it as it is.
    """
    await parts.password_changes.redeem(chosen.token, chosen.password, origin)
    return Response(status_code=204)
