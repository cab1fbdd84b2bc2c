"""Себестоимость: what does a piece of a product cost, from which day on?"""

import asyncio

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 20


@router.get("/directory/products/{product_id}/costs")
async def show_costs(request: PageRequest, problem: Problem | None = None) -> Response:
    """The costs by day, the newest first, and who changed them."""
    path = f"/products/{request.ids['product_id']}"
    product, costs, history, profile = await asyncio.gather(
        request.api.read(path),
        request.api.read(f"{path}/costs"),
        request.api.read(f"{path}/costs/history", limit=_SHOWN),
        request.profile(),
    )
    return await request.show(
        "directory/costs.html",
        problem=problem,
        product=product,
        costs=list(reversed(costs["costs"])),
        changes=history["items"],
        enters=profile.has("accountant", "admin"),
        typed=request.form,
    )


@router.post("/directory/products/{product_id}/costs")
async def set_cost(request: PageRequest) -> Response:
    """Says what a piece costs from a day on, or takes the cost of a day off."""
    path, form = f"/products/{request.ids['product_id']}", request.form
    product = await request.api.read(path)
    cost = forms.money(form, "cost", product["price"]["currency"])
    body = {
        "effective_from": form.get("remove") or form.get("effective_from", ""),
        "cost": None if "remove" in form else cost,
    }
    try:
        await request.act("PUT", f"{path}/costs", body)
    except Refused as refused:
        return await show_costs(request, refused.problem)
    return request.redirect(f"/directory{path}/costs")
