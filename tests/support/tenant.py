"""A tenant of its own, created by an operator and its admin through the public API."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from tests.support.money import rub

Json = dict[str, Any]

PASSWORD = "correct horse battery"
ROOM_SETTINGS = {
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 0,
    "vip_in_development_limit": 2,
    "vip_by_receipts_limit": 2,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}


class Api(Protocol):
    """A client whose requests must succeed."""

    async def send(self, method: str, path: str, token: str, body: Any = None) -> Any: ...

    async def token_of(self, email: str, password: str) -> str: ...


@dataclass(frozen=True)
class Account:
    """Somebody's log-in; `name` is also the short name in a blueprint."""

    id: str
    name: str
    email: str
    token: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Blueprint:
    """The contents of a tenant by short names: each room sells for every company.

    `staff` gives role and room (empty: none); a product names its company.
    """

    companies: Mapping[str, Json] = field(default_factory=lambda: {"main": {"name": "ООО Главная"}})
    rooms: Sequence[str] = ("front",)
    sources: Mapping[str, Json] = field(
        default_factory=lambda: {
            "cold": {"name": "Обзвон", "channel": "Телефон", "kind": "cold"},
        }
    )
    products: Mapping[str, Json] = field(default_factory=dict)
    staff: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    room_settings: Mapping[str, int] = field(default_factory=lambda: ROOM_SETTINGS)


@dataclass(frozen=True)
class Tenant:
    """A created tenant: ids by the blueprint's short names."""

    id: str
    host: str
    admin: Account
    companies: Mapping[str, str]
    rooms: Mapping[str, str]
    sources: Mapping[str, str]
    products: Mapping[str, str]
    staff: Mapping[str, Account]


def product(category: str, price: int | str, company: str = "main", **more: Any) -> Json:
    """A product of a blueprint."""
    name = f"{category} {price}"
    return {"company": company, "name": name, "category": category, "price": rub(price), **more}


async def create_tenant(api: Api, operator_key: str, blueprint: Blueprint) -> Tenant:
    """Creates a tenant with everything in `blueprint`."""
    host = f"{uuid4().hex[:12]}.example"
    admin_body = {"name": "Админ", "email": f"admin@{host}", "password": PASSWORD}
    body = {"name": "Холдинг", "time_zone": "Europe/Moscow", "currency": "RUB", "admin": admin_body}
    created = await api.send("POST", "/tenants", operator_key, body)
    token = await api.token_of(admin_body["email"], PASSWORD)
    admin = Account(created["admin"]["employee_id"], "admin", admin_body["email"], token)
    companies = await _create(api, token, "companies", _companies(blueprint))
    rooms = await _create(api, token, "rooms", _rooms(blueprint, companies))
    sources = await _create(api, token, "sources", blueprint.sources)
    products = await _create(api, token, "products", _products(blueprint, companies))
    await asyncio.gather(
        *(
            set_room_settings(api, token, room, company, blueprint.room_settings)
            for room in rooms.values()
            for company in companies.values()
        )
    )
    hired = await asyncio.gather(
        *(
            hire(api, token, host, name, role, [rooms[room]] if room else [])
            for name, (role, room) in blueprint.staff.items()
        )
    )
    staff = dict(zip(blueprint.staff, hired, strict=True))
    return Tenant(created["id"], host, admin, companies, rooms, sources, products, staff)


async def hire(
    api: Api, token: str, host: str, name: str, role: str, room_ids: Sequence[str]
) -> Account:
    """Creates an employee with a log-in; `token` is an admin's."""
    email = f"{name}@{host}"
    body = {
        "name": f"Сотрудник {name}",
        "email": email,
        "password": PASSWORD,
        "roles": [role],
        "room_ids": list(room_ids),
        "personnel_number": f"T-{name}",
    }
    employee = await api.send("POST", "/employees", token, body)
    return Account(employee["id"], name, email, await api.token_of(email, PASSWORD))


async def set_room_settings(
    api: Api, token: str, room_id: str, company_id: str, settings: Mapping[str, int]
) -> Any:
    """Sets the six numbers of a company in a room."""
    path = f"/rooms/{room_id}/settings?company_id={company_id}"
    return await api.send("PUT", path, token, {**ROOM_SETTINGS, **settings})


async def publish_plan(
    api: Api,
    token: str,
    room_id: str,
    company_id: str,
    rules: Sequence[Json],
    effective_from: str = "2026-01-01",
) -> Any:
    """Drafts and publishes a plan."""
    body: Json = {"company_id": company_id, "room_id": room_id, "name": "План"}
    body |= {"effective_from": effective_from, "rules": list(rules)}
    plan = await api.send("POST", "/motivation/plans", token, body)
    return await api.send("POST", f"/motivation/plans/{plan['id']}/publish", token)


def _companies(blueprint: Blueprint) -> dict[str, Json]:
    """A seller's money counts at once, unless a test is about its confirmation."""
    return {
        short: {"payment_confirmation": "none", **body}
        for short, body in blueprint.companies.items()
    }


def _rooms(blueprint: Blueprint, companies: Mapping[str, str]) -> dict[str, Json]:
    ids = sorted(companies.values())
    return {short: {"name": f"Комната {short}", "company_ids": ids} for short in blueprint.rooms}


def _products(blueprint: Blueprint, companies: Mapping[str, str]) -> dict[str, Json]:
    return {
        short: {name: value for name, value in body.items() if name != "company"}
        | {"company_id": companies[body["company"]]}
        for short, body in blueprint.products.items()
    }


async def _create(api: Api, token: str, noun: str, bodies: Mapping[str, Json]) -> dict[str, str]:
    created = await asyncio.gather(
        *(api.send("POST", f"/{noun}", token, body) for body in bodies.values())
    )
    return {short: entry["id"] for short, entry in zip(bodies, created, strict=True)}
