"""One activity as its seller leads it: each step is a command, its key the activity's number and
the step's.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from deploy.demo.api_client import Person
from deploy.demo.catalogue import rub


@dataclass
class Deal:
    """An activity to be; `view` is what the last command answered.

    `today` is the moment that dates count back from.
    """

    number: int
    random: Random
    today: datetime
    seller: Person
    head: Person
    accountant: Person
    order: dict[str, Any]
    view: dict[str, Any] = field(default_factory=dict)
    steps: int = 0

    @property
    def id(self) -> str:
        return str(self.view["id"])

    @property
    def total(self) -> Decimal:
        """What all products cost."""
        return Decimal(self.view["agreed"]["amount"])

    @property
    def delivered(self) -> bool:
        return any(line["delivered"] for line in self.view["products"])

    async def register(self, *, take: bool = False, by: Person | None = None) -> None:
        """The activity with its client, from its source."""
        self.view = await (by or self.seller).do(
            f"{self.number}/register", "/activities", self.order | {"take": take}
        )

    async def forbid_calls(self, words: str) -> None:
        """The client asks not to be called."""
        word = {
            "kind": "do_not_call",
            "phone": self.order["client"]["phones"][0],
            "source": "Звонок",
            "text": words,
        }
        path = f"/clients/{self.view['client']['id']}/consents"
        await self.seller.do(f"{self.number}/do-not-call", path, word)

    async def take(self) -> None:
        await self._step("take", None)

    async def assign(self) -> None:
        """The head gives it to the seller."""
        await self._step("assign", {"employee_id": self.seller.id}, self.head)

    async def release(self, reason: str) -> None:
        await self._step("release", {"reason": reason})

    async def talk(self, kind: str, note: str, then: str | None = None, in_days: float = 0) -> None:
        """A conversation, with the next step if there is one; `in_days` below zero is one that is
        overdue.
        """
        promised = {"what": then, "due_at": self._moment(in_days)} if then else None
        await self._step("interactions", {"kind": kind, "note": note, "next_step": promised})

    async def invoice(self, part: Decimal = Decimal(1), due_in_days: int = 7) -> None:
        day = (self.today + timedelta(days=due_in_days)).date().isoformat()
        number = f"СЧ-{self.number:04d}/{self.steps}"
        await self._step("invoices", {"amount": self._money(part), "number": number, "due_on": day})

    async def pay(self, part: Decimal = Decimal(1), days_ago: float = 1) -> None:
        """Money comes in; the accountant enters it."""
        body = {
            "amount": self._money(part),
            "paid_at": self._moment(-days_ago),
            "external_id": f"ПП-{self.number}-{self.steps}",
        }
        await self._step("payments", body, self.accountant)

    async def claim(self, part: Decimal) -> None:
        """The seller says that money came; it waits for the accountant."""
        await self._step("payments", {"amount": self._money(part)})

    async def pay_the_rest(self, days_ago: float = 1) -> None:
        left = Decimal(self.view["to_pay"]["amount"])
        body = {
            "amount": rub(f"{left:.2f}"),
            "paid_at": self._moment(-days_ago),
            "external_id": f"ПП-{self.number}-{self.steps}",
        }
        await self._step("payments", body, self.accountant)

    async def refund(self, reason: str, part: Decimal = Decimal(1)) -> None:
        amount = (Decimal(self.view["paid"]["amount"]) * part).quantize(Decimal("0.01"))
        await self._step("refunds", {"amount": rub(f"{amount}"), "reason": reason}, self.accountant)

    async def ship(self, days_ago: int = 3) -> None:
        await self._step(
            "shipments",
            {"shipped_on": self._day(days_ago), "note": "Транспортная компания, до двери"},
        )

    async def documents(self, state: str, days_ago: int = 1) -> None:
        await self._step(
            "documents",
            {"state": state, "number": f"УПД-{self.number:04d}", "on": self._day(days_ago)},
        )

    async def lose(self, reason: str) -> None:
        await self._step("lose", {"reason": reason})

    async def reopen(self, by: Person | None = None) -> None:
        await self._step("reopen", None, by)

    async def split(self, other: Person, share: str, rest: str) -> None:
        parts = [
            {"employee_id": self.seller.id, "share": share},
            {"employee_id": other.id, "share": rest},
        ]
        await self._step("split", {"shares": parts})
        if proposal := self.view["split_proposal"]:
            await self._step(f"split/{proposal['id']}/accept", None, other)

    async def _step(self, what: str, body: Any, by: Person | None = None) -> None:
        self.steps += 1
        self.view = await (by or self.seller).do(
            f"{self.number}/{self.steps}/{what}", f"/activities/{self.id}/{what}", body
        )

    def _money(self, part: Decimal) -> dict[str, str]:
        return rub(f"{(self.total * part).quantize(Decimal('0.01'))}")

    def _moment(self, in_days: float) -> str:
        return (self.today + timedelta(days=in_days)).isoformat()

    def _day(self, days_ago: int) -> str:
        return (self.today - timedelta(days=days_ago)).date().isoformat()
