"""A tenant of the motivation service: the events about it, and the entries that followed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.motivation.consumers import subscription
from services.motivation.handlers import plans as handlers
from services.motivation.handlers.plans import DraftPlan, PublishPlan
from services.motivation.storage.rules import rule_from_json
from shared.db import Database
from shared.errors import Unavailable
from shared.events import Envelope, Event, PublishedEvent
from shared.events.activities import (
    ActivityEvent,
    ActivityState,
    Checklist,
    EmployeeShare,
    ProductLine,
)
from shared.events.chain import ActivityWon, PaymentReceived, PaymentRefunded
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
from shared.internal_keys import KeyRing
from shared.internal_tokens import TokenIssuer
from shared.jobs.runner import JobRunner
from shared.money import MoneySum
from shared.replicas import PeerClient, Snapshot
from shared.service_context import ServiceContext
from shared.tenancy import Caller
from tests.support.money import roubles
from tests.support.months import THIS_MONTH

WON_AT = THIS_MONTH.at(20)
PERCENT = {"kind": "percent_of_receipts", "percent": "5.00"}


class UnavailableOwner(PeerClient):
    """An owner of the directory that never answers: every replica must be there."""

    def __init__(self) -> None:
        keys = KeyRing("motivation", "m" * 32, "")
        super().__init__("http://127.0.0.1:9", "activities", TokenIssuer(keys))

    async def fetch(self, tenant_id: TenantId, kind: str, subject: UUID) -> list[Snapshot]:
        raise Unavailable("nobody there")


@dataclass
class Tenant:
    """A tenant with a company, a room that sells for it, and sellers."""

    context: ServiceContext
    id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    company: CompanyId = field(default_factory=lambda: CompanyId(new_id()))
    room: RoomId = field(default_factory=lambda: RoomId(new_id()))
    sellers: list[EmployeeId] = field(
        default_factory=lambda: [EmployeeId(new_id()) for _ in range(3)]
    )

    @property
    def database(self) -> Database:
        return self.context.database

    def caller(self, *roles: str) -> Caller:
        """The first seller with other roles, who drafts plans and closes months."""
        return Caller(self.id, self.sellers[0], frozenset(roles))

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
        events: list[tuple[Event, UUID]] = [
            (company, self.company),
            (room, self.room),
            *((employee, employee.employee_id) for employee in staff),
        ]
        return [self.published(event, subject, 1) for event, subject in events]

    def published(self, event: Event, subject: UUID, version: int) -> PublishedEvent:
        return PublishedEvent(
            Envelope(new_id(), event.type, self.id, subject, version, datetime.now(UTC)), event
        )

    def state(
        self,
        paid: str | MoneySum,
        status: str = "won",
        shares: dict[EmployeeId, str] | None = None,
        **changes: Any,
    ) -> ActivityState:
        """An activity of 1000.00 for service, cold, first, of the first seller."""
        product = ProductLine(
            product_id=ProductId(new_id()),
            category="service",
            quantity=1,
            price=roubles("1000"),
            amount=roubles("1000"),
            delivered=False,
            term_months=None,
        )
        values: dict[str, Any] = {
            "company_id": self.company,
            "room_id": self.room,
            "client_id": ClientId(new_id()),
            "source_id": SourceId(new_id()),
            "source_kind": "cold",
            "sale": "first",
            "products": [product],
            "status": status,
            "stage": "won" if status == "won" else "in_work",
            "responsible_id": self.sellers[0],
            "responsible_since": WON_AT,
            "how": "taken",
            "shares": [
                EmployeeShare(employee_id=employee, share=Decimal(share))
                for employee, share in (shares or {}).items()
            ],
            "reset_due_at": None,
            "next_step_due_at": None,
            "invoice_due_on": None,
            "invoiced": roubles("1000"),
            "paid": paid if isinstance(paid, MoneySum) else roubles(paid),
            "checklist": Checklist(
                invoiced=True, paid=True, shipped=False, documents_signed=False, fully_paid=True
            ),
            "progress_at": WON_AT,
            "won_at": WON_AT if status == "won" else None,
            "created_at": WON_AT,
            "created_by": self.sellers[0],
        }
        return ActivityState(**(values | changes))

    def event(self, activity: ActivityId, version: int, state: ActivityState) -> PublishedEvent:
        """The event that brings `activity` to `state`: its win, a refund, or a payment."""
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
                amount=roubles("1"),
            )
        else:
            event = PaymentReceived(
                activity_id=activity,
                by=None,
                state=state,
                payment_id=new_id(),
                amount=roubles("1"),
                invoice_id=None,
                paid_at=WON_AT,
            )
        return self.published(event, activity, version)

    async def consume(self, *events: PublishedEvent) -> None:
        """Applies events as one batch from Kafka."""
        await subscription.consume(self.context, self.id, events)

    async def draft(self, *rules: dict[str, Any], since: datetime) -> PlanId:
        """A draft of `rules`, five percent by default."""
        command = DraftPlan(
            self.company,
            self.room,
            "Plan",
            since.date(),
            tuple(map(rule_from_json, rules or [PERCENT])),
        )
        async with self.database.begin_for(self.id) as tx:
            return await handlers.draft_plan(tx, command, self.caller("admin"))

    async def publish(self, *rules: dict[str, Any], since: datetime = THIS_MONTH.begins) -> PlanId:
        """A published plan; the wins that waited for it have accrued."""
        plan_id = await self.draft(*rules, since=since)
        await self.publish_draft(plan_id)
        await self.run_jobs()
        return plan_id

    async def publish_draft(self, plan_id: PlanId) -> None:
        """Publishes a draft; the wins that waited for it have not accrued yet."""
        async with self.database.begin_for(self.id) as tx:
            await handlers.publish_plan(tx, PublishPlan(plan_id), self.caller("admin"))

    async def run_jobs(self) -> None:
        """Runs the tenant's jobs to their ends."""
        runner = JobRunner(self.context)
        while await runner.advance(self.id):
            pass

    async def query(self, sql: str, *values: Any) -> list[Any]:
        async with self.database.begin_for(self.id) as tx:
            return list(await tx.connection.fetch(sql, *values))

    async def entries(self) -> list[tuple[str, EmployeeId, str]]:
        """Kind, employee and amount of each entry, in the order of posting."""
        rows = await self.query("SELECT kind, employee_id, amount FROM entry ORDER BY entry_id")
        return [(row["kind"], row["employee_id"], str(row["amount"])) for row in rows]

    def strangers(self, count: int) -> list[EmployeeId]:
        """Employees of whom there is no replica."""
        return [EmployeeId(new_id()) for _ in range(count)]

    async def sums(self) -> dict[EmployeeId, str]:
        rows = await self.query(
            "SELECT employee_id, sum(amount) AS total FROM entry GROUP BY employee_id"
        )
        return {row["employee_id"]: str(row["total"]) for row in rows}


def ids(count: int) -> Sequence[ActivityId]:
    return [ActivityId(new_id()) for _ in range(count)]
