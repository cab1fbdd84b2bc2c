"""A tenant of its own for a test module, with the people and products that a sale needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.client import ApiClient, User
from tests.support.money import rub
from tests.support.tenant import Blueprint, Tenant, create_tenant, product
from tests.support.tenant import publish_plan as publish_plan_of
from tests.support.tenant import set_room_settings as set_settings_of

BLUEPRINT = Blueprint(
    companies={"main": {"name": "ООО Главная"}, "other": {"name": "ООО Другая"}},
    rooms=("front", "back"),
    sources={
        "cold": {"name": "Обзвон", "channel": "Телефон", "kind": "cold"},
        "inbound": {"name": "Заявка с сайта", "channel": "Сайт", "kind": "inbound"},
    },
    products={
        "plain": product("Услуги", "1000.00"),
        "odd": product("Подписки", "333.33", term_months=12),
        "goods": product("Оборудование", "2500.50", delivered=True),
        "foreign": product("Услуги", "700.00", company="other"),
    },
    staff={
        "anna": ("seller", "front"),
        "boris": ("seller", "front"),
        "vera": ("seller", "back"),
        "gleb": ("seller", "back"),
        "head": ("head", "front"),
        "accountant": ("accountant", ""),
        "marketer": ("marketer", ""),
    },
)


@dataclass
class Office:
    """Anna and Boris sell in the room `front`, Vera and Gleb in `back`; `head` heads `front`."""

    api: ApiClient
    tenant: Tenant
    people: Mapping[str, User]
    clients: int = 0

    @property
    def tenant_id(self) -> str:
        return self.tenant.id

    @property
    def companies(self) -> Mapping[str, str]:
        return self.tenant.companies

    @property
    def rooms(self) -> Mapping[str, str]:
        return self.tenant.rooms

    @property
    def products(self) -> Mapping[str, str]:
        return self.tenant.products

    @property
    def sources(self) -> Mapping[str, str]:
        return self.tenant.sources

    @property
    def admin(self) -> User:
        return self.people["admin"]

    @property
    def anna(self) -> User:
        return self.people["anna"]

    @property
    def boris(self) -> User:
        return self.people["boris"]

    @property
    def vera(self) -> User:
        return self.people["vera"]

    @property
    def head(self) -> User:
        return self.people["head"]

    @property
    def accountant(self) -> User:
        return self.people["accountant"]

    def order(self, *products: str, source: str = "cold", **more: Any) -> dict[str, Any]:
        """A registration in the room `front` for a new client, of one piece of each of
        `products`.
        """
        lines = [{"product_id": self.products[short]} for short in products or ("plain",)]
        order = {
            "company_id": self.companies["main"],
            "room_id": self.rooms["front"],
            "source_id": self.sources[source],
            "products": lines,
        }
        return order | ({} if "client_id" in more else {"client": self.stranger()}) | more

    def stranger(self) -> dict[str, Any]:
        """A client nobody knows yet."""
        self.clients += 1
        return {
            "kind": "organization",
            "name": f"Клиент {self.clients} {uuid4().hex[:6]}",
            "emails": [f"{uuid4().hex}@mail.example"],
        }

    async def register(self, *products: str, by: User | None = None, **more: Any) -> Any:
        """A registered activity."""
        return await (by or self.anna).do("/activities", self.order(*products, **more))

    async def win(self, seller: User, *products: str, **more: Any) -> Any:
        """A won activity of `seller`: paid, and what is delivered is shipped and signed."""
        activity = await self.register(*products, by=seller, take=True, **more)
        return await self.finish(seller, activity)

    async def finish(self, seller: User, activity: Any) -> Any:
        """Invoice over everything, payment; shipment and documents where something is delivered."""
        path = f"/activities/{activity['id']}"
        total = sum(int(line["amount"]["amount"].replace(".", "")) for line in activity["products"])
        amount = rub(f"{total // 100}.{total % 100:02d}")
        await seller.do(f"{path}/invoices", {"amount": amount})
        if any(line["delivered"] for line in activity["products"]):
            await seller.do(f"{path}/shipments", {})
            await seller.do(f"{path}/documents", {"state": "signed"})
        won = await seller.do(f"{path}/payments", {"amount": amount})
        assert won["status"] == "won", won
        return won

    async def set_room_settings(
        self, room: str = "front", company: str = "main", **changed: int
    ) -> Any:
        """The six numbers, those of `ROOM_SETTINGS` but for the `changed` ones."""
        room_id, company_id = self.rooms[room], self.companies[company]
        return await set_settings_of(self.api, self.admin.token, room_id, company_id, changed)

    async def publish_plan(
        self, rules: list[dict[str, Any]], room: str = "front", company: str = "main"
    ) -> Any:
        """A plan in force since long ago."""
        room_id, company_id = self.rooms[room], self.companies[company]
        return await publish_plan_of(self.api, self.admin.token, room_id, company_id, rules)


async def open_office(api: ApiClient, operator_key: str) -> Office:
    """A fresh tenant with everything that a sale needs."""
    tenant = await create_tenant(api, operator_key, BLUEPRINT)
    people = {
        name: User(api, account.token, account.id, account.name, account.email, account.password)
        for name, account in {**tenant.staff, "admin": tenant.admin}.items()
    }
    return Office(api, tenant, people)
