"""A tenant to try things in: a company, a room, sellers, a head, an accountant, products, a
source, a plan of pay.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.calls import Call, Caller, Gateways, Json
from tests.support.money import rub
from tests.support.tenant import (
    PASSWORD,
    Blueprint,
    create_tenant,
    product,
    publish_plan,
    set_room_settings,
)

__all__ = ["PASSWORD", "Shop", "rub"]

ROOM_SETTINGS = {
    "activity_reset_days": 0,
    "retake_cooldown_seconds": 0,
    "vip_in_development_limit": 100,
    "vip_by_receipts_limit": 100,
    "vip_reset_days": 0,
    "renewal_horizon_days": 30,
}


@dataclass
class Shop:
    """The people of one room and what it sells; sellers share the room."""

    gateways: Gateways
    tenant: str
    admin: Caller
    head: Caller
    accountant: Caller
    sellers: list[Caller]
    company: str
    room: str
    product: str
    delivered: str
    source: str

    @classmethod
    async def open(
        cls, gateways: Gateways, operator_key: str, sellers: int, **settings: int
    ) -> "Shop":
        """A new tenant, created through the gateway; `settings` are some of the six numbers."""
        names = [f"seller{number}" for number in range(sellers)]
        staff = dict.fromkeys(names, ("seller", "front"))
        blueprint = Blueprint(
            products={
                "plain": product("Товары", 1000),
                "goods": product("Товары", 1000, delivered=True),
            },
            staff=staff | {"head": ("head", "front"), "accountant": ("accountant", "")},
            room_settings={**ROOM_SETTINGS, **settings},
        )
        tenant = await create_tenant(gateways, operator_key, blueprint)
        people = {
            account.name: Caller(gateways, account.id, account.name, account.token, account.email)
            for account in (tenant.admin, *tenant.staff.values())
        }
        return cls(
            gateways=gateways,
            tenant=tenant.id,
            admin=people["admin"],
            head=people["head"],
            accountant=people["accountant"],
            sellers=[people[name] for name in names],
            company=tenant.companies["main"],
            room=tenant.rooms["front"],
            product=tenant.products["plain"],
            delivered=tenant.products["goods"],
            source=tenant.sources["cold"],
        )

    async def set_room_settings(self, **settings: int) -> None:
        """Sets the six numbers: those of `ROOM_SETTINGS` but for the given ones."""
        changed = {**ROOM_SETTINGS, **settings}
        await set_room_settings(self.gateways, self.admin.token, self.room, self.company, changed)

    async def plan(self, percent: str = "10.00") -> None:
        """Pay a part of the receipts, since yesterday."""
        rules = [{"kind": "percent_of_receipts", "percent": percent}]
        since = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()
        await publish_plan(self.gateways, self.admin.token, self.room, self.company, rules, since)

    def new_client(self) -> Json:
        return {"name": f"Клиент {secrets.token_hex(4)}", "kind": "organization"}

    def order(
        self, client_id: str | None = None, *, delivered: bool = False, take: bool = False
    ) -> Json:
        """The body that registers an activity."""
        client: dict[str, Any] = (
            {"client_id": client_id} if client_id else {"client": self.new_client()}
        )
        return {
            "company_id": self.company,
            "room_id": self.room,
            "source_id": self.source,
            "products": [{"product_id": self.delivered if delivered else self.product}],
            "take": take,
            **client,
        }

    async def register(self, by: Caller | None = None, **order: Any) -> Json:
        return await (by or self.head).must("register", "/activities", self.order(**order))

    def everyone(self) -> list[Caller]:
        return [self.admin, self.head, self.accountant, *self.sellers]

    def calls(self) -> list[Call]:
        """Everything that was asked, in the order of starting."""
        return sorted(
            (call for person in self.everyone() for call in person.calls),
            key=lambda call: call.start,
        )
