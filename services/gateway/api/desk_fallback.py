"""A seller's day without the read model: each part from its owner, at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.gateway.edge.upstream import Upstreams
from services.gateway.read_models.desk import RESET_WARNING, SHOWN, Desk
from shared.errors import Unavailable
from shared.tenancy import Caller

_PAGE = 200


async def desk_from_services(
    services: Upstreams, caller: Caller, room_id: UUID | None, now: datetime
) -> Desk:
    """What the services say, the rest named in `missing`.

    Raises `Unavailable` where none of them answers.
    """
    who = caller.employee_id
    room = f"&room_id={room_id}" if room_id else ""
    parts = await asyncio.gather(
        _items(
            services,
            caller,
            "activities",
            f"/api/v1/activities?responsible_id={who}&status=in_work&limit={_PAGE}{room}",
        ),
        _items(services, caller, "vip", f"/api/v1/vip?employee_id={who}&limit={_PAGE}{room}"),
        _json(
            services,
            caller,
            "motivation",
            f"/api/v1/motivation/statement?employee_id={who}&period={now:%Y-%m}",
        ),
        return_exceptions=True,
    )
    mine, vips, statement = (_had(part) for part in parts)
    if mine is None and vips is None and statement is None:
        raise Unavailable("")
    desk: dict[str, Any] = {}
    if mine is not None:
        desk |= _own_activities(mine, now)
    if vips is not None:
        kinds = [vip["kind"] for vip in vips]
        counts = {kind: kinds.count(kind) for kind in ("in_development", "by_receipts")}
        desk["vip"] = {**counts, "places": None}
    if statement is not None:
        desk["pay"] = {"period": statement["period"], "total": statement["total"]}
    return Desk(desk)


def _own_activities(views: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """The parts of the desk that the caller's own activities give."""
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for view in views:
        by_stage.setdefault(view["stage"], []).append(view)
    warning_ends = now + RESET_WARNING
    return {
        "mine": by_stage,
        "mine_count": len(views),
        "overdue_steps": [view for view in views if _has_overdue_step(view)],
        "about_to_reset": [
            view
            for view in views
            if view["reset_due_at"] and datetime.fromisoformat(view["reset_due_at"]) <= warning_ends
        ],
    }


def _has_overdue_step(view: dict[str, Any]) -> bool:
    return any(late["what"] == "next_step" for late in view["checklist"]["overdue"])


async def _items(
    services: Upstreams, caller: Caller, service: str, path: str
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while len(found) < SHOWN:
        page = await _json(services, caller, service, path + cursor)
        found += page["items"]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return found


async def _json(services: Upstreams, caller: Caller, service: str, path: str) -> Any:
    async with asyncio.timeout(timedelta(seconds=3).total_seconds()):
        answer = await services.get(service, caller, path)
    if not answer.ok:
        raise Unavailable("service", service=service)
    return answer.json()


def _had(part: Any) -> Any:
    if isinstance(part, Unavailable | TimeoutError | ValueError):
        return None
    if isinstance(part, BaseException):
        raise part
    return part
