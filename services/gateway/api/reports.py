"""Reports: activities count and sum what they own, motivation what pay costs; joined here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Response

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts, parsed_query
from services.gateway.api.queries import ConversionsQuery
from services.gateway.api.report_figures import funnel, funnel_of_all, joined
from services.gateway.api.report_responses import (
    AXES,
    FunnelReport,
    SellersReport,
    SourcesReport,
)
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import Unavailable
from shared.tenancy import Caller
from shared.web.report_query import ReportQuery, SourcesReportQuery

router = APIRouter(tags=["reads"], prefix="/reports")
_PATH = "/api/v1/reports/"
_PART_SECONDS = 20
_MISSING = "motivation_cost"
Json = dict[str, Any]
_UNKNOWN: Mapping[str, Json] = {
    "source": {"name": "?", "channel": "?", "campaign": None, "kind": "inbound"},
    "seller": {"name": "?", "active": False},
}


@dataclass(frozen=True, slots=True)
class _Sent:
    """A report that somebody asks for, as the services are asked for it."""

    parts: ApiParts
    caller: Caller
    query: ReportQuery

    async def ask(self, service: str, report: str) -> UpstreamResponse:
        """Raises `Unavailable`."""
        target = f"{_PATH}{report}?{self.query.encoded()}"
        async with asyncio.timeout(_PART_SECONDS):
            return await self.parts.upstreams.get(service, self.caller, target)

    async def ask_for_pay(self, report: str) -> list[Json] | None:
        """None where motivation does not answer."""
        try:
            response = await self.ask("motivation", report)
        except (Unavailable, TimeoutError):
            return None
        pay: list[Json] | None = response.json() if response.ok else None
        return pay


# Described here; the fast path answers first, by the same functions.
@router.get("/sources", response_model=SourcesReport)
async def report_sources(
    caller: AnyCaller, query: Annotated[SourcesReportQuery, Query()], parts: Parts
) -> Response:
    """What sources brought and cost: requests, taken, won, receipts, cost, motivation, CPL, cost
    per won, conversion and ROMI, each by its own moment or day.

    Heads see their rooms. A report on a company or a room has the costs that were entered for it.
    """
    return (await _sources(_Sent(parts, caller, query))).as_response()


@router.get("/funnel", response_model=FunnelReport)
async def report_funnel(
    caller: AnyCaller, query: Annotated[ReportQuery, Query()], parts: Parts
) -> Response:
    """What became of the activities that were registered in the period, as it is now."""
    return (await _funnel(_Sent(parts, caller, query))).as_response()


@router.get("/sellers", response_model=SellersReport)
async def report_sellers(
    caller: AnyCaller, query: Annotated[ReportQuery, Query()], parts: Parts
) -> Response:
    """What sellers took, won and lost, their receipts and pay. Heads see their rooms, sellers
    themselves.
    """
    return (await _sellers(_Sent(parts, caller, query))).as_response()


@router.get(
    "/offline-conversions",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_offline_conversions(
    caller: AnyCaller, query: Annotated[ConversionsQuery, Query()], parts: Parts
) -> Response:
    """What became of advertising's visitors, as CSV for Yandex Metrica: the id, the goal, the
    moment in seconds since 1970, and the money. Nothing that identifies a person.
    """
    encoded = urlencode(query.model_dump(mode="json", by_alias=True, exclude_none=True))
    target = f"{_PATH}offline-conversions?{encoded}"
    response = await parts.upstreams.get("activities", caller, target)
    return response.as_response()


def own_answers(parts: ApiParts) -> dict[str, Callable[[ApiRequest], Awaitable[UpstreamResponse]]]:
    """The reports, by method and template."""

    async def sources(request: ApiRequest) -> UpstreamResponse:
        query = parsed_query(SourcesReportQuery, request.query)
        return await _sources(_Sent(parts, request.caller, query))

    async def of_funnel(request: ApiRequest) -> UpstreamResponse:
        query = parsed_query(ReportQuery, request.query)
        return await _funnel(_Sent(parts, request.caller, query))

    async def sellers(request: ApiRequest) -> UpstreamResponse:
        query = parsed_query(ReportQuery, request.query)
        return await _sellers(_Sent(parts, request.caller, query))

    async def conversions(request: ApiRequest) -> UpstreamResponse:
        parsed_query(ConversionsQuery, request.query)
        return await parts.upstreams.get("activities", request.caller, request.target)

    return {
        "GET /reports/sources": sources,
        "GET /reports/funnel": of_funnel,
        "GET /reports/sellers": sellers,
        "GET /reports/offline-conversions": conversions,
    }


async def _sources(sent: _Sent) -> UpstreamResponse:
    return await _joined(sent, "sources", "source", lambda figures: figures.of_sources())


async def _sellers(sent: _Sent) -> UpstreamResponse:
    return await _joined(sent, "sellers", "seller", lambda figures: figures.of_sellers())


async def _joined(
    sent: _Sent, report: str, noun: str, figures_of: Callable[[Any], Json]
) -> UpstreamResponse:
    """The report, or the refusal of activities. Raises `Unavailable` without these."""
    try:
        response, pay = await asyncio.gather(
            sent.ask("activities", report), sent.ask_for_pay(report)
        )
    except TimeoutError:
        raise Unavailable("service", service="activities") from None
    if not response.ok:
        return response
    own = response.json()
    names = {name["id"]: name for name in own["names"]}
    rows, total = joined(own["rows"], pay)
    head = _head(sent.query, [] if pay is not None else [_MISSING])
    periods = head["periods"]
    view = {
        **head,
        "rows": [
            {
                noun: _named(noun, names, key),
                "period": periods[number],
                **figures_of(rows[key, number]),
            }
            for key, number in sorted(rows, key=lambda row: (row[1], _name(names, row[0])))
        ],
        "total": figures_of(total),
    }
    return UpstreamResponse.of_json(orjson.dumps(view))


async def _funnel(sent: _Sent) -> UpstreamResponse:
    try:
        response = await sent.ask("activities", "funnel")
    except TimeoutError:
        raise Unavailable("service", service="activities") from None
    if not response.ok:
        return response
    counted = response.json()["periods"]
    head = _head(sent.query, [])
    rows = [
        {"period": period, **funnel(of_period)}
        for period, of_period in zip(head["periods"], counted, strict=True)
    ]
    view = {**head, "axes": {name: "created_at" for name in rows[0] if name != "period"}}
    view |= {"rows": rows, "total": funnel_of_all(counted)}
    return UpstreamResponse.of_json(orjson.dumps(view))


def _head(query: ReportQuery, missing: list[str]) -> Json:
    return {
        "period": _period(query.first_on, query.last_on),
        "periods": [_period(*days) for days in query.days.periods()],
        "axes": AXES,
        "as_of": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "missing": missing,
    }


def _period(first_on: date, last_on: date) -> dict[str, str]:
    return {"first_on": first_on.isoformat(), "last_on": last_on.isoformat()}


def _named(noun: str, names: Mapping[str, Json], key: str | None) -> Json | None:
    """Whom or what a row is about. Their owner names all; one that it does not name was seen by
    motivation alone.
    """
    if key is None:
        return None
    return {**_UNKNOWN[noun], "id": key, **names.get(key, {})}


def _name(names: Mapping[str, Json], key: str | None) -> tuple[bool, str, str]:
    return key is None, names.get(key or "", {}).get("name", ""), key or ""
