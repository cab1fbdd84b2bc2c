"""A seller's day without the read model: each part from its owner, at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.gateway.edge.upstream import Upstreams
from services.gateway.read_models.desk import SHOWN, Desk
from shared.activity_view import about_to_reset_from
from shared.errors import Unavailable
from shared.names import NOUNS
from shared.tenancy import Caller

Names = dict[str, dict[str, str]]
_PAGE_SIZE = 200
_PART_SECONDS = 3


async def desk_from_services(
    upstreams: Upstreams,
    caller: Caller,
    room_id: UUID | None,
    now: datetime,
    with_names: bool = False,
) -> Desk:
    """The parts that the services answer; the others are named in `missing`. With names, those
    that the owner of activities gives beside them.

    Raises `Unavailable` where none of them answers.
    """
    me = caller.employee_id
    room = f"&room_id={room_id}" if room_id else ""
    mine = f"/api/v1/activities?responsible_id={me}&limit={_PAGE_SIZE}{room}&status="
    vip_path = f"/api/v1/vip?employee_id={me}&limit={_PAGE_SIZE}{room}"
    # Without a month it is that of the tenant's day, which the owner knows.
    pay_path = f"/api/v1/motivation/statement?employee_id={me}"
    names: Names = {noun: {} for noun in NOUNS}
    parts = await asyncio.gather(
        _items(upstreams, caller, "activities", mine + "in_work", names),
        _items(upstreams, caller, "activities", mine + "won", names),
        _items(upstreams, caller, "vip", vip_path),
        _json(upstreams, caller, "motivation", pay_path),
        return_exceptions=True,
    )
    activities, won, vips, statement = (_available(part) for part in parts)
    if activities is None and vips is None and statement is None:
        raise Unavailable("")
    desk: dict[str, Any] = {}
    if activities is not None:
        desk |= _activities(activities, won or [], now)
    if vips is not None:
        desk["vip"] = _vips(vips)
    if statement is not None:
        desk["pay"] = _pay(statement)
    if with_names:
        desk["names"] = names
    return Desk(desk)


def _pay(statement: dict[str, Any]) -> dict[str, Any]:
    """The month's total, and beside it what is in other currencies."""
    total, *others = [statement["total"]] if statement["total"] else statement["totals"]
    pay = {"period": statement["period"], "total": total}
    return pay | ({"others": others} if others else {})


def _activities(
    views: Sequence[dict[str, Any]], won: Sequence[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """The parts of the desk that the caller's own activities give, those in work and the `won`."""
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for view in views:
        by_stage.setdefault(view["stage"], []).append(view)
    return {
        "mine": by_stage,
        "mine_count": len(views),
        "overdue_steps": [view for view in (*views, *won) if _has_overdue_step(view)],
        "about_to_reset": [view for view in views if _is_about_to_reset(view, now)],
    }


def _is_about_to_reset(view: dict[str, Any], now: datetime) -> bool:
    warning_at = about_to_reset_from(view)
    return warning_at is not None and warning_at <= now


def _has_overdue_step(view: dict[str, Any]) -> bool:
    return any(late["what"] == "next_step" for late in view["checklist"]["overdue"])


def _vips(views: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kinds = [view["kind"] for view in views]
    counts = {kind: kinds.count(kind) for kind in ("in_development", "by_receipts")}
    return {**counts, "places": None}


async def _items(
    upstreams: Upstreams, caller: Caller, service: str, path: str, names: Names | None = None
) -> list[dict[str, Any]]:
    """The items of a list; what their owner names beside them is added to `names`."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while len(items) < SHOWN:
        page = await _json(upstreams, caller, service, path + cursor)
        items += page["items"]
        if names is not None:
            for noun, named in page.get("names", {}).items():
                names[noun].update(named)
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return items


async def _json(upstreams: Upstreams, caller: Caller, service: str, path: str) -> Any:
    async with asyncio.timeout(_PART_SECONDS):
        response = await upstreams.get(service, caller, path)
    if not response.ok:
        raise Unavailable("service", service=service)
    return response.json()


def _available(part: Any) -> Any:
    """A part of the desk, or None where its owner did not answer."""
    if isinstance(part, Unavailable | TimeoutError | ValueError):
        return None
    if isinstance(part, BaseException):
        raise part
    return part
