"""A seller's day from the read model: one trip, fragments joined as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_args
from uuid import UUID

import orjson
from pydantic import BaseModel

from services.gateway.domain.cooldown import ready_at
from services.gateway.read_models.fragments import milliseconds
from services.gateway.read_models.generations import Generations, LiveReplies
from services.gateway.read_models.keys import Keys, TenantKeys
from services.gateway.read_models.pay import Pay
from services.gateway.read_models.ready_json import ReadyJson, array, object_of
from services.gateway.read_models.store import Call, pairs, script
from shared.activity_view import ActivityView
from shared.clock import known_or_utc, period_of
from shared.names import Names
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller
from shared.vocabulary import Stage, VipKind

SHOWN = 300
"""Activities of one room shown in each list."""
_WESTERNMOST, _EASTERNMOST = timedelta(hours=-12), timedelta(hours=14)
_QUARTER_OF_AN_HOUR = 900_000
"""In milliseconds: days begin on one wherever on earth."""
_KINDS = get_args(VipKind)
_EMPTY: Mapping[str, Any] = {
    "mine": {},
    "mine_count": 0,
    "overdue_steps": [],
    "about_to_reset": [],
}


class VipPlaces(BaseModel):
    """The places for VIPs that the settings of the caller's rooms give, by kind."""

    in_development: int
    by_receipts: int


class DeskVip(BaseModel):
    """The VIPs that the caller holds, by kind; `places` is null where the limits are missing."""

    in_development: int
    by_receipts: int
    places: VipPlaces | None


class DeskPay(Pay):
    """The pay of a month of the tenant's time zone, so far."""

    period: str


class DeskView(BaseModel):
    """The caller's day: own activities by stage, what is late, the pool, VIPs and pay.

    Each list has at most 300 activities a room. Parts that could not be had are empty and named in
    `missing`. `names` is there if it was asked for.
    """

    mine: dict[Stage, list[ActivityView]]
    mine_count: int
    overdue_steps: list[ActivityView]
    about_to_reset: list[ActivityView]
    pool_count: int | None
    vip: DeskVip | None
    pay: DeskPay | None
    ready_to_take_at: datetime | None
    as_of: datetime
    missing: list[str]
    names: Names | None = None


_PARTS = tuple(name for name in DeskView.model_fields if name not in ("as_of", "missing", "names"))


@dataclass(slots=True)
class Desk:
    """The parts of a `DeskView` by name, as far as they were had."""

    parts: Mapping[str, Any]

    def render(self, now: datetime) -> bytes:
        """The JSON of the view."""
        ready, plain = {}, {"as_of": now, "missing": self.missing}
        if "names" in self.parts:
            plain["names"] = self.parts["names"]
        for name in _PARTS:
            part = self.parts.get(name, _EMPTY.get(name))
            if isinstance(part, ReadyJson):
                ready[name] = part
            else:
                plain[name] = part
        return b"".join(object_of(ready, plain))

    @property
    def missing(self) -> list[str]:
        """The names of the parts that were not had."""
        names = [name for name in _PARTS if name not in self.parts and name != "mine_count"]
        if not (self.parts.get("vip") or {}).get("places"):
            names.append("vip.places")
        return names


