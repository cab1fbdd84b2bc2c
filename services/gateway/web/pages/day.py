"""Мой день: what now, what have I earned? Who does not sell is led to their own first screen."""

from starlette.responses import Response

from services.gateway.web.menu import home_of
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.get("/")
async def show_day(request: PageRequest) -> Response:
    """Leads on to the first screen of the caller's roles."""
    return request.redirect(home_of(request.caller.roles, request.parts.paths))
