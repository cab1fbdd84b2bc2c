"""План на прошлых месяцах: what would it have paid, and to whom, beside what was paid?"""

from starlette.responses import Response

from services.gateway.web.pages.plans import show_plan
from services.gateway.web.problems import Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.post("/plans/{plan_id}/simulate")
async def simulate(request: PageRequest) -> Response:
    """Starts a simulation of the typed months."""
    path = f"/motivation/plans/{request.ids['plan_id']}/simulate"
    months = {name: request.form[name] for name in ("from", "to") if request.form.get(name)}
    try:
        job = await request.act("POST", path, months)
    except Refused as refused:
        return await show_plan(request, refused.problem)
    return request.redirect(f"/plans/{request.ids['plan_id']}/simulations/{job['id']}")


@router.get("/plans/{plan_id}/simulations/{simulation_id}")
async def show_simulation(request: PageRequest) -> Response:
    """A simulation in total, by employee and by month, live until it is through."""
    path = f"/motivation/plans/{request.ids['plan_id']}/simulations"
    simulation = await request.api.read(f"{path}/{request.ids['simulation_id']}")
    return await request.show("plans/simulation.html", simulation=simulation)
