"""A tenant with an accountant who uploads bank statements."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.integration.activities.tenant import Tenant, User
from tests.support.bank_file import BankPayment, bank_file
from tests.support.client import Response
from tests.support.money import rub

INNS = ("7707083893", "7702070139", "7728168971", "7736207543")


@dataclass
class Bank:
    """The tenant, its accountant, and a seller whose clients pay."""

    tenant: Tenant
    accountant: User
    seller: User
    path: str = "/bank-statements"

    @classmethod
    async def of(cls, tenant: Tenant) -> "Bank":
        return cls(tenant, await tenant.user("accountant"), await tenant.user())

    async def sell(self, inn: str = INNS[0], amount: int = 1000, **about: Any) -> Any:
        """An activity of a client with that INN, with an invoice of that sum."""
        activity = await self.tenant.register(
            self.seller,
            take=True,
            client={"name": f"Клиент {inn}", "kind": "organization", "inn": inn},
            products=[{"product_id": self.tenant.product_id, "price": rub(amount)}],
        )
        await self.tenant.do(self.seller, activity, "invoices", amount=rub(amount), **about)
        return await self.tenant.see(activity)

    async def call(self, method: str, path: str = "", body: Any = None, **more: Any) -> Response:
        return await self.tenant.call(self.accountant, method, f"{self.path}{path}", body, **more)

    async def send(
        self, content: bytes, user: User | None = None, key: str | None = None
    ) -> Response:
        """Uploads a file of the company's account; any response."""
        path = f"{self.path}?filename=kl_to_1c.txt&company_id={self.tenant.company_id}"
        return await self.tenant.call(user or self.accountant, "POST", path, content, key)

    async def upload(self, *payments: BankPayment, **about: Any) -> Any:
        """The statement of a file of the payments, read to its end."""
        response = await self.send(bank_file(payments, **about))
        assert response.status == 202, response.body
        return await self.see(response.body["id"])

    async def see(self, statement_id: str) -> Any:
        response = await self.call("GET", f"/{statement_id}")
        assert response.status == 200, response.body
        return response.body

    async def lines(self, statement: Any, query: str = "") -> list[Any]:
        path = f"{self.path}/{statement['id']}/lines{query}"
        return await self.tenant.pages(self.accountant, path, 200)

    async def states(self, statement: Any) -> list[str]:
        return [line["state"] for line in await self.lines(statement)]

    async def book(self, statement: Any) -> Any:
        """Books what is sure; the job, which is through."""
        response = await self.call("POST", f"/{statement['id']}/book")
        assert response.status == 202, response.body
        return await self.job(response.body["id"])

    async def job(self, job_id: str) -> Any:
        return (await self.tenant.call(self.accountant, "GET", f"/jobs/{job_id}")).body

    async def command(self, line: Any, command: str, **body: Any) -> Response:
        return await self.call(
            "POST", f"/{line['statement_id']}/lines/{line['id']}/{command}", body
        )

    async def do(self, line: Any, command: str, **body: Any) -> Any:
        response = await self.command(line, command, **body)
        assert response.status == 200, response.body
        return response.body

    async def payments(self) -> list[tuple[str, str, str | None]]:
        """Amount, state and sender's id of every payment of the tenant."""
        rows = await self.tenant.reader.fetch(
            "SELECT amount, state, external_id FROM payment WHERE tenant_id = $1 ORDER BY id",
            self.tenant.tenant_id,
        )
        return [(str(row["amount"]), row["state"], row["external_id"]) for row in rows]

    async def sell_many(self, count: int) -> list[Any]:
        """Sales to one client, each with its own invoice of 1,000 roubles."""
        first = await self.sell()
        client_id = first["client"]["id"]
        rest = await asyncio.gather(*(self._sell_to(client_id) for _ in range(count - 1)))
        return [first, *rest]

    async def _sell_to(self, client_id: str) -> Any:
        activity = await self.tenant.register(
            self.seller,
            take=True,
            client_id=client_id,
            products=[{"product_id": self.tenant.product_id, "price": rub(1000)}],
        )
        await self.tenant.do(self.seller, activity, "invoices", amount=rub(1000))
        return await self.tenant.see(activity)


def pays(activity: Any, **about: str) -> BankPayment:
    """A payment of the activity's invoice, with its number in the purpose."""
    (invoice,) = activity["invoices"]
    purpose = f"Оплата по счету № {invoice['number']}, НДС не облагается"
    amount = invoice["amount"]["amount"]
    return BankPayment(**{"purpose": purpose, "amount": amount, "number": "415", **about})


def part_of(activity: Any, amount: str | None = None) -> dict[str, Any]:
    """A part of a line for the activity's invoice."""
    (invoice,) = activity["invoices"]
    return {
        "activity_id": activity["id"],
        "invoice_id": invoice["id"],
        "amount": rub(amount) if amount else invoice["amount"],
    }


def ids_of(lines: Sequence[Any]) -> list[UUID]:
    return [UUID(line["id"]) for line in lines]
