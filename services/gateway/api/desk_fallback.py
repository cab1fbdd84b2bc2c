"""A seller's day without the read model: each part from its owner, at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.gateway.edge.upstream import Upstreams
from services.gateway.read_models.desk import SHOWN, WARNED, Desk
from shared.errors import Unavailable
from shared.tenancy import Caller

_PAGE = 200
_NOT_TO_BE_HAD = ["pool_count", "ready_to_take_at", "vip.places"]


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
    desk = Desk(pool_count=None, missing=[*_NOT_TO_BE_HAD])
    _fill(desk, mine, now)
    if vips is None:
        desk.missing.append("vip")
    else:
        kinds = [vip["kind"] for vip in vips]
        desk.vip = {kind: kinds.count(kind) for kind in ("in_development", "by_receipts")} | {
            "places": None
        }
    if statement is None:
        desk.missing.append("pay")
    else:
        desk.pay = {"period": statement["period"], "total": statement["total"]}
    return desk


def _fill(desk: Desk, mine: Sequence[dict[str, Any]] | None, now: datetime) -> None:
    if mine is None:
        desk.missing += ["mine", "overdue_steps", "about_to_reset"]
        return
    desk.mine_count = len(mine)
    for view in mine:
        fragment = orjson.dumps(view)
        desk.mine.setdefault(view["stage"], []).append(fragment)
        if any(late["what"] == "next_step" for late in view["checklist"]["overdue"]):
            desk.overdue.append(fragment)
        if view["reset_due_at"] and datetime.fromisoformat(view["reset_due_at"]) <= now + WARNED:
            desk.resetting.append(fragment)


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
