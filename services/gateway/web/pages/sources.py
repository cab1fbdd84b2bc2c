"""Источники: which advertising pays? Requests, won, receipts, cost and return by source."""

import asyncio
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.charts import PARTS, bars_of, currency_of
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from shared.clock import local_day

router = PageRouter()
_MONTHS = 3
_LONGEST_EXPORT = timedelta(days=62)
"""What one file of conversions may cover: see `docs/api.md`."""
_CHARTED = 12
"""Sources that have bars; the table has them all."""


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
    currency = currency_of(report["rows"], directory.currency)
    sources = [row for row in report["rows"] if row["source"]]
    return await request.show(
        "sources/page.html",
        problem=problem,
        report=report,
        chart=bars_of(sources[:_CHARTED], currency),
        trend=bars_of(_months(months), currency),
        first_on=first_on,
        last_on=last_on,
        export_from=_export_from(first_on, last_on),
        without_cost=[row for row in sources if not row["cost"]],
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
    return request.redirect(request.back("/sources"))


@router.get("/sources/conversions.csv")
async def export_conversions(request: PageRequest) -> Response:
    """Offline conversions for advertising systems, as a file."""
    first_on, last_on = await _days(request)
    query = {
        "from": first_on,
        "to": last_on,
        "targets": request.query.get("targets"),
        "room_id": request.query.get("room"),
        "company_id": request.query.get("company"),
    }
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


def _export_from(first_on: str, last_on: str) -> str:
    """The first day of the last file's worth of the period; a day that is none is the API's to
    refuse.
    """
    try:
        earliest = date.fromisoformat(last_on) - _LONGEST_EXPORT + timedelta(days=1)
    except ValueError:
        return first_on
    return max(first_on, earliest.isoformat())


def _months(report: Any) -> list[dict[str, Any]]:
    """The rows of each month put together: `month`, and its receipts and cost."""
    if not report:
        return []
    months: dict[str, dict[str, Any]] = {
        period["first_on"]: {"month": period["first_on"][:7], **{part: [] for part in PARTS}}
        for period in report["periods"]
    }
    for row in report["rows"]:
        if month := months.get(row["period"]["first_on"]):
            for part in PARTS:
                month[part] += row[part]
    return list(months.values())
