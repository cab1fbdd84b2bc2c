"""A tenant of its own for a test: the activities service's facts about it, and callers at the vip
service's door.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import time
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
from aiohttp import web

from services.vip.consumers import subscription
from shared.db import Database
from shared.events import Envelope, Event, PublishedEvent
from shared.events.activities import (
    ActivityEvent,
    ActivityState,
    Checklist,
    InteractionRecorded,
    PaymentReceived,
    PaymentRefunded,
)
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    EmployeeChanged,
    RoomChanged,
    RoomSettingsChanged,
)
from shared.events.people import PersonDescribed
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    ProductId,
    RoomId,
    SourceId,
    TenantId,
    derived_id,
    new_id,
)
from shared.money import Money
from shared.replicas.snapshot import Snapshot
from shared.tenancy import Caller, mint

__all__ = ["Answer", "Owner", "ProductId", "World", "rub"]


def rub(amount: int | str | Decimal) -> Money:
    return Money(amount=Decimal(amount).quantize(Decimal("0.01")), currency="RUB")


@dataclass
class Answer:
    """Status and body."""

    status: int
    body: Any


class Owner:
    """Stands where the activities service does: answers what it was given, remembers what it was
    told.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], list[Snapshot]] = {}
        self.asked: list[tuple[str, str]] = []
        self.told: list[dict[str, Any]] = []

    async def start(self, port: int) -> web.AppRunner:
        app = web.Application()
        app.add_routes(
            [
                web.get("/internal/snapshots/{noun}/{subject}", self._answer),
                web.post("/internal/snapshots", self._hear),
            ]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    async def _answer(self, request: web.Request) -> web.Response:
        wanted = request.match_info["noun"], request.match_info["subject"]
        self.asked.append(wanted)
        if wanted not in self.known:
            return web.Response(status=404)
        return web.json_response(
            {"snapshots": [copy.model_dump(mode="json") for copy in self.known[wanted]]}
        )

    async def _hear(self, request: web.Request) -> web.Response:
        self.told += (await request.json())["snapshots"]
        return web.Response(status=204)


@dataclass
class World:
    """One tenant with a company, a room and as many sellers and clients as asked for."""

    database: Database
    reader: asyncpg.Connection
    http: aiohttp.ClientSession
    secret: str
    tenant_id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    company_id: CompanyId = field(default_factory=lambda: CompanyId(new_id()))
    room_id: RoomId = field(default_factory=lambda: RoomId(new_id()))
    head: EmployeeId = field(default_factory=lambda: EmployeeId(new_id()))
    settings_version: int = 0
    replicas: None = None

    async def enter(self, **room_settings: int) -> "World":
        """The company, the room and its numbers, as the directory tells them."""
        await self.hear(
            CompanyChanged(
                company_id=self.company_id, name="Лес", time_zone="Europe/Moscow", currency="RUB"
            ),
            self.company_id,
        )
        await self.hear(
            RoomChanged(room_id=self.room_id, name="Москва", company_ids=[self.company_id]),
            self.room_id,
        )
        await self.set_room_settings(**room_settings)
        return self

    async def hear(
        self, event: Event, subject: UUID, version: int = 1, event_id: UUID | None = None
    ) -> None:
        await subscription.consume(
            self, self.tenant_id, [self.fact(event, subject, version, event_id)]
        )

    def fact(
        self, event: Event, subject: UUID, version: int = 1, event_id: UUID | None = None
    ) -> PublishedEvent:
        return PublishedEvent(
            Envelope(
                event_id or new_id(),
                event.type,
                self.tenant_id,
                subject,
                version,
                datetime.now(UTC),
            ),
            event,
        )

    async def set_room_settings(
        self, development: int = 10, receipts: int = 20, reset_days: int = 30
    ) -> None:
        self.settings_version += 1
        changed = RoomSettingsChanged(
            room_id=self.room_id,
            company_id=self.company_id,
            changed_by=self.head,
            activity_reset_days=14,
            retake_cooldown_seconds=60,
            vip_in_development_limit=development,
            vip_by_receipts_limit=receipts,
            vip_reset_days=reset_days,
            renewal_horizon_days=30,
        )
        await self.hear(changed, derived_id(self.room_id, self.company_id), self.settings_version)

    async def seller(self, **differently: Any) -> EmployeeId:
        seller = EmployeeId(new_id())
        about: dict[str, Any] = {
            "roles": ["seller"],
            "room_ids": [self.room_id],
            "personnel_number": None,
            "active": True,
        }
        await self.hear(EmployeeChanged(employee_id=seller, **about | differently), seller)
        return seller

    async def client(self, name: str = "Ромашка", large: bool = False) -> ClientId:
        client = ClientId(new_id())
        await self.hear(self.client_changed(client, large), client)
        await self.hear(PersonDescribed(kind="client", name=name), client)
        return client

    def client_changed(self, client: ClientId, large: bool = False) -> ClientChanged:
        return ClientChanged(client_id=client, kind="organization", large=large, registered_by=None)

    async def clients(self, count: int) -> list[ClientId]:
        return [await self.client() for _ in range(count)]

    def _activity(
        self, client: ClientId, seller: EmployeeId | None, at: datetime
    ) -> dict[str, Any]:
        state = ActivityState(
            company_id=self.company_id,
            room_id=self.room_id,
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
            invoiced=rub(0),
            paid=rub(0),
            checklist=Checklist(
                invoiced=False, paid=False, shipped=False, documents_signed=False, fully_paid=False
            ),
            progress_at=at,
            won_at=None,
            created_at=at,
            created_by=seller,
        )
        return {"activity_id": ActivityId(new_id()), "by": seller, "state": state}

    def interaction(
        self, client: ClientId, seller: EmployeeId | None, at: datetime | None = None
    ) -> InteractionRecorded:
        return InteractionRecorded(
            **self._activity(client, seller, at or datetime.now(UTC)), kind="call", has_note=False
        )

    def payment(
        self,
        client: ClientId,
        seller: EmployeeId | None,
        amount: int | str,
        days_ago: int = 0,
        at: datetime | None = None,
    ) -> PaymentReceived:
        paid_at = datetime.now(UTC) - timedelta(days=days_ago)
        about = self._activity(client, seller, at or datetime.now(UTC))
        return PaymentReceived(
            **about, payment_id=new_id(), amount=rub(amount), invoice_id=None, paid_at=paid_at
        )

    def refund(self, payment: PaymentReceived, amount: int | str) -> PaymentRefunded:
        about = {"activity_id": payment.activity_id, "by": payment.by, "state": payment.state}
        return PaymentRefunded(
            **about, refund_id=new_id(), payment_id=payment.payment_id, amount=rub(amount)
        )

    async def happens(self, fact: ActivityEvent, event_id: UUID | None = None) -> None:
        await self.hear(fact, fact.activity_id, event_id=event_id)

    def token(self, who: EmployeeId, roles: Sequence[str], rooms: Sequence[RoomId]) -> str:
        return mint(
            Caller(self.tenant_id, who, frozenset(roles), frozenset(rooms)), self.secret, time()
        )

    async def call(
        self,
        who: EmployeeId,
        method: str,
        path: str,
        body: Any = None,
        roles: Sequence[str] = ("seller",),
        rooms: Sequence[RoomId] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        token = self.token(who, roles, [self.room_id] if rooms is None else rooms)
        more = {"x-internal-token": token, **(headers or {})}
        async with self.http.request(
            method, f"/api/v1/vip{path}", json=body, headers=more
        ) as answer:
            return Answer(answer.status, await answer.json())

    async def claim(self, who: EmployeeId, client: UUID, **differently: Any) -> Answer:
        wish = {
            "company_id": str(self.company_id),
            "room_id": str(self.room_id),
            "client_id": str(client),
        }
        return await self.call(who, "POST", "", wish, **differently)

    async def assign(self, vip_id: str, to: EmployeeId | None, **differently: Any) -> Answer:
        body = {"employee_id": str(to) if to else None}
        return await self.call(
            self.head, "POST", f"/{vip_id}/assign", body, **{"roles": ("head",), **differently}
        )

    async def see(self, vip_id: str) -> Any:
        return (await self.call(self.head, "GET", f"/{vip_id}", roles=("head",))).body

    async def facts_of(self, vip_id: str | None = None) -> list[tuple[int, str, dict[str, Any]]]:
        """What was said about one VIP, or all: version, type and data, from the outbox."""
        rows = await self.reader.fetch(
            "SELECT aggregate_version, type, convert_from(value, 'UTF8')::json AS data FROM outbox"
            " WHERE tenant_id = $1 AND ($2::uuid IS NULL OR aggregate_id = $2) ORDER BY aggregate_id, aggregate_version",
            self.tenant_id,
            UUID(vip_id) if vip_id else None,
        )
        return [tuple(row) for row in rows]

    async def assert_no_holes(self) -> None:
        """Every VIP's facts are numbered 1 to its version."""
        rows = await self.reader.fetch(
            "SELECT v.version, array_agg(o.aggregate_version ORDER BY o.aggregate_version) AS said FROM vip v"
            " JOIN outbox o ON o.tenant_id = v.tenant_id AND o.aggregate_id = v.id WHERE v.tenant_id = $1 GROUP BY v.id, v.version",
            self.tenant_id,
        )
        assert all(row["said"] == list(range(1, row["version"] + 1)) for row in rows), rows


async def all_at_once(*calls: Any) -> list[Any]:
    return list(await asyncio.gather(*calls))
