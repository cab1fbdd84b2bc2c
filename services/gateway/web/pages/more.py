"""Ещё: the whole menu, for a phone."""

from starlette.responses import Response

from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.get("/more")
async def show_more(request: PageRequest) -> Response:
    """Every screen of the caller's roles, the language and the way out."""
    return await request.show("more/page.html", theme_chosen=request.browser.theme)
