"""Журнал: who did what, to whom, from where?"""

from starlette.responses import Response

from services.gateway.web.operations import OPERATIONS
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 100
_FILTERS = ("actor_id", "operation", "outcome", "target_id")


@router.get("/audit")
async def show_audit(request: PageRequest) -> Response:
    """The newest first, by person, operation and outcome."""
    filters = {name: request.query.get(name) for name in _FILTERS}
    page = await request.api.read(
        "/audit", **filters, cursor=request.query.get("after"), limit=_SHOWN
    )
    directory = await request.directory()
    people = [{"id": id_, "name": name} for id_, name in directory.employees.items()]
    return await request.show(
        "audit/page.html",
        page=page,
        people=sorted(people, key=lambda each: str(each["name"])),
        operations=OPERATIONS,
    )


@router.get("/audit/export")
async def export_audit(request: PageRequest) -> Response:
    """The same as a file."""
    filters = {name: request.query.get(name) for name in _FILTERS}
    return request.file(await request.api.response("/audit/export", **filters))
