"""Добавить: is this client free? Contacts first, checked blindly while they are typed."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
Json = dict[str, Any]
REMEMBERED = "sales_new"
_LINES = 5
_ALL = 200


@router.get("/activities/new")
async def show_form(
    request: PageRequest, problem: Problem | None = None, client_check: Any = None
) -> Response:
    """The form; the source is that of the last time."""
    products, sources = await asyncio.gather(
        request.api.read("/products", limit=_ALL), request.api.read("/sources", limit=_ALL)
    )
    profile = await request.profile()
    source_id = request.browser.cookies.get(REMEMBERED, "")
    typed = {"source_id": source_id, **request.query, **request.form}
    lines = [(line["product_id"], line["quantity"]) for line in _lines(request)]
    return await request.show(
        "new/page.html",
        problem=problem,
        typed=typed,
        lines=[*lines, *[("", 1)] * _LINES][:_LINES],
        companies=profile.companies,
        products=_by_company(products["items"], profile.companies),
        sources=[(source["id"], source["name"]) for source in sources["items"]],
        client_check=client_check,
    )


@router.post("/activities/new/check")
async def check_client(request: PageRequest) -> Response:
    """What is known of the client whose contact is being typed."""
    contact = forms.contact(request.form.get("who", ""))
    client_check, problem = None, None
    if contact:
        body = {"room_id": await request.room_id(), "company_id": await _company(request)}
        try:
            client_check = await request.api.send("POST", "/clients/check", {**body, **contact})
        except Refused as refused:
            # A number that is not whole yet is no mistake.
            problem = refused.problem if refused.problem.status != 422 else None
    if not request.wants_fragment:
        return await show_form(request, problem, client_check)
    return await request.show(
        "new/page.html", block="client_check", client_check=client_check, problem=problem
    )


@router.post("/activities/new")
async def add(request: PageRequest) -> Response:
    """Registers the activity; taken at once, with its next step, where that is wanted."""
    form = request.form
    try:
        activity = await request.act("POST", "/activities", await _body(request))
    except Refused as refused:
        return await show_form(request, refused.problem)
    request.browser.set_cookie(REMEMBERED, form.get("source_id", ""))
    path = f"/activities/{activity['id']}"
    step = forms.next_step(form, (await request.directory()).zone_of(activity["company_id"]))
    if step and activity["responsible_id"] == str(request.caller.employee_id):
        try:
            await request.act("POST", f"{path}/interactions", {"kind": "call", **step})
        except Refused:
            path = f"{path}?open=talk"
    return request.leave_for("/activities/new" if "again" in form else path)


async def _body(request: PageRequest) -> Json:
    form = request.form
    contact = forms.contact(form.get("who", ""))
    kind = "person" if len(contact.get("inn", "")) == len("770123456789") else "organization"
    return {
        "company_id": await _company(request),
        "room_id": await request.room_id(),
        "client": {
            "name": form.get("name", ""),
            "kind": form.get("kind") or kind,
            "large": form.get("large") == "on",
            **contact,
        },
        "source_id": form.get("source_id") or None,
        "products": _lines(request),
        "take": form.get("take") == "on",
        **forms.filled(form, "note"),
    }


def _lines(request: PageRequest) -> list[Json]:
    """The products that were chosen."""
    rows = zip(request.form_values("product_id"), request.form_values("quantity"), strict=False)
    return [
        {"product_id": product_id, "quantity": forms.number(quantity) if quantity else 1}
        for product_id, quantity in rows
        if product_id
    ]


async def _company(request: PageRequest) -> str:
    """The company that was chosen, else that of the first product."""
    if chosen := request.form.get("company_id"):
        return chosen
    companies = [company["id"] for company in (await request.profile()).companies]
    if first_chosen := request.form_list("product_id")[:1]:
        products = (await request.api.read("/products", limit=_ALL))["items"]
        sold_by = [item["company_id"] for item in products if item["id"] in first_chosen]
        companies = sold_by or companies
    return companies[0] if companies else ""


def _by_company(
    products: Sequence[Json], companies: Sequence[Json]
) -> list[tuple[str, list[Json]]]:
    """The active products of each company, by its name."""
    return [
        (
            company["name"],
            [item for item in products if item["active"] and item["company_id"] == company["id"]],
        )
        for company in companies
    ]
