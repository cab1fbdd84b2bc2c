"""A tenant of the motivation service: what it hears, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.motivation.consumers import PayContext, subscription
from services.motivation.handlers import plans as handlers
from services.motivation.storage import directory
from shared.db import Database
from shared.errors import Unavailable
from shared.events import Envelope, Event, PublishedEvent
from shared.events.activities import (
    ActivityEvent,
    ActivityState,
    ActivityWon,
    Checklist,
    EmployeeShare,
    PaymentReceived,
    PaymentRefunded,
    ProductLine,
)
from shared.events.directory import CompanyChanged, EmployeeChanged, RoomChanged
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    PlanId,
    ProductId,
    RoomId,
    SourceId,
    TenantId,
    new_id,
)
from shared.money import Money
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Snapshot

WON_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rub(amount: str | Decimal) -> Money:
    return Money(amount=Decimal(amount), currency="RUB")


class Away(PeerClient):
    """An owner of the directory who never answers: everything must have been heard."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", "")

    async def ask(self, tenant_id: TenantId, noun: str, subject: UUID) -> list[Snapshot]:
        raise Unavailable("nobody there")


@dataclass
class Tenant:
    """A tenant with a company, a room that sells for it, and sellers; facts about it, and what
    became of them.
    """

    database: Database
    context: PayContext
    id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    company: CompanyId = field(default_factory=lambda: CompanyId(new_id()))
    room: RoomId = field(default_factory=lambda: RoomId(new_id()))
    sellers: list[EmployeeId] = field(
        default_factory=lambda: [EmployeeId(new_id()) for _ in range(3)]
    )

    def directory(self, time_zone: str = "Europe/Moscow") -> list[PublishedEvent]:
        """Company, room and sellers with personnel numbers 001, 002, 003."""
        company = CompanyChanged(
            company_id=self.company, name="Ромашка", time_zone=time_zone, currency="RUB"
        )
        room = RoomChanged(room_id=self.room, name="A", company_ids=[self.company])
        staff = [
            EmployeeChanged(
                employee_id=seller,
                roles=["seller"],
                room_ids=[self.room],
                personnel_number=f"{number:03}",
                active=True,
            )
            for number, seller in enumerate(self.sellers, 1)
        ]
        told: list[tuple[Event, UUID]] = [
            (company, self.company),
            (room, self.room),
            *((one, one.employee_id) for one in staff),
        ]
        return [self.fact(event, subject, 1) for event, subject in told]

    def fact(self, event: Event, subject: UUID, version: int) -> PublishedEvent:
        return PublishedEvent(
            Envelope(new_id(), event.type, self.id, subject, version, datetime.now(UTC)), event
        )

    def state(
        self,
        paid: str,
        status: str = "won",
        shares: dict[EmployeeId, str] | None = None,
        **changes: Any,
    ) -> ActivityState:
        """An activity of 1000.00 for service, cold, first, of the first seller."""
        line = ProductLine(
            product_id=ProductId(new_id()),
            category="service",
            quantity=1,
            price=rub("1000"),
            amount=rub("1000"),
            delivered=False,
            term_months=None,
        )
        known: dict[str, Any] = {
            "company_id": self.company,
            "room_id": self.room,
            "client_id": ClientId(new_id()),
            "source_id": SourceId(new_id()),
            "source_kind": "cold",
            "sale": "first",
            "products": [line],
            "status": status,
            "stage": "won" if status == "won" else "in_work",
            "responsible_id": self.sellers[0],
            "responsible_since": WON_AT,
            "how": "taken",
            "shares": [
                EmployeeShare(employee_id=who, share=Decimal(share))
                for who, share in (shares or {}).items()
            ],
            "reset_due_at": None,
            "next_step_due_at": None,
            "invoice_due_on": None,
            "invoiced": rub("1000"),
            "paid": rub(paid),
            "checklist": Checklist(
                invoiced=True, paid=True, shipped=False, documents_signed=False, fully_paid=True
            ),
            "progress_at": WON_AT,
            "won_at": WON_AT if status == "won" else None,
            "created_at": WON_AT,
            "created_by": self.sellers[0],
        }
        return ActivityState(**(known | changes))

    def about(self, activity: ActivityId, version: int, state: ActivityState) -> PublishedEvent:
        """A fact that brings `activity` to `state`: its win, a refund, or a payment."""
        event: ActivityEvent
        if state.status == "won" and version == 1:
            event = ActivityWon(activity_id=activity, by=None, state=state, won_at=WON_AT)
        elif state.status == "won":
            event = PaymentRefunded(
                activity_id=activity,
                by=None,
                state=state,
                refund_id=new_id(),
                payment_id=None,
                amount=rub("1"),
            )
        else:
            event = PaymentReceived(
                activity_id=activity,
                by=None,
                state=state,
                payment_id=new_id(),
                amount=rub("1"),
                invoice_id=None,
                paid_at=WON_AT,
            )
        return self.fact(event, activity, version)

    async def hear(self, *told: PublishedEvent) -> None:
        await subscription.consume(self.context, self.id, told)

    async def publish(
        self, *rules: dict[str, Any], since: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    ) -> PlanId:
        """A published plan of `rules`, five percent unless said; the wins that it covers are
        settled.
        """
        told = list(rules) or [{"kind": "percent_of_receipts", "percent": "5.00"}]
        async with self.database.begin_for(self.id) as tx:
            company = (await directory.companies(tx, [self.company]))[self.company]
            room = (await directory.rooms(tx, [self.room]))[self.room]
            plan_id = await handlers.draft_plan(
                tx, company, room, "Plan", since.date(), told, self.sellers[0]
            )
        async with self.database.begin_for(self.id) as tx:
            await handlers.publish_plan(tx, plan_id)
        await handlers.settle_wins(self.database, self.id, plan_id)
        return plan_id

    async def query(self, sql: str, *values: Any) -> list[Any]:
        async with self.database.begin_for(self.id) as tx:
            return list(await tx.connection.fetch(sql, *values))

    async def lines(self) -> list[tuple[str, EmployeeId, str]]:
        """Kind, employee and amount of each line, in the order of posting."""
        rows = await self.query("SELECT kind, employee_id, amount FROM entry ORDER BY entry_id")
        return [(row["kind"], row["employee_id"], str(row["amount"])) for row in rows]

    async def sums(self) -> dict[EmployeeId, str]:
        rows = await self.query(
            "SELECT employee_id, sum(amount) AS total FROM entry GROUP BY employee_id"
        )
        return {row["employee_id"]: str(row["total"]) for row in rows}


def ids(count: int) -> Sequence[ActivityId]:
    return [ActivityId(new_id()) for _ in range(count)]
