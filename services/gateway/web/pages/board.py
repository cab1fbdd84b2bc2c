"""Мои активности: where does money stand? A stage is derived: a drop opens the form of a fact."""

import asyncio
from typing import Any

import orjson
from markupsafe import Markup
from starlette.responses import Response

from services.gateway.web import words
from services.gateway.web.cards import joined, matches, split_stages
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
LANES = {
    "new": "",
    "in_work": "talk",
    "invoiced": "bill",
    "part_paid": "pay",
    "paid": "pay",
    "shipped": "ship",
    "documents_signed": "papers",
}
"""The lanes, each with the form of the fact that leads there."""
ENDED = ("won", "lost")
_SHOWN = 100


@router.get("/board")
async def show_board(request: PageRequest) -> Response:
    """The caller's activities by stage; won and lost ones as a list."""
    if (view := request.query.get("view", "")) in ENDED:
        return await _show_ended(request, view)
    room_id = await request.room_id()
    response, names = await asyncio.gather(
        request.api.response("/desk", room_id=room_id), request.directory()
    )
    stages = split_stages(response.body)
    cards, f = request.parts.cards, request.formats(names.zone)
    kind = "deal_row" if view == "list" else "deal"
    lanes = []
    for stage, form in LANES.items():
        shown = [item for item in stages.get(stage, ()) if matches(item, request.query)]
        drawn = cards.all_of(kind, shown, request.language, names)
        total = {
            "amount": f"{sum(card.amount for card in drawn):.2f}",
            "currency": names.currency,
        }
        lanes.append(
            {
                "stage": stage,
                "form": form,
                "title": words.STAGES[stage].title,
                "pie": words.STAGES[stage].icon,
                "count": len(shown),
                "sum": f.money(total),
                "cards": joined(drawn),
            }
        )
    profile = await request.profile()
    return await request.show(
        "board/page.html",
        lanes=lanes,
        count=sum(lane["count"] for lane in lanes),
        view=view,
        me=str(request.caller.employee_id),
        companies=profile.companies,
        sources=[{"id": id_, "name": name} for id_, name in sorted(names.sources.items())],
        rows=Markup(""),
        room=room_id,
    )


async def _show_ended(request: PageRequest, status: str) -> Response:
    room_id, names = await asyncio.gather(request.room_id(), request.directory())
    page: dict[str, Any] = await request.api.read(
        "/activities",
        room_id=room_id,
        responsible_id=str(request.caller.employee_id) if status == "won" else None,
        status=status,
        limit=_SHOWN,
        cursor=request.query.get("after"),
    )
    fragments = [orjson.dumps(item) for item in page["items"]]
    profile = await request.profile()
    return await request.show(
        "board/page.html",
        lanes=[],
        count=len(fragments),
        view=status,
        me=str(request.caller.employee_id),
        companies=profile.companies,
        sources=[],
        rows=request.parts.cards.render_all("deal_row", fragments, request.language, names),
        room=room_id,
    )
