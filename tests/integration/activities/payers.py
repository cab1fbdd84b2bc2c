"""A company that waits for confirmation of payments, its clients with INNs, and who reports their
payments.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.integration.activities.shop import today
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response
from tests.support.money import rub

INN, OTHER_INN = "7707083893", "7728168971"


@dataclass
class Payers:
    """A tenant with a seller, an accountant, and clients who owe."""

    tenant: Tenant
    seller: User
    accountant: User

    @classmethod
    async def of(cls, tenant: Tenant) -> "Payers":
        path = f"/companies/{tenant.company_id}"
        body = {"payment_confirmation": "required"}
        assert (await tenant.call(tenant.admin, "PATCH", path, body)).status == 200
        return cls(tenant, await tenant.user(), await tenant.user("accountant"))

    async def owing(
        self, number: str, inn: str | None = INN, amount: int = 1000, **about: Any
    ) -> Any:
        """An activity with an invoice of that number, by which its client owes its sum."""
        client: dict[str, Any] = {"name": f"ООО {inn or number}", "kind": "organization"}
        if inn:
            client["inn"] = inn
        lines = [{"product_id": self.tenant.product_id, "price": rub(amount)}]
        activity = await self.tenant.register(
            self.seller, take=True, client=client, products=lines, **about
        )
        return await self.bill(activity, number, amount)

    async def bill(self, activity: Any, number: str, amount: int) -> Any:
        await self.tenant.do(self.seller, activity, "invoices", amount=rub(amount), number=number)
        return await self.tenant.see(activity)

    async def report(self, external_id: str, purpose: str, amount: int = 1000, **about: Any) -> Any:
        response = await self.try_report(external_id, purpose, amount, **about)
        assert response.status in (200, 201), response.body
        return response.body

    async def try_report(
        self, external_id: str, purpose: str, amount: int = 1000, **about: Any
    ) -> Response:
        inn = about.pop("inn", INN)
        day: date = about.pop("received_on", today())
        body = {
            "external_id": external_id,
            "company_id": str(self.tenant.company_id),
            "amount": rub(amount) | {"currency": about.pop("currency", "RUB")},
            "received_on": day.isoformat(),
            "payer": {"inn": inn} if inn else {},
            "purpose": purpose,
            **about,
        }
        return await self.tenant.call(self.accountant, "POST", "/inbound/payments", body)

    async def decide(self, payment: Any, what: str, **body: Any) -> Response:
        path = f"/inbound/payments/{payment['id']}/{what}"
        return await self.tenant.call(self.accountant, "POST", path, body or None)

    async def decided(self, payment: Any, what: str, **body: Any) -> Any:
        response = await self.decide(payment, what, **body)
        assert response.status == 200, response.body
        return response.body

    async def match(self, payment: Any, *parts: tuple[Any, int]) -> Response:
        """Matches the payment with the only invoice of each activity."""
        shares = [share_of(activity, amount) for activity, amount in parts]
        return await self.decide(payment, "match", shares=shares)

    async def see(self, payment: Any) -> Any:
        path = f"/inbound/payments/{payment['id']}"
        return (await self.tenant.call(self.accountant, "GET", path)).body

    async def listed(self, query: str = "?state=unmatched") -> list[Any]:
        response = await self.tenant.call(self.accountant, "GET", f"/inbound/payments{query}")
        assert response.status == 200, response.body
        items: list[Any] = response.body["items"]
        return items


def share_of(activity: Any, amount: int) -> dict[str, Any]:
    (invoice,) = activity["invoices"]
    return {
        "activity_id": activity["id"],
        "invoice_id": invoice["id"],
        "amount": rub(amount),
    }