async def read_desk(
    generations: Generations, caller: Caller, rooms: Sequence[UUID], now: datetime
) -> Desk | None:
    """The desk of `caller` over `rooms`; None without a complete model.

    Raises `RedisError` or `OSError`.
    """
    seller, moment = str(caller.employee_id), milliseconds(now)
    arguments = (seller, moment, SHOWN)
    room_ids = tuple(map(str, rooms))

    def calls(generation: Keys) -> dict[str, Call]:
        keys = generation.of(caller.tenant_id)
        periods = _periods(moment // _QUARTER_OF_AN_HOUR)
        by_name = dict(_timeless_calls(keys, seller, room_ids, periods))
        for room_id in room_ids:
            by_name[f"day in {room_id}"] = script("desk", keys.room(room_id), *arguments)
        return by_name

    replies = await generations.read_live(calls)
    return _assemble(replies, room_ids, now) if replies else None


@lru_cache(maxsize=10_000)
def _timeless_calls(
    keys: TenantKeys, seller: str, room_ids: tuple[str, ...], periods: tuple[str, ...]
) -> Mapping[str, Call]:
    by_name: dict[str, Call] = {
        "tenant": ("HGET", keys.tenant("tenant"), "tenant"),
        "vips": ("HMGET", keys.tenant("vip_counts"), *(f"{seller}:{kind}" for kind in _KINDS)),
    }
    for period in periods:
        by_name[f"pay {period}"] = ("HVALS", keys.employee(seller, f"pay:{period}"))
    for room_id in room_ids:
        by_name[f"room {room_id}"] = ("HGET", keys.tenant("rooms"), room_id)
    return by_name


def _assemble(replies: LiveReplies, room_ids: Sequence[str], now: datetime) -> Desk:
    by_name = replies.by_name
    days = [pairs(by_name[f"day in {room_id}"]) for room_id in room_ids]
    settings = [_room_settings(day["room_settings"]) for day in days]
    companies = [_company_ids(by_name[f"room {room_id}"]) for room_id in room_ids]
    return Desk(
        {
            "mine": _by_stage(days),
            "mine_count": sum(day["mine_count"] for day in days),
            "overdue_steps": array(day["overdue_steps"] for day in days),
            "about_to_reset": array(day["about_to_reset"] for day in days),
            "pool_count": sum(day["pool_count"] for day in days),
            "vip": {
                **{kind: int(n or 0) for kind, n in zip(_KINDS, by_name["vips"], strict=True)},
                "places": _places(companies, settings),
            },
            "pay": _pay(replies, now),
            "ready_to_take_at": _ready_to_take_at(days, settings, now),
        }
    )


def _by_stage(days: Iterable[Mapping[str, Any]]) -> ReadyJson:
    """The object of the seller's activities by stage."""
    stages: dict[str, list[bytes]] = {}
    for day in days:
        for stage, fragments in pairs(day["mine"]).items():
            stages.setdefault(stage, []).append(fragments)
    return object_of({stage: array(stages[stage]) for stage in stages}, {})


def _room_settings(reply: Sequence[bytes]) -> dict[str, Mapping[str, int]]:
    """The settings of a room by company."""
    return {company: _with_defaults(stored) for company, stored in pairs(reply).items()}


@lru_cache(maxsize=10_000)
def _with_defaults(stored: bytes) -> Mapping[str, int]:
    return {**DEFAULTS, **stored_value(stored)}


def _company_ids(stored: bytes | None) -> list[str]:
    """The companies that a room sells for; none for a room not known yet."""
    return list(stored_value(stored)["company_ids"]) if stored else []


def _places(
    companies: Sequence[Sequence[str]], settings: Sequence[Mapping[str, Mapping[str, int]]]
) -> dict[str, int]:
    in_force = [
        by_company.get(company_id, DEFAULTS)
        for company_ids, by_company in zip(companies, settings, strict=True)
        for company_id in company_ids
    ]
    return {kind: sum(limits[f"vip_{kind}_limit"] for limits in in_force) for kind in _KINDS}


def _ready_to_take_at(
    days: Sequence[Mapping[str, Any]],
    settings: Sequence[Mapping[str, Mapping[str, int]]],
    now: datetime,
) -> datetime | None:
    """The end of the longest cooldown that still runs, None for none."""
    ends = []
    for day, by_company in zip(days, settings, strict=True):
        if day["last_take"]:
            taken_at, _, company_id = day["last_take"].decode().partition("|")
            ends.append(ready_at(int(taken_at), by_company.get(company_id, DEFAULTS)))
    return max((end for end in ends if end > now), default=None)


@lru_cache(maxsize=16)
def _periods(quarter: int) -> tuple[str, ...]:
    """The months that are under way somewhere on earth, one or two."""
    moment = _moment(quarter)
    first, last = ((moment + offset).isoformat()[:7] for offset in (_WESTERNMOST, _EASTERNMOST))
    return (first,) if first == last else (first, last)


@lru_cache(maxsize=1024)
def _period(quarter: int, time_zone: str) -> str:
    """The month that is under way in the zone, in UTC where the zone is unknown."""
    return period_of(_moment(quarter), known_or_utc(time_zone))


def _moment(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * _QUARTER_OF_AN_HOUR / 1000, UTC)


def _pay(replies: LiveReplies, now: datetime) -> dict[str, Any]:
    stored = replies["tenant"]
    tenant = stored_value(stored) if stored else {"time_zone": "UTC", "currency": "RUB"}
    period = _period(milliseconds(now) // _QUARTER_OF_AN_HOUR, tenant["time_zone"])
    totals = (stored_value(total) for total in replies[f"pay {period}"])
    return {"period": period, **sums_of(totals, tenant["currency"])}


def sums_of(totals: Iterable[Mapping[str, str]], currency: str) -> dict[str, Any]:
    """The total over companies in `currency`, and beside it what is in others.

    Where all is in one other currency, that is the total's.
    """
    sums: dict[str, Decimal] = {currency: Decimal(0)}
    for total in totals:
        sums[total["currency"]] = sums.get(total["currency"], Decimal(0)) + Decimal(total["amount"])
    if not sums[currency] and len(sums) == 2:
        del sums[currency]
        (currency,) = sums
    total, *others = ({"amount": f"{sums[name]:.2f}", "currency": name} for name in sums)
    return {"total": total, **({"others": others} if others else {})}


@lru_cache(maxsize=10_000)
def stored_value(stored: bytes) -> Any:
    """The value of a stored field, without its rank; the directory's are read again and again."""
    return orjson.loads(stored.partition(b"|")[2])
