"""Показатели на прошлом квартале: who would have lost which client, and what would not fit?"""

from starlette.responses import Response

from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.get("/room/what-if/{what_if_id}")
async def show_what_if(request: PageRequest) -> Response:
    """What was found, live until it is through."""
    found = await request.api.read(f"/motivation/what-if/{request.ids['what_if_id']}")
    return await request.show("room/what_if.html", found=found)
