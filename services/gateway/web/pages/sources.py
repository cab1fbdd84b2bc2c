"""Источники: which advertising pays? Requests, won, receipts, cost and return by source."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from shared.clock import local_day

router = PageRouter()
_MONTHS = 3
_NOTHING = Decimal("0.00")


@router.get("/sources")
async def show_sources(request: PageRequest, problem: Problem | None = None) -> Response:
    """The report on a period, and its months; what has no cost in it is said."""
    first_on, last_on = await _days(request)
    where = {
        "from": first_on,
        "to": last_on,
        "room_id": request.query.get("room"),
        "company_id": request.query.get("company"),
    }
    report, months, profile = await asyncio.gather(
        request.api.read("/reports/sources", **where),
        request.api.read_or_none("/reports/sources", **where, group="month"),
        request.profile(),
    )
    directory = await request.directory()
    return await request.show(
        "sources/page.html",
        problem=problem,
        report=report,
        trend=_trend(months),
        first_on=first_on,
        last_on=last_on,
        without_cost=[row for row in report["rows"] if row["source"] and not row["cost"]],
        enters=profile.has("marketer", "admin"),
        rooms=profile.known_rooms(directory),
        companies=directory.listed_companies,
        typed=request.form,
    )


@router.post("/sources/costs")
async def add_cost(request: PageRequest) -> Response:
    """Enters what a source cost in some days."""
    form, directory = request.form, await request.directory()
    body: dict[str, Any] = {
        "amount": forms.money(form, "amount", directory.currency),
        **forms.filled(form, "first_on", "last_on", "company_id", "room_id", "note"),
    }
    try:
        await request.act("POST", f"/sources/{form.get('source_id', '-')}/costs", body)
    except Refused as refused:
        return await show_sources(request, refused.problem)
    return request.redirect("/sources")


@router.get("/sources/conversions.csv")
async def export_conversions(request: PageRequest) -> Response:
    """Offline conversions for advertising systems, as a file."""
    first_on, last_on = await _days(request)
    query = {"from": first_on, "to": last_on, "targets": request.query.get("targets")}
    return request.file(await request.api.response("/reports/offline-conversions", **query))


async def _days(request: PageRequest) -> tuple[str, str]:
    """The days of the address, else the last three months."""
    zone = (await request.directory()).zone
    last_on = request.query.get("to") or local_day(request.now, zone).isoformat()
    if first_on := request.query.get("from"):
        return first_on, last_on
    try:
        day = date.fromisoformat(last_on)
    except ValueError:
        return last_on, last_on
    for _ in range(_MONTHS - 1):
        day = day.replace(day=1) - timedelta(days=1)
    return day.replace(day=1).isoformat(), last_on


def _trend(report: Any) -> list[dict[str, Any]]:
    """Receipts and cost of each month in the currency that most rows have; bars are of 100."""
    if not report:
        return []
    months: dict[str, dict[str, Any]] = {
        period["first_on"]: {
            "month": period["first_on"][:7],
            "receipts": _NOTHING,
            "cost": _NOTHING,
        }
        for period in report["periods"]
    }
    currency = ""
    for row in report["rows"]:
        month = months.get(row["period"]["first_on"])
        for name in ("receipts", "cost"):
            for money in row[name]:
                currency = currency or money["currency"]
                if month and money["currency"] == currency:
                    month[name] += Decimal(money["amount"])
    parts = ("receipts", "cost")
    largest = max((month[part] for month in months.values() for part in parts), default=_NOTHING)
    for month in months.values():
        month["currency"] = currency
        month["bars"] = {part: round(100 * month[part] / (largest or 1)) for part in parts}
    return list(months.values())
