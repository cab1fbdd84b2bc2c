"""A tenant that sells what is renewed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.activities.domain.renewals import add_months
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response
from tests.support.money import rub

MOSCOW = ZoneInfo("Europe/Moscow")


def today() -> date:
    return datetime.now(MOSCOW).date()


def midnight(day: date) -> datetime:
    """When the day begins in Moscow."""
    return datetime.combine(day, datetime.min.time(), MOSCOW).astimezone(UTC)


@dataclass
class Shop:
    """A tenant that sells a subscription of a month, its seller and its head."""

    tenant: Tenant
    seller: User
    head: User
    product_id: str

    @property
    def due_on(self) -> date:
        return add_months(today(), 1)

    async def product(self, **about: Any) -> str:
        product = {
            "company_id": str(self.tenant.company_id),
            "name": "Подписка",
            "category": "подписка",
            "price": rub(1000),
            "term_months": 1,
        }
        return str((await self.tenant.create("/products", **{**product, **about}))["id"])

    async def register(self, *product_ids: str, seller: User | None = None, **about: Any) -> Any:
        lines = [{"product_id": each} for each in product_ids or (self.product_id,)]
        return await self.tenant.register(seller or self.seller, take=True, products=lines, **about)

    async def win(self, activity: Any, amount: int = 1000, seller: User | None = None) -> Any:
        by = seller or self.seller
        await self.tenant.do(by, activity, "invoices", amount=rub(amount))
        sold = await self.tenant.do(by, activity, "payments", amount=rub(amount))
        assert sold["status"] == "won"
        return sold

    async def contract(self, *product_ids: str, **about: Any) -> Any:
        seller = about.get("seller")
        activity = await self.register(*product_ids, **about)
        return await self.win(activity, 1000 * len(product_ids or (1,)), seller)

    async def listed(self, user: User | None = None, query: str = "") -> list[Any]:
        response = await self.tenant.call(user or self.seller, "GET", f"/renewals{query}")
        assert response.status == 200, response.body
        items: list[Any] = response.body["items"]
        return items

    async def of(self, contract: Any) -> list[Any]:
        return await self.listed(self.tenant.admin, f"?contract_id={contract['id']}")

    async def one_of(self, contract: Any) -> Any:
        (renewal,) = await self.of(contract)
        return renewal

    async def command(self, user: User, renewal: Any, command: str, **body: Any) -> Response:
        path = f"/renewals/{renewal['id']}/{command}"
        return await self.tenant.call(user, "POST", path, body or None)

    async def do(self, user: User, renewal: Any, command: str, **body: Any) -> Any:
        response = await self.command(user, renewal, command, **body)
        assert response.status == 200, response.body
        return response.body

    async def events(self, renewal: Any) -> list[str]:
        rows = await self.tenant.reader.fetch(
            "SELECT aggregate_version AS version, type FROM outbox WHERE tenant_id = $1"
            " AND aggregate_id = $2 ORDER BY aggregate_version",
            self.tenant.tenant_id,
            UUID(renewal["id"]),
        )
        assert [row["version"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["type"].removeprefix("renewal.") for row in rows]

    async def renewed(self) -> list[Any]:
        """The activities that renewals became."""
        items = await self.tenant.pages(self.tenant.admin, "/activities", 100)
        return [item for item in items if item["source_kind"] == "renewal"]


async def hold_as_vip(tenant: Tenant, contract: Any, holder: User) -> None:
    await tenant.reader.execute(
        "INSERT INTO vip_holder (tenant_id, company_id, client_id, vip_id, version, responsible_id)"
        " VALUES ($1, $2, $3, gen_random_uuid(), 1, $4)",
        tenant.tenant_id,
        tenant.company_id,
        UUID(contract["client"]["id"]),
        holder.id,
    )
