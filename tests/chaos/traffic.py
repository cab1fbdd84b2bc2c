"""People at work: sellers, a head and an accountant who do now this, now that, each command
repeated until it is decided.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.chaos.calls import Call, Caller
from tests.chaos.shop import Shop, rub

Deed = Callable[[], Awaitable[Call]]
REASON = {"reason": "так вышло"}


@dataclass
class Traffic:
    """What the people of a shop do, drawn from `chance`.

    They share the activities that they know of.
    """

    shop: Shop
    chance: random.Random
    activities: list[str] = field(default_factory=list)
    clients: dict[str, str] = field(default_factory=dict)
    vips: list[str] = field(default_factory=list)
    _until: float = 0.0

    async def flow(self, seconds: float, people: int = 2) -> None:
        """Commands from everyone for that long, `people` tabs each; returns when the last is
        decided.
        """
        self._until = time.monotonic() + seconds
        doing = [self._seller(one) for one in self.shop.sellers for _ in range(people)]
        await asyncio.gather(
            *doing, self._head(self.shop.head), self._accountant(self.shop.accountant)
        )

    @property
    def _goes_on(self) -> bool:
        return time.monotonic() < self._until

    async def _seller(self, one: Caller) -> None:
        while self._goes_on:
            await self._register(one, take=self.chance.random() < 0.6)
            for _ in range(self.chance.randint(2, 8)):
                if self._goes_on:
                    await self._deed(one, self._any())

    async def _head(self, head: Caller) -> None:
        while self._goes_on:
            if not self.activities:
                await self._register(head, take=False)
            to = self.chance.choice([*(seller.id for seller in self.shop.sellers), None])
            await head.insist(
                "assign" if to else "take away",
                f"/activities/{self._any()}/assign",
                {"employee_id": to},
            )
            await asyncio.sleep(0.2)

    async def _accountant(self, one: Caller) -> None:
        while self._goes_on:
            seller = self.chance.choice(self.shop.sellers)
            body = {
                "employee_id": seller.id,
                "company_id": self.shop.company,
                "room_id": self.shop.room,
            }
            amount = rub(self.chance.randint(1, 50))
            await one.insist(
                "adjust", "/motivation/adjustments", {**body, "amount": amount, "reason": "премия"}
            )
            await asyncio.sleep(0.3)

    async def _register(self, one: Caller, take: bool) -> None:
        call = await one.insist(
            "register",
            "/activities",
            self.shop.order(take=take, delivered=self.chance.random() < 0.3),
        )
        if call.ok:
            self.activities.append(call.response["id"])
            self.clients[call.response["id"]] = call.response["client"]["id"]

    def _any(self) -> str:
        """Lately registered ones more often, so that people meet."""
        return self.chance.choice(self.activities[-12:])

    async def _deed(self, one: Caller, activity: str) -> None:
        chance, path = self.chance, f"/activities/{activity}"
        amount = chance.choice([100, 400, 600, 1000])
        tag = f"{chance.getrandbits(64):x}"
        deeds: list[tuple[float, str, str, object]] = [
            (4, "take", f"{path}/take", None),
            (1, "release", f"{path}/release", REASON),
            (3, "interact", f"{path}/interactions", {"kind": "call", "note": f"о деле {tag}"}),
            (3, "invoice", f"{path}/invoices", {"amount": rub(1000), "number": tag}),
            (5, "pay", f"{path}/payments", {"amount": rub(amount), "external_id": tag}),
            (1, "refund", f"{path}/refunds", {"amount": rub(amount), "external_id": tag, **REASON}),
            (2, "sign", f"{path}/documents", {"state": "signed"}),
            (1, "lose", f"{path}/lose", REASON),
            (1, "reopen", f"{path}/reopen", None),
            (
                1,
                "claim",
                "/vip",
                {
                    "company_id": self.shop.company,
                    "room_id": self.shop.room,
                    "client_id": self.clients[activity],
                },
            ),
            (0.5, "free", f"/vip/{chance.choice(self.vips)}/release" if self.vips else "", None),
        ]
        (_, what, where, body), *_ = chance.choices(
            deeds, [weight for weight, _, where, _ in deeds]
        )
        if where:
            call = await one.insist(what, where, body, subject=activity)
            if what == "claim" and call.ok:
                self.vips.append(call.response["id"])
