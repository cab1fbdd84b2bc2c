"""Activities that are followed by a model: the stage on which, and what must agree with it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from shared.ids import new_id
from tests.integration.activities.tenant import Tenant, User
from tests.support.activity_model import ActivityModel, TradeModel
from tests.support.client import Response
from tests.support.money import rub

_SUMS = ("agreed", "invoiced", "paid", "claimed", "to_invoice")


@dataclass
class Followed:
    """An activity with its model, and the ids of what was recorded on it.

    `now_of` is the client into which its own was merged.
    """

    id: str
    client_id: str
    model: ActivityModel
    invoices: list[str] = field(default_factory=list)
    payments: list[str] = field(default_factory=list)
    now_of: str | None = None

    def __post_init__(self) -> None:
        trade = self.model.trade
        self.registered = (trade.agreed, trade.delivered)


@dataclass(frozen=True)
class Sent:
    """A payment of some sender's id, on the first or the second activity."""

    which: int
    payment_id: str
    amount: int


def assert_agrees(view: dict[str, Any], followed: Followed) -> None:
    """Asserts that an activity is shown as its model has it."""
    model, trade = followed.model, followed.model.trade
    assert (view["status"], view["responsible_id"]) == (model.status, model.responsible)
    assert view["client"]["id"] == (followed.now_of or followed.client_id)
    sums = {name: Decimal(view[name]["amount"]) for name in _SUMS}
    assert sums == {name: getattr(trade, name) for name in _SUMS}
    assert (view["won_at"] is not None) == (model.status == "won")
    assert view["checklist"]["fully_paid"] == trade.covered
    assert view["checklist"]["documents_signed"] == trade.documents_signed
    assert view["checklist"]["shipped"] == (trade.shipments > 0)


@dataclass
class Stage:
    """A tenant with two rooms in which the sellers sell, and products with and without delivery.

    Its company's payments need confirmation.
    """

    tenant: Tenant
    sellers: list[User]
    accountant: User
    rooms: list[UUID]
    products: dict[bool, str]

    @classmethod
    async def of(cls, tenant: Tenant) -> "Stage":
        path = f"/companies/{tenant.company_id}"
        await tenant.call(tenant.admin, "PATCH", path, {"payment_confirmation": "required"})
        rooms: list[UUID] = [tenant.room_id, await tenant.another_room()]
        for room_id in rooms[1:]:
            path = f"/rooms/{room_id}/settings?company_id={tenant.company_id}"
            numbers = {"activity_reset_days": 0, "retake_cooldown_seconds": 0}
            assert (await tenant.call(tenant.admin, "PATCH", path, numbers)).status == 200
        delivered = await tenant.create(
            "/products",
            company_id=str(tenant.company_id),
            name="Станок",
            category="machine",
            price=rub(1000),
            delivered=True,
        )
        return cls(
            tenant,
            [await tenant.user_of_rooms(rooms) for _ in range(2)],
            await tenant.user("accountant"),
            rooms,
            {False: tenant.product_id, True: delivered["id"]},
        )

    @property
    def admin(self) -> User:
        return self.tenant.admin

    async def register(self, seller: User, delivered: bool, take: bool) -> Any:
        products = [{"product_id": self.products[delivered]}]
        return await self.tenant.register(seller, f"Лес {new_id()}", products=products, take=take)

    async def merge(self, client_id: str, into_id: str) -> Response:
        path, body = f"/clients/{client_id}/merge", {"into_client_id": into_id}
        return await self.tenant.call(self.admin, "POST", path, body)

    async def assert_stored(self, followed: Followed) -> None:
        """Asserts that detail, rows and events agree with the model."""
        detail = await self.tenant.see({"id": followed.id})
        assert_agrees(detail, followed)
        self._assert_papers(detail, followed.model.trade)
        events = await self._events(followed.id)
        assert [version for version, _, _ in events] == list(range(1, detail["version"] + 1))
        folded = TradeModel(*followed.registered)
        for _, event_type, body in events:
            folded.fold(event_type, body)
        folded.delivered = followed.model.trade.delivered
        followed.model.trade.wins = int(followed.model.status == "won")
        assert folded == followed.model.trade, "the events add up to the facts"
        state = events[-1][2]["state"]
        for name in ("status", "responsible_id", "sale", "shares", "room_id", "won_at"):
            assert state[name] == detail[name], f"the last event has another {name}"
        assert {name: state[name] for name in _SUMS[:-1]} == {
            name: detail[name] for name in _SUMS[:-1]
        }
        await self._assert_rows(followed)

    def _assert_papers(self, detail: dict[str, Any], trade: TradeModel) -> None:
        states = {document["number"]: document["state"] for document in detail["document_states"]}
        assert states == trade.documents
        invoices = [invoice for invoice in detail["invoices"] if not invoice["cancelled"]]
        assert {invoice["id"] for invoice in invoices} == set(trade.invoices)
        covering = sum(Decimal(invoice["paid"]["amount"]) for invoice in invoices)
        assert covering == min(trade.invoiced, trade.paid), "money covers what is invoiced"

    async def _events(self, activity_id: str) -> list[tuple[int, str, Any]]:
        rows = await self.tenant.reader.fetch(
            "SELECT aggregate_version, type, value FROM outbox WHERE tenant_id = $1"
            " AND aggregate_id = $2 AND topic LIKE '%activities%' ORDER BY aggregate_version",
            self.tenant.tenant_id,
            UUID(activity_id),
        )
        return [(row["aggregate_version"], row["type"], orjson.loads(row["value"])) for row in rows]

    async def _assert_rows(self, followed: Followed) -> None:
        rows = await self.tenant.reader.fetch(
            "SELECT p.id::text, p.state, p.amount, p.room_id = a.room_id AS in_its_room"
            " FROM payment AS p JOIN activity AS a ON a.tenant_id = p.tenant_id"
            " AND a.id = p.activity_id WHERE p.tenant_id = $1 AND p.activity_id = $2",
            self.tenant.tenant_id,
            UUID(followed.id),
        )
        trade = followed.model.trade
        assert all(row["in_its_room"] for row in rows)
        assert _by_id(rows, "confirmed") == trade.receipts
        assert _by_id(rows, "claimed") == trade.claims
        assert set(_by_id(rows, "struck")) == followed.model.struck


def _by_id(rows: list[Any], state: str) -> dict[str, Decimal]:
    return {row["id"]: row["amount"] for row in rows if row["state"] == state}
