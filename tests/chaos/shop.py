"""A tenant to try things in: a company, a room, sellers, a head, an accountant, a product, a
source, a plan of pay.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.calls import Call, Door, Json, Person

PASSWORD = "correct horse battery staple 42"
NUMBERS = {
    "activity_reset_days": 0,
    "retake_cooldown_seconds": 0,
    "vip_in_development_limit": 100,
    "vip_by_receipts_limit": 100,
    "vip_reset_days": 0,
    "renewal_horizon_days": 30,
}


def rub(amount: int | str) -> Json:
    return {"amount": f"{amount}.00" if isinstance(amount, int) else amount, "currency": "RUB"}


@dataclass
class Shop:
    """Everyone in it, and what is sold. Sellers share one room."""

    door: Door
    tenant: str
    admin: Person
    head: Person
    accountant: Person
    sellers: list[Person]
    company: str
    room: str
    product: str
    delivered: str
    source: str

    @classmethod
    async def open(cls, door: Door, operator_key: str, sellers: int, **numbers: int) -> "Shop":
        """A new tenant, entered through the gateway. `numbers` are some of the room's six."""
        stem = secrets.token_hex(5)
        boss = Person(door, "", "operator", operator_key)
        told = {"name": f"Холдинг {stem}", "time_zone": "Europe/Moscow", "currency": "RUB"}
        email = f"admin-{stem}@chaos.example"
        tenant = await boss.must(
            "provision",
            "/tenants",
            {**told, "admin": {"name": "Админ", "email": email, "password": PASSWORD}},
        )
        admin = Person(
            door, tenant["admin"]["employee_id"], "admin", await door.log_in(email, PASSWORD)
        )
        company = (await admin.must("company", "/companies", {"name": f"ООО {stem}"}))["id"]
        room = (
            await admin.must(
                "room", "/rooms", {"name": f"Комната {stem}", "company_ids": [company]}
            )
        )["id"]

        async def hire(name: str, role: str, rooms: Sequence[str] = ()) -> Person:
            address = f"{name}-{stem}@chaos.example"
            body = {
                "name": name,
                "email": address,
                "password": PASSWORD,
                "roles": [role],
                "room_ids": list(rooms),
            }
            one = await admin.must("hire", "/employees", body)
            return Person(door, one["id"], name, await door.log_in(address, PASSWORD), address)

        async def product(delivered: bool) -> str:
            sold = {
                "company_id": company,
                "name": "Товар",
                "category": "Товары",
                "price": rub(1000),
                "delivered": delivered,
            }
            return str((await admin.must("product", "/products", sold))["id"])

        source = await admin.must(
            "source", "/sources", {"name": "Звонки", "channel": "phone", "kind": "cold"}
        )
        await admin.must(
            "numbers",
            f"/rooms/{room}/settings?company_id={company}",
            {**NUMBERS, **numbers},
            method="PUT",
        )
        team = await asyncio.gather(
            *(hire(f"seller{number}", "seller", [room]) for number in range(sellers))
        )
        return cls(
            door=door,
            tenant=tenant["id"],
            admin=admin,
            head=await hire("head", "head", [room]),
            accountant=await hire("accountant", "accountant"),
            sellers=list(team),
            company=company,
            room=room,
            product=await product(False),
            delivered=await product(True),
            source=source["id"],
        )

    async def set_numbers(self, **numbers: int) -> None:
        path = f"/rooms/{self.room}/settings?company_id={self.company}"
        await self.admin.must("numbers", path, {**NUMBERS, **numbers}, method="PUT")

    async def plan(self, percent: str = "10.00") -> None:
        """Pay a part of the receipts, since yesterday."""
        rules = [{"kind": "percent_of_receipts", "percent": percent}]
        since = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()
        told = {
            "company_id": self.company,
            "room_id": self.room,
            "name": "План",
            "effective_from": since,
            "rules": rules,
        }
        plan = await self.admin.must("plan", "/motivation/plans", told)
        await self.admin.must("publish", f"/motivation/plans/{plan['id']}/publish")

    def new_client(self) -> Json:
        return {"name": f"Клиент {secrets.token_hex(4)}", "kind": "organization"}

    def wish(
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

    async def register(self, by: Person | None = None, **wish: Any) -> Json:
        return await (by or self.head).must("register", "/activities", self.wish(**wish))

    def everyone(self) -> list[Person]:
        return [self.admin, self.head, self.accountant, *self.sellers]

    def calls(self) -> list[Call]:
        """Everything that was asked, in the order of starting."""
        return sorted(
            (call for person in self.everyone() for call in person.calls),
            key=lambda call: call.start,
        )
