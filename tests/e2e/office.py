"""A tenant of its own for a test module: entered by an operator and its admin, through the
gateway.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.e2e.people import Gateway, Person

PASSWORD = "correct horse battery"
NUMBERS = {
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 0,
    "vip_in_development_limit": 2,
    "vip_by_receipts_limit": 2,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}


def rub(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "RUB"}


@dataclass
class Office:
    """Ids by short name.

    Anna and Boris sell in the room `front`, Vera in `back`; `head` heads `front`.
    """

    tenant_id: str
    admin: Person
    companies: Mapping[str, str]
    rooms: Mapping[str, str]
    products: Mapping[str, str]
    sources: Mapping[str, str]
    people: Mapping[str, Person]
    clients: int = 0

    @property
    def anna(self) -> Person:
        return self.people["anna"]

    @property
    def boris(self) -> Person:
        return self.people["boris"]

    @property
    def vera(self) -> Person:
        return self.people["vera"]

    @property
    def head(self) -> Person:
        return self.people["head"]

    @property
    def accountant(self) -> Person:
        return self.people["accountant"]

    def order(self, *products: str, source: str = "cold", **more: Any) -> dict[str, Any]:
        """A registration in the room `front` for a new client, of one piece of each of
        `products`.
        """
        lines = [{"product_id": self.products[short]} for short in products or ("plain",)]
        asked = {
            "company_id": self.companies["main"],
            "room_id": self.rooms["front"],
            "source_id": self.sources[source],
            "products": lines,
        }
        return asked | ({} if "client_id" in more else {"client": self.stranger()}) | more

    def stranger(self) -> dict[str, Any]:
        """A client nobody knows yet."""
        self.clients += 1
        return {
            "kind": "organization",
            "name": f"Клиент {self.clients} {uuid4().hex[:6]}",
            "emails": [f"{uuid4().hex}@mail.example"],
        }

    async def register(self, *products: str, by: Person | None = None, **more: Any) -> Any:
        """A registered activity."""
        return await (by or self.anna).do("/activities", self.order(*products, **more))

    async def win(self, seller: Person, *products: str, **more: Any) -> Any:
        """A won activity of `seller`: what is delivered is signed, everything is paid."""
        activity = await self.register(*products, by=seller, take=True, **more)
        return await self.finish(seller, activity)

    async def finish(self, seller: Person, activity: Any) -> Any:
        """Invoice over everything, payment, and documents where something is delivered."""
        path = f"/activities/{activity['id']}"
        total = sum(int(line["amount"]["amount"].replace(".", "")) for line in activity["products"])
        amount = rub(f"{total // 100}.{total % 100:02d}")
        await seller.do(f"{path}/invoices", {"amount": amount})
        if any(line["delivered"] for line in activity["products"]):
            await seller.do(f"{path}/documents", {"state": "signed"})
        won = await seller.do(f"{path}/payments", {"amount": amount})
        assert won["status"] == "won", won
        return won

    async def set_numbers(self, room: str = "front", company: str = "main", **changed: int) -> Any:
        """The six numbers, those of `NUMBERS` but for what is `changed`."""
        path = f"/rooms/{self.rooms[room]}/settings?company_id={self.companies[company]}"
        return await self.admin.do(path, NUMBERS | changed, "PUT")

    async def publish_plan(
        self, rules: list[dict[str, Any]], room: str = "front", company: str = "main"
    ) -> Any:
        """A plan in force since long ago."""
        where = {"company_id": self.companies[company], "room_id": self.rooms[room]}
        plan = await self.admin.do(
            "/motivation/plans",
            where | {"name": "План", "effective_from": "2026-01-01", "rules": rules},
        )
        return await self.admin.do(f"/motivation/plans/{plan['id']}/publish")


async def open_office(gateway: Gateway, operator_key: str) -> Office:
    """A fresh tenant with everything that a sale needs."""
    host = f"{uuid4().hex[:12]}.example"
    admin_body = {"name": "Админ", "email": f"admin@{host}", "password": PASSWORD}
    body = {"name": "Холдинг", "time_zone": "Europe/Moscow", "currency": "RUB", "admin": admin_body}
    made = await gateway.call("POST", "/tenants", operator_key, json=body)
    assert made.status == 201, made
    admin = await gateway.log_in(admin_body["email"], PASSWORD)
    companies = await _enter(
        admin, "companies", {"main": {"name": "ООО Главная"}, "other": {"name": "ООО Другая"}}
    )
    both = sorted(companies.values())
    rooms = await _enter(
        admin,
        "rooms",
        {
            "front": {"name": "Первая", "company_ids": both},
            "back": {"name": "Вторая", "company_ids": both},
        },
    )
    sources = await _enter(
        admin,
        "sources",
        {
            "cold": {"name": "Обзвон", "channel": "Телефон", "kind": "cold"},
            "inbound": {"name": "Заявка с сайта", "channel": "Сайт", "kind": "inbound"},
        },
    )
    office = Office(
        made.body["id"],
        admin,
        companies,
        rooms,
        await _enter(admin, "products", _products(companies)),
        sources,
        {},
    )
    await asyncio.gather(
        *(office.set_numbers(room, company) for room in rooms for company in companies)
    )
    wanted = {
        "anna": ("seller", "front"),
        "boris": ("seller", "front"),
        "vera": ("seller", "back"),
        "head": ("head", "front"),
    }
    wanted |= {"accountant": ("accountant", ""), "marketer": ("marketer", "")}
    hired = await asyncio.gather(
        *(_hire(office, login, role, room, host) for login, (role, room) in wanted.items())
    )
    office.people = dict(zip(wanted, hired, strict=True)) | {"admin": admin}
    return office


def _products(companies: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    def product(company: str, category: str, price: str, **more: Any) -> dict[str, Any]:
        return {
            "company_id": companies[company],
            "name": f"{category} {price}",
            "category": category,
            "price": rub(price),
            **more,
        }

    return {
        "plain": product("main", "Услуги", "1000.00"),
        "odd": product("main", "Подписки", "333.33", term_months=12),
        "goods": product("main", "Оборудование", "2500.50", delivered=True),
        "foreign": product("other", "Услуги", "700.00"),
    }


async def _hire(office: Office, login: str, role: str, room: str, host: str) -> Person:
    body = {
        "name": f"Сотрудник {login}",
        "email": f"{login}@{host}",
        "password": PASSWORD,
        "roles": [role],
    }
    body |= {"room_ids": [office.rooms[room]] if room else [], "personnel_number": f"T-{login}"}
    await office.admin.do("/employees", body)
    return await office.admin.gateway.log_in(f"{login}@{host}", PASSWORD)


async def _enter(admin: Person, noun: str, bodies: Mapping[str, Any]) -> dict[str, str]:
    entered = await asyncio.gather(*(admin.do(f"/{noun}", body) for body in bodies.values()))
    return {short: answer["id"] for short, answer in zip(bodies, entered, strict=True)}
