"""The service as a process, a stub of the directory's owner beside it, and its callers."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.environment import Installation
from shared.events import ACTIVITIES, MOTIVATION, PublishedEvent, headers, key
from shared.events.base import REGISTRY
from shared.ids import EmployeeId, RoomId, new_id
from shared.replicas import Snapshot, Snapshots
from shared.tenancy import Caller, mint
from shared.web.callers import INTERNAL_TOKEN
from tests.integration.motivation.tenant import PERCENT, Tenant
from tests.support.servers import Service


class Owner:
    """A stub of the activities service: answers with the events that it was given."""

    def __init__(self) -> None:
        self.events: dict[str, PublishedEvent] = {}
        self.app = web.Application()
        self.app.router.add_get("/internal/snapshots/{kind}/{subject}", self.snapshots)

    async def snapshots(self, request: web.Request) -> web.Response:
        published = self.events.get(request.match_info["subject"])
        if published is None:
            return web.Response(status=404)
        envelope = published.envelope
        snapshot = Snapshot.of(published.event, envelope.subject, envelope.version)
        return web.json_response(text=Snapshots(snapshots=[snapshot]).model_dump_json())


@dataclass
class Client:
    """A caller of the service's API."""

    session: aiohttp.ClientSession
    token: str

    async def send(
        self, method: str, path: str, body: Any = None, **extra_headers: str
    ) -> tuple[int, Any]:
        """The status and the JSON body; `path` is one of motivation's, or of jobs."""
        prefix = "/api/v1" if path.startswith("/jobs") else "/api/v1/motivation"
        async with self.session.request(
            method,
            f"{prefix}{path}",
            json=body,
            headers={INTERNAL_TOKEN: self.token, **extra_headers},
        ) as response:
            return response.status, json.loads(await response.read() or b"null")


@dataclass
class World:
    """A running service, the stub of its peer, and a tenant."""

    tenant: Tenant
    owner: Owner
    service: Service
    installation: Installation
    session: aiohttp.ClientSession
    producer: AIOKafkaProducer

    def client(
        self, *roles: str, employee: EmployeeId | None = None, rooms: tuple[RoomId, ...] = ()
    ) -> Client:
        caller = Caller(
            self.tenant.id, employee or EmployeeId(new_id()), frozenset(roles), frozenset(rooms)
        )
        token = mint(caller, self.installation.secrets.internal_secret, time.time())
        return Client(self.session, token)

    async def produce(self, *events: PublishedEvent) -> None:
        """Publishes events as the activities service would."""
        topic = self.installation.namespace + ACTIVITIES
        for published in events:
            envelope = published.envelope
            await self.producer.send_and_wait(
                topic,
                published.event.to_json(),
                key=key(envelope.tenant_id, envelope.subject),
                headers=headers(envelope, REGISTRY[envelope.type].noun, "activities"),
            )

    async def published(self, count: int) -> list[dict[str, Any]]:
        """The first `count` events that the service published about the tenant."""
        reader = AIOKafkaConsumer(
            self.installation.namespace + MOTIVATION,
            bootstrap_servers=self.installation.kafka,
            auto_offset_reset="earliest",
        )
        await reader.start()
        events: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(20):
                while len(events) < count:
                    record = await reader.getone()
                    attributes = {name: value.decode() for name, value in record.headers}
                    if attributes["ce_tenantid"] == str(self.tenant.id):
                        events.append(
                            {"type": attributes["ce_type"], "value": json.loads(record.value)}
                        )
        finally:
            await reader.stop()
        return sorted(events, key=lambda event: event["type"] != "plan.published")

    async def consumed(self, activities: int) -> None:
        """Returns once the service has stored so many of the tenant's activities."""
        for _ in range(100):
            if len(await self.tenant.query("SELECT 1 FROM activity")) == activities:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(self.service.tail())

    async def statement(self, total: str, employee: EmployeeId | None = None) -> Any:
        """The first seller's statement once its total is `total`."""
        accountant = self.client("accountant")
        for _ in range(100):
            status, statement = await accountant.send(
                "GET", f"/statement?employee_id={employee or self.tenant.sellers[0]}"
            )
            if status == 200 and statement["total"]["amount"] == total:
                return statement
            await asyncio.sleep(0.1)
        raise AssertionError(f"{status} {statement}; {self.service.tail()}")

    async def plan(self, *rules: dict[str, Any]) -> dict[str, Any]:
        """A published plan of `rules`, five percent by default."""
        body = {
            "company_id": str(self.tenant.company),
            "room_id": str(self.tenant.room),
            "name": "Осень",
            "effective_from": "2026-11-01",
            "rules": list(rules) or [PERCENT],
        }
        admin = self.client("admin")
        status, draft = await admin.send("POST", "/plans", body)
        assert status == 201, draft
        status, published = await admin.send("POST", f"/plans/{draft['id']}/publish")
        assert status == 200, published
        return dict(published)
