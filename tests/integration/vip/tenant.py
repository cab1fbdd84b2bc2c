"""A tenant of its own for a test: events of the activities service about it, and its callers."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg

from services.vip.consumers import subscription
from shared.events import Envelope, Event, PublishedEvent
from shared.events.activities import ActivityEvent, ActivityState, Checklist, InteractionRecorded
from shared.events.chain import PaymentClaimed, PaymentReceived, PaymentRefunded, PaymentStruck
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    EmployeeChanged,
    ResetNotice,
    RoomChanged,
    RoomSettingsChanged,
)
from shared.events.people import PersonDescribed
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    RoomId,
    SourceId,
    TenantId,
    derived_id,
    new_id,
)
from shared.service_context import ServiceContext
from shared.tenancy import Caller
from tests.support.client import Response
from tests.support.money import roubles
from tests.support.service_client import ServiceClient
from tests.support.stub_owner import StubOwner


@dataclass
class Tenant:
    """A tenant with a company, a room and as many sellers and clients as a test adds."""

    context: ServiceContext
    reader: asyncpg.Connection
    api: ServiceClient
    owner: StubOwner
    tenant_id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    company_id: CompanyId = field(default_factory=lambda: CompanyId(new_id()))
    room_id: RoomId = field(default_factory=lambda: RoomId(new_id()))
    head: EmployeeId = field(default_factory=lambda: EmployeeId(new_id()))
    settings_version: int = 0

    async def create(self, **room_settings: Any) -> "Tenant":
        """Applies the directory's events about the company, the room and its settings."""
        company = CompanyChanged(
            company_id=self.company_id, name="Лес", time_zone="Europe/Moscow", currency="RUB"
        )
        await self.apply(company, self.company_id)
        await self.apply(self.room_changed(self.room_id), self.room_id)
        await self.set_room_settings(**room_settings)
        return self

    async def apply(
        self, event: Event, subject: UUID, version: int = 1, event_id: UUID | None = None
    ) -> None:
        """Applies an event as the consumer does."""
        await self.consume([self.published(event, subject, version, event_id)])

    async def apply_activity_event(
        self, event: ActivityEvent, event_id: UUID | None = None
    ) -> None:
        await self.apply(event, event.activity_id, event_id=event_id)

    async def consume(self, batch: Sequence[PublishedEvent]) -> None:
        await subscription.consume(self.context, self.tenant_id, batch)

    async def erase(self, subject: UUID) -> None:
        await subscription.consume(self.context, self.tenant_id, erased=[subject])

    def published(
        self, event: Event, subject: UUID, version: int = 1, event_id: UUID | None = None
    ) -> PublishedEvent:
        """The event with an envelope of now."""
        envelope = Envelope(
            event_id or new_id(), event.type, self.tenant_id, subject, version, datetime.now(UTC)
        )
        return PublishedEvent(envelope, event)

    def published_all(self, activity_events: Sequence[ActivityEvent]) -> list[PublishedEvent]:
        return [self.published(event, event.activity_id) for event in activity_events]

    async def set_room_settings(
        self,
        development: int = 10,
        receipts: int = 20,
        reset_days: int = 30,
        *,
        notice: ResetNotice | None = None,
    ) -> None:
        self.settings_version += 1
        changed = self.settings_changed(self.room_id, development, receipts, reset_days)
        changed = changed.model_copy(update={"reset_notices": [notice] if notice else []})
        await self.apply(changed, derived_id(self.room_id, self.company_id), self.settings_version)

    def settings_changed(
        self, room_id: RoomId, development: int, receipts: int, reset_days: int
    ) -> RoomSettingsChanged:
        return RoomSettingsChanged(
            room_id=room_id,
            company_id=self.company_id,
            changed_by=self.head,
            activity_reset_days=14,
            retake_cooldown_seconds=60,
            vip_in_development_limit=development,
            vip_by_receipts_limit=receipts,
            vip_reset_days=reset_days,
            renewal_horizon_days=30,
        )

    async def seller(self, **changes: Any) -> EmployeeId:
        """A new employee: a seller of the room, but for `changes`."""
        seller = EmployeeId(new_id())
        await self.apply(self.employee_changed(seller, **changes), seller)
        return seller

    def employee_changed(self, employee_id: EmployeeId, **changes: Any) -> EmployeeChanged:
        fields: dict[str, Any] = {
            "roles": ["seller"],
            "room_ids": [self.room_id],
            "personnel_number": None,
            "active": True,
        }
        return EmployeeChanged(employee_id=employee_id, **fields | changes)

    def room_changed(self, room_id: RoomId) -> RoomChanged:
        return RoomChanged(room_id=room_id, name="Москва", company_ids=[self.company_id])

    async def client(
        self, name: str = "Ромашка", large: bool = False, room_ids: Sequence[RoomId] = ()
    ) -> ClientId:
        """A client of `room_ids`, of all rooms without any."""
        client = ClientId(new_id())
        await self.apply(self.client_changed(client, large, room_ids), client)
        self.owner.works(client, room_ids)
        await self.apply(PersonDescribed(kind="client", name=name), client)
        return client

    def client_changed(
        self, client: ClientId, large: bool = False, room_ids: Sequence[RoomId] = ()
    ) -> ClientChanged:
        return ClientChanged(
            client_id=client,
            kind="organization",
            large=large,
            registered_by=None,
            room_ids=list(room_ids),
        )

    async def clients(self, count: int) -> list[ClientId]:
        return [await self.client() for _ in range(count)]

    def interaction(
        self, client: ClientId, seller: EmployeeId | None, at: datetime | None = None
    ) -> InteractionRecorded:
        fields = self._activity_fields(client, seller, at or datetime.now(UTC))
        return InteractionRecorded(**fields, kind="call", has_note=False)

    def payment(
        self,
        client: ClientId,
        seller: EmployeeId | None,
        amount: int | str,
        days_ago: int = 0,
        at: datetime | None = None,
        room_id: RoomId | None = None,
        of: PaymentReceived | None = None,
    ) -> PaymentReceived:
        """A payment on an activity of its own, or on that of the payment `of`."""
        fields = self._activity_fields(client, seller, at or datetime.now(UTC), room_id)
        if of:
            fields["activity_id"] = of.activity_id
        return PaymentReceived(
            **fields,
            payment_id=new_id(),
            amount=roubles(amount),
            invoice_id=None,
            paid_at=datetime.now(UTC) - timedelta(days=days_ago),
        )

    def refund(
        self,
        payment: PaymentReceived,
        amount: int | str,
        *,
        named: bool = True,
        responsible: EmployeeId | None = None,
    ) -> PaymentRefunded:
        """A refund on the payment's activity, which `responsible` works by then, if given."""
        state: Any = payment.state
        if responsible:
            state = state.model_copy(update={"responsible_id": responsible})
        return PaymentRefunded(
            activity_id=payment.activity_id,
            by=payment.by,
            state=state,
            refund_id=new_id(),
            payment_id=payment.payment_id if named else None,
            amount=roubles(amount),
        )

    def claim_of_payment(self, payment: PaymentReceived) -> PaymentClaimed:
        """The claim before the payment was confirmed."""
        fields = {name: getattr(payment, name) for name in PaymentClaimed.model_fields}
        return PaymentClaimed(**fields)

    def strike(
        self, payment: PaymentReceived, was: Literal["claimed", "confirmed"] = "confirmed"
    ) -> PaymentStruck:
        return PaymentStruck(
            activity_id=payment.activity_id,
            by=payment.by,
            state=payment.state,
            payment_id=payment.payment_id,
            amount=payment.amount,
            was=was,
        )

    def _activity_fields(
        self,
        client: ClientId,
        seller: EmployeeId | None,
        at: datetime,
        room_id: RoomId | None = None,
    ) -> dict[str, Any]:
        state = ActivityState(
            company_id=self.company_id,
            room_id=room_id or self.room_id,
            client_id=client,
            source_id=SourceId(new_id()),
            source_kind="cold",
            sale="first",
            products=[],
            status="in_work" if seller else "free",
            stage="in_work",
            responsible_id=seller,
            responsible_since=at if seller else None,
            how="taken" if seller else None,
            shares=[],
            reset_due_at=None,
            next_step_due_at=None,
            invoice_due_on=None,
            invoiced=roubles(0),
            paid=roubles(0),
            checklist=Checklist(
                invoiced=False, paid=False, shipped=False, documents_signed=False, fully_paid=False
            ),
            progress_at=at,
            won_at=None,
            created_at=at,
            created_by=seller,
        )
        return {"activity_id": ActivityId(new_id()), "by": seller, "state": state}

    async def request(
        self,
        employee_id: EmployeeId,
        method: str,
        path: str,
        body: Any = None,
        roles: Sequence[str] = ("seller",),
        rooms: Sequence[RoomId] | None = None,
        headers: Mapping[str, str] | None = None,
        headed: Sequence[RoomId] | None = None,
    ) -> Response:
        """Calls `/api/v1/vip{path}` as an employee of the tenant's room, unless `rooms` says
        otherwise; a head heads all of them, or those of `headed`.
        """
        room_ids = frozenset([self.room_id] if rooms is None else rooms)
        caller = Caller(
            self.tenant_id,
            employee_id,
            frozenset(roles),
            room_ids,
            headed_room_ids=None if headed is None else frozenset(headed),
        )
        return await self.api.call(caller, method, f"/vip{path}", body, headers)

    async def claim(
        self, seller: EmployeeId, client: UUID, room_id: RoomId | None = None, **options: Any
    ) -> Response:
        body = {
            "company_id": str(self.company_id),
            "room_id": str(room_id or self.room_id),
            "client_id": str(client),
        }
        return await self.request(seller, "POST", "", body, **options)

    async def release(self, seller: EmployeeId, vip_id: str) -> Response:
        return await self.request(seller, "POST", f"/{vip_id}/release")

    async def assign(
        self, vip_id: str, to: EmployeeId | None, reason: str | None = None, **options: Any
    ) -> Response:
        body = {"employee_id": str(to) if to else None, "reason": reason}
        return await self.request(
            self.head, "POST", f"/{vip_id}/assign", body, **{"roles": ("head",), **options}
        )

    async def get_vip(self, vip_id: str) -> Any:
        return (await self.request(self.head, "GET", f"/{vip_id}", roles=("head",))).body

    async def events_of(self, vip_id: str | None = None) -> list[tuple[int, str, dict[str, Any]]]:
        """What was published about one VIP, or all: version, type and data, from the outbox."""
        rows = await self.reader.fetch(
            """
            SELECT aggregate_version, type, convert_from(value, 'UTF8')::json AS data FROM outbox
            WHERE tenant_id = $1 AND ($2::uuid IS NULL OR aggregate_id = $2)
            ORDER BY aggregate_id, aggregate_version
            """,
            self.tenant_id,
            UUID(vip_id) if vip_id else None,
        )
        return [tuple(row) for row in rows]

    async def event_types_of(self, vip_id: str | None = None) -> list[str]:
        return [event_type for _, event_type, _ in await self.events_of(vip_id)]

    async def assert_versions_have_no_gaps(self) -> None:
        """Every VIP's events are numbered from 1 to its version."""
        rows = await self.reader.fetch(
            """
            SELECT v.version,
                   array_agg(o.aggregate_version ORDER BY o.aggregate_version) AS published
            FROM vip v
            JOIN outbox o ON o.tenant_id = v.tenant_id AND o.aggregate_id = v.id
            WHERE v.tenant_id = $1 GROUP BY v.id, v.version
            """,
            self.tenant_id,
        )
        assert all(row["published"] == list(range(1, row["version"] + 1)) for row in rows), rows

    async def make_overdue(self, vip_id: str, days: int = 1) -> None:
        """Sets a VIP as if it had been left alone until its deadline had passed `days` ago; one
        that nobody holds has none.
        """
        await self.reader.execute(
            """
            UPDATE vip SET reset_due_at = now() - make_interval(days => $2),
                           progress_at = now() - make_interval(days => 30 + $2)
            WHERE id = $1::uuid AND responsible_id IS NOT NULL
            """,
            vip_id,
            days,
        )


async def concurrently(*calls: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*calls))
