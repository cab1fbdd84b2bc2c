"""A seller's day from the read model: one trip, fragments joined as they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from services.gateway.domain.cooldown import ready_at
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import Call, script
from shared.clock import period_of
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller

SHOWN = 300
WARNED = timedelta(hours=24)
"""How long before a reset its activity is shown as about to go back to the pool."""
_FAR_EAST, _FAR_WEST = ZoneInfo("Etc/GMT-14"), ZoneInfo("Etc/GMT+12")


@dataclass(slots=True)
class Desk:
    """The parts of the answer; JSON that is ready stays bytes."""

    mine: dict[str, list[bytes]] = field(default_factory=dict)
    mine_count: int = 0
    overdue: list[bytes] = field(default_factory=list)
    resetting: list[bytes] = field(default_factory=list)
    pool_count: int | None = 0
    vip: dict[str, Any] | None = None
    pay: dict[str, Any] | None = None
    ready_to_take_at: datetime | None = None
    missing: list[str] = field(default_factory=list)

    def rendered(self, now: datetime) -> bytes:
        """The JSON answer."""
        stages = b",".join(
            orjson.dumps(stage) + b":[" + b",".join(parts) + b"]"
            for stage, parts in self.mine.items()
        )
        rest = {
            "mine_count": self.mine_count,
            "pool_count": self.pool_count,
            "vip": self.vip,
            "pay": self.pay,
            "ready_to_take_at": self.ready_to_take_at,
            "as_of": now,
            "missing": self.missing,
        }
        return b"".join(
            (
                b'{"mine":{',
                stages,
                b'},"overdue_steps":[',
                b",".join(self.overdue),
                b'],"about_to_reset":[',
                b",".join(self.resetting),
                b"],",
                orjson.dumps(rest, option=orjson.OPT_UTC_Z)[1:],
            )
        )


async def of(
    generations: Generations, caller: Caller, rooms: Sequence[UUID], now: datetime
) -> Desk | None:
    """The desk of `caller` over `rooms`; None where no whole model is to be had.

    Raises `RedisError` or `OSError`.
    """
    named = generations.seen
    periods = sorted({now.astimezone(zone).strftime("%Y-%m") for zone in (_FAR_WEST, _FAR_EAST)})
    for _ in range(2):
        answers = await generations.store.run(
            generations.call,
            *_calls(generations, named.live or "-", caller, rooms, periods, now),
            quick=True,
        )
        asked, named = named.live, generations.heard(answers[0])
        if named.live is None:
            return None
        if named.live == asked:
            return _joined(answers[1:], caller, rooms, periods, now)
    return None


def _calls(
    generations: Generations,
    generation: str,
    caller: Caller,
    rooms: Sequence[UUID],
    periods: Sequence[str],
    now: datetime,
) -> list[Call]:
    keys, who = generations.keys(generation), caller.employee_id
    tenant, pay_key = keys.tenant(caller.tenant_id), keys.employee(caller.tenant_id, who)
    arguments = (str(who), _milliseconds(now), _milliseconds(now + WARNED), SHOWN)
    return [
        ("HMGET", tenant + "vipcounts", f"{who}:in_development", f"{who}:by_receipts"),
        ("HGET", tenant + "self", "tenant"),
        *(("HVALS", f"{pay_key}pay:{period}") for period in periods),
        *([("HMGET", tenant + "rooms", *(str(room_id) for room_id in rooms))] if rooms else []),
        *(script("desk", keys.room(caller.tenant_id, room_id), *arguments) for room_id in rooms),
    ]


def _joined(
    answers: list[Any], caller: Caller, rooms: Sequence[UUID], periods: Sequence[str], now: datetime
) -> Desk:
    counts, about_tenant = answers[:2]
    purses = dict(zip(periods, answers[2 : 2 + len(periods)], strict=True))
    known, parts = (answers[2 + len(periods)], answers[3 + len(periods) :]) if rooms else ([], [])
    desk = Desk()
    room_settings = []
    for stored, part in zip(known, parts, strict=True):
        room_settings += _room(desk, part, _json(stored) or {"company_ids": []}, now)
    desk.vip = {
        "in_development": int(counts[0] or 0),
        "by_receipts": int(counts[1] or 0),
        "places": {
            "in_development": sum(each["vip_in_development_limit"] for each in room_settings),
            "by_receipts": sum(each["vip_by_receipts_limit"] for each in room_settings),
        },
    }
    tenant = _json(about_tenant) or {"time_zone": "UTC", "currency": "RUB"}
    period = period_of(now, tenant["time_zone"])
    desk.pay = pay(period, (_json(value) for value in purses.get(period, [])), tenant["currency"])
    return desk


def _room(desk: Desk, part: list[Any], room: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Adds one room's part to the desk; gives the numbers of its companies."""
    pool_count, mine_count, take, overdue, resetting, stored, *stages = part
    desk.pool_count = (desk.pool_count or 0) + pool_count
    desk.mine_count += mine_count
    desk.overdue += [overdue] if overdue else []
    desk.resetting += [resetting] if resetting else []
    for stage, fragments in zip(stages[::2], stages[1::2], strict=True):
        desk.mine.setdefault(stage.decode(), []).append(fragments)
    by_company = {
        company.decode(): {**DEFAULTS, **_json(value)}
        for company, value in zip(stored[::2], stored[1::2], strict=True)
    }
    if take:
        taken_at, _, company = take.decode().partition("|")
        ready = ready_at(int(taken_at), by_company.get(company, DEFAULTS))
        if ready > now:
            desk.ready_to_take_at = max(ready, desk.ready_to_take_at or ready)
    return [by_company.get(company, dict(DEFAULTS)) for company in room["company_ids"]]


def pay(period: str, totals: Iterable[dict[str, str]], currency: str) -> dict[str, Any]:
    """The month's total over companies, in the tenant's currency; what is in others stands beside
    it.
    """
    sums: dict[str, Decimal] = {currency: Decimal(0)}
    for total in totals:
        sums[total["currency"]] = sums.get(total["currency"], Decimal(0)) + Decimal(total["amount"])
    if not sums[currency] and len(sums) == 2:
        currency = next(name for name in sums if name != currency)
        sums = {currency: sums[currency]}
    told: dict[str, Any] = {
        "period": period,
        "total": {"amount": f"{sums.pop(currency):.2f}", "currency": currency},
    }
    if sums:
        told["others"] = [
            {"amount": f"{amount:.2f}", "currency": other} for other, amount in sums.items()
        ]
    return told


def _json(stored: bytes | None) -> Any:
    return orjson.loads(stored.partition(b"|")[2]) if stored else None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
