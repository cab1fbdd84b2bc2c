"""The service as a process, the owner of the directory beside it, and whoever calls."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from aiokafka import AIOKafkaProducer

from deploy.environment import Installation
from shared.events import ACTIVITIES, PublishedEvent, headers, key
from shared.events.base import REGISTRY
from shared.ids import EmployeeId, RoomId, new_id
from shared.replicas.snapshot import Snapshot, Snapshots
from shared.tenancy import Caller, mint
from shared.web.callers import INTERNAL_TOKEN
from tests.integration.motivation.tenant import Tenant
from tests.servers import Service

PERCENT = {"kind": "percent_of_receipts", "percent": "5.00"}


class Owner:
    """The activities service as its neighbours see it: answers for what it is told it knows."""

    def __init__(self) -> None:
        self.known: dict[str, PublishedEvent] = {}
        self.asked: list[str] = []
        self.app = web.Application()
        self.app.router.add_get("/internal/snapshots/{noun}/{subject}", self.copies)

    async def copies(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        fact = self.known.get(request.match_info["subject"])
        if fact is None:
            return web.Response(status=404)
        told = Snapshots(
            snapshots=[Snapshot.of(fact.event, fact.envelope.subject, fact.envelope.version)]
        )
        return web.json_response(text=told.model_dump_json())


@dataclass
class Person:
    """Somebody at the service's API."""

    session: aiohttp.ClientSession
    token: str

    async def send(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        sent = {INTERNAL_TOKEN: self.token, **more}
        async with self.session.request(
            method, f"/api/v1/motivation{path}", json=body, headers=sent
        ) as answer:
            return answer.status, json.loads(await answer.read() or b"null")


@dataclass
class World:
    """A running service, its neighbour, and a tenant."""

    tenant: Tenant
    owner: Owner
    service: Service
    installation: Installation
    session: aiohttp.ClientSession
    producer: AIOKafkaProducer

    def caller(
        self, *roles: str, employee: EmployeeId | None = None, rooms: tuple[RoomId, ...] = ()
    ) -> Person:
        who = Caller(
            self.tenant.id, employee or EmployeeId(new_id()), frozenset(roles), frozenset(rooms)
        )
        return Person(
            self.session, mint(who, self.installation.secrets.internal_secret, time.time())
        )

    async def tell(self, *facts: PublishedEvent) -> None:
        """Publishes facts as activities would."""
        topic = self.installation.namespace + ACTIVITIES
        for fact in facts:
            one = fact.envelope
            told = headers(one, REGISTRY[one.type].noun, "activities")
            await self.producer.send_and_wait(
                topic, fact.event.to_json(), key=key(one.tenant_id, one.subject), headers=told
            )

    async def statement(self, until: str, employee: EmployeeId | None = None) -> Any:
        """The first seller's statement once its total is `until`."""
        accountant = self.caller("accountant")
        for _ in range(100):
            status, found = await accountant.send(
                "GET", f"/statement?employee_id={employee or self.tenant.sellers[0]}"
            )
            if status == 200 and found["total"]["amount"] == until:
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"{status} {found}; {self.service.tail()}")

    async def plan(self, *rules: dict[str, Any]) -> dict[str, Any]:
        body = {
            "company_id": str(self.tenant.company),
            "room_id": str(self.tenant.room),
            "name": "Осень",
            "effective_from": "2026-11-01",
            "rules": list(rules) or [PERCENT],
        }
        status, made = await self.caller("admin").send("POST", "/plans", body)
        assert status == 201, made
        status, published = await self.caller("admin").send("POST", f"/plans/{made['id']}/publish")
        assert status == 200, published
        return dict(published)
