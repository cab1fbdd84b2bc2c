"""The motivation service as a process, and its API as one tenant's callers use it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from deploy.environment import Installation
from shared.events import MOTIVATION, PublishedEvent
from shared.ids import EmployeeId, RoomId, new_id
from shared.tenancy import Caller
from tests.integration.motivation.tenant import PERCENT, Tenant
from tests.support.bus import Bus
from tests.support.service_client import ServiceClient
from tests.support.service_process import Service
from tests.support.stub_owner import StubOwner


@dataclass(frozen=True)
class User:
    """A caller of the service's API."""

    api: ServiceClient
    caller: Caller

    async def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """The status and the JSON body; `path` is one of motivation's, or of jobs."""
        full_path = path if path.startswith("/jobs") else f"/motivation{path}"
        response = await self.api.call(self.caller, method, full_path, body, headers)
        return response.status, response.body


@dataclass(frozen=True)
class TenantApi:
    """A running service, the stub of its peer, and a tenant."""

    tenant: Tenant
    owner: StubOwner
    service: Service
    installation: Installation
    api: ServiceClient
    bus: Bus

    def user(
        self,
        *roles: str,
        employee: EmployeeId | None = None,
        rooms: tuple[RoomId, ...] = (),
        headed: tuple[RoomId, ...] | None = None,
    ) -> User:
        caller = Caller(
            self.tenant.id,
            employee or EmployeeId(new_id()),
            frozenset(roles),
            frozenset(rooms),
            headed_room_ids=None if headed is None else frozenset(headed),
        )
        return User(self.api, caller)

    async def publish(self, *events: PublishedEvent) -> None:
        """Publishes events as the activities service would."""
        await self.bus.publish(events)

    async def published(self, count: int) -> list[Mapping[str, Any]]:
        """Types and values of the first `count` events that the service published about the
        tenant, plans first.
        """
        async with asyncio.timeout(20):
            while len(events := await self.bus.read(MOTIVATION, self.tenant.id)) < count:
                await asyncio.sleep(0.1)
        contents = [
            {"type": published.event.type, "value": orjson.loads(published.event.to_json())}
            for published in events[:count]
        ]
        return sorted(contents, key=lambda content: content["type"] != "plan.published")

    async def consumed(self, activities: int) -> None:
        """Returns once the service has stored so many of the tenant's activities."""
        for _ in range(100):
            if len(await self.tenant.query("SELECT 1 FROM activity")) == activities:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(self.service.tail())

    async def statement(self, total: str, employee: EmployeeId | None = None) -> Any:
        """The first seller's statement once its total is `total`."""
        accountant = self.user("accountant")
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
        draft = await self.draft(*rules)
        status, published = await self.user("admin").send("POST", f"/plans/{draft['id']}/publish")
        assert status == 200, published
        return dict(published)

    async def draft(self, *rules: dict[str, Any]) -> dict[str, Any]:
        """A draft of `rules`, five percent by default."""
        body = {
            "company_id": str(self.tenant.company),
            "room_id": str(self.tenant.room),
            "name": "Осень",
            "effective_from": "2026-11-01",
            "rules": list(rules) or [PERCENT],
        }
        status, draft = await self.user("admin").send("POST", "/plans", body)
        assert status == 201, draft
        return dict(draft)
