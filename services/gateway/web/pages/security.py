"""Вход сотрудников: who needs a second factor?"""

from starlette.responses import Response

from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
POLICIES = ("nobody", "admins", "everyone")


@router.get("/security")
async def show_security(request: PageRequest, problem: Problem | None = None) -> Response:
    """Who is asked for a second factor, from their next sign-in on."""
    settings = await request.api.read("/security")
    return await request.show(
        "directory/security.html", problem=problem, settings=settings, policies=POLICIES
    )


@router.post("/security")
async def change_security(request: PageRequest) -> Response:
    """Chooses who needs a second factor."""
    body = {"second_factor": request.form.get("second_factor", "")}
    try:
        await request.act("PUT", "/security", body, request.form.get("version"))
    except Refused as refused:
        return await show_security(request, refused.problem)
    return request.redirect("/security")
