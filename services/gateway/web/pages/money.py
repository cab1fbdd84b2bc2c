"""Платежи: what came and isn't matched, what do sellers claim? Confirm, match, upload a file."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web import forms
from services.gateway.web.finding import find
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.undoing import Undo

router = PageRouter()
_PATH = "/money"
_CLOSED: Mapping[str, Any] = {"for": None, "find": None}
"""Of the address: nothing opened, nothing searched for."""
_SHOWN = 50
_BINARY = "application/octet-stream"
CLAIMED_DEEDS = {"confirm": (), "strike": ("reason",)}
CAME_DEEDS = {"set-aside": ("reason",), "undo": ("reason",), "restore": ()}


@router.get("/money")
async def show_money(request: PageRequest, problem: Problem | None = None) -> Response:
    """What waits for a person: payments claimed and payments that came, and the bank's files."""
    company_id, after = request.query.get("company"), request.query.get("after")
    state = request.query.get("state", "unmatched")
    wanted = request.form.get("find") or request.query.get("find", "")
    claimed, came, statements, found = await asyncio.gather(
        request.api.read_or_none("/payments", state="claimed", company_id=company_id, limit=_SHOWN),
        request.api.read_or_none(
            "/inbound/payments", state=state, company_id=company_id, cursor=after, limit=_SHOWN
        ),
        request.api.read_or_none("/bank-statements"),
        find(request, "/activities", wanted),
    )
    directory = await request.directory()
    return await request.show(
        "money/page.html",
        problem=problem,
        claimed=claimed,
        came=came,
        statements=statements,
        companies=directory.listed_companies,
        company_choices=[(each["id"], each["name"]) for each in directory.listed_companies],
        state=state,
        opened_id=next(iter(request.ids.values()), None) or request.query.get("for"),
        wanted=wanted,
        found=found,
        typed=request.form,
        filters=_address(request).removeprefix(_PATH),
        more=request.link(_PATH, after=came["next_cursor"]) if came else "",
    )


@router.post("/money/claimed/{activity_id}/{payment_id}/{claimed_deed}")
async def decide_claimed(request: PageRequest) -> Response:
    """Confirms what a seller entered, or strikes it out with a reason."""
    ids = request.ids
    if ids["claimed_deed"] not in CLAIMED_DEEDS:
        raise PathNotFound("path")
    path = f"/activities/{ids['activity_id']}/payments/{ids['payment_id']}/{ids['claimed_deed']}"
    return await _act(
        request, path, forms.filled(request.form, *CLAIMED_DEEDS[ids["claimed_deed"]]) or None
    )


@router.post("/money/came/{inbound_payment_id}/match")
async def match(request: PageRequest) -> Response:
    """Books a payment that came: by the suggestion that was pressed, or on an activity by hand."""
    path = f"/inbound/payments/{request.ids['inbound_payment_id']}"
    form = request.form
    if form.get("activity_id"):
        currency = form.get("currency", "")
        shares = [
            {
                **forms.filled(form, "activity_id", "invoice_id"),
                "amount": forms.money(form, "amount", currency),
            }
        ]
    else:
        payment = await request.api.read(path)
        shares = _suggested(payment, form.get("suggestion", ""))
    return await _act(request, f"{path}/match", {"shares": shares})


@router.post("/money/came/{inbound_payment_id}/{came_deed}")
async def decide_came(request: PageRequest) -> Response:
    """Puts a payment aside, takes a booking back, or lets it wait again."""
    deed = request.ids["came_deed"]
    if deed not in CAME_DEEDS:
        raise PathNotFound("path")
    id_ = request.ids["inbound_payment_id"]
    body = forms.filled(request.form, *CAME_DEEDS[deed]) or None
    restore = request.link(f"{_PATH}/came/{id_}/restore", **_CLOSED)
    undo = Undo("set_aside", restore) if deed == "set-aside" else None
    return await _act(request, f"/inbound/payments/{id_}/{deed}", body, undo)


@router.post("/money/statements")
async def upload(request: PageRequest) -> Response:
    """Takes up a bank file: it is read as a job, and what is sure can then be booked."""
    fields = await request.files()
    file = fields.get("file")
    if file is None or isinstance(file, str):
        return request.redirect(_address(request))
    try:
        statement = await request.api.upload(
            "/bank-statements",
            await file.read(),
            _BINARY,
            **forms.filled({"company_id": str(fields.get("company_id", ""))}, "company_id"),
            filename=file.filename or "",
        )
    except Refused as refused:
        return await show_money(request, refused.problem)
    return request.leave_for(f"/money/statements/{statement['id']}")


@router.get("/money/statements/{statement_id}")
async def show_statement(request: PageRequest, problem: Problem | None = None) -> Response:
    """A bank's file: what is sure, suggested, and open; its control totals."""
    path = f"/bank-statements/{request.ids['statement_id']}"
    statement, lines = await asyncio.gather(
        request.api.read(path),
        request.api.read_or_none(
            f"{path}/lines",
            state=request.query.get("state"),
            cursor=request.query.get("after"),
            limit=_SHOWN,
        ),
    )
    return await request.show(
        "money/statement.html", problem=problem, statement=statement, lines=lines
    )


@router.post("/money/statements/{statement_id}/book")
async def book_sure(request: PageRequest) -> Response:
    """Books everything of a file that is sure, as a job."""
    try:
        job = await request.act("POST", f"/bank-statements/{request.ids['statement_id']}/book")
    except Refused as refused:
        return await show_statement(request, refused.problem)
    return request.redirect(f"/jobs/{job['id']}")


async def _act(request: PageRequest, path: str, body: Any, undo: Undo | None = None) -> Response:
    try:
        await request.act("POST", path, body)
    except Refused as refused:
        return await show_money(request, refused.problem)
    return request.redirect(_address(request), undo)


def _address(request: PageRequest) -> str:
    """The list as it is filtered, with nothing opened or searched for."""
    return request.link(_PATH, **_CLOSED)


def _suggested(payment: dict[str, Any], number: str) -> list[dict[str, Any]]:
    suggestions = payment["suggestions"]
    if not number.isdecimal() or int(number) >= len(suggestions):
        return []
    names = ("activity_id", "invoice_id", "amount")
    return [{name: share[name] for name in names} for share in suggestions[int(number)]["shares"]]
