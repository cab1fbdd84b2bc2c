"""Период: may I close? What stands in the way, totals by employee; close, approve, export."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web.catalogue import translations
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 200


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


@router.get("/periods")
async def show_periods(request: PageRequest) -> Response:
    """The months of a company, the newest first."""
    directory = await request.directory()
    companies = directory.listed_companies
    company_id = request.query.get("company") or (companies[0]["id"] if companies else None)
    page = await request.api.read(
        "/motivation/periods", company_id=company_id, cursor=request.query.get("after")
    )
    return await request.show(
        "periods/page.html", page=page, companies=companies, company=company_id
    )


@router.get("/periods/{company_id}/{period}")
async def show_period(request: PageRequest, problem: Problem | None = None) -> Response:
    """One month: the verdict, what blocks or warns, and each employee's total."""
    company_id, period = request.ids["company_id"], request.ids["period"]
    state, statements = await asyncio.gather(
        request.api.read(f"/motivation/periods/{period}", company_id=company_id),
        request.api.read_or_none(
            "/motivation/statements",
            company_id=company_id,
            period=period,
            cursor=request.query.get("after"),
            limit=_SHOWN,
        ),
    )
    profile = await request.profile()
    return await request.show(
        "periods/one.html",
        problem=problem,
        state=state,
        statements=statements,
        blocks=[each for each in state["findings"] if each["severity"] == "blocks"],
        warns=[each for each in state["findings"] if each["severity"] == "warns"],
        closes=profile.has("accountant", "admin"),
        is_admin=profile.has("admin"),
        typed=request.form,
        accepted=request.form_list("accept"),
    )


@router.get("/periods/{company_id}/{period}/statements")
async def export_statements(request: PageRequest) -> Response:
    """The month's statements as a file: CSV, XLSX, or the API's own JSON."""
    month = {"company_id": request.ids["company_id"], "period": request.ids["period"]}
    kind = request.query.get("format", "csv")
    if kind != "json":
        return request.file(await request.api.response("/exports/statements", **month, format=kind))
    items = await request.api.read_all("/motivation/statements", **month)
    return request.json_file({"items": items}, f"statements-{month['period']}.json")


@router.post("/periods/{company_id}/{period}/close")
async def close(request: PageRequest) -> Response:
    """Closes a month for ever: its name is typed, and each warning ticked."""
    form = request.form
    body: dict[str, Any] = {"accept": request.form_list("accept")}
    if form.get("reason"):
        body["reason"] = form["reason"]
    if form.get("confirm") != request.ids["period"]:
        return await show_period(request, _unconfirmed(request))
    return await _act(request, "close", body)


@router.post("/periods/{company_id}/{period}/approve")
async def approve(request: PageRequest) -> Response:
    """Approves a closed month for payroll."""
    return await _act(request, "approve", None)


def _unconfirmed(request: PageRequest) -> Problem:
    """The month that was typed is another one: nothing was closed."""
    say = translations(request.language).gettext
    period = request.ids["period"]
    return Problem(
        status=422,
        code="not_confirmed",
        title=say(_("The month was not closed")),
        detail=say(_("What you typed is not this month. What you ticked and wrote is kept.")),
        fields={"confirm": say(_("Type %(period)s, as it stands below")) % {"period": period}},
    )


async def _act(request: PageRequest, deed: str, body: Any) -> Response:
    company_id, period = request.ids["company_id"], request.ids["period"]
    path = f"/motivation/periods/{period}/{deed}?company_id={company_id}"
    try:
        await request.act("POST", path, body)
    except Refused as refused:
        return await show_period(request, refused.problem)
    return request.redirect(f"/periods/{company_id}/{period}")
