"""A tenant of its own for a test, and its people as callers of the activities service."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from shared.ids import CompanyId, EmployeeId, RoomId, TenantId, new_id
from shared.tenancy import Caller, mint

SETTINGS = {
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 0,
    "vip_in_development_limit": 10,
    "vip_by_receipts_limit": 10,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}


@dataclass
class Response:
    status: int
    body: Any
    headers: Any


@dataclass(frozen=True)
class Person:
    """A caller as the gateway knows them."""

    id: EmployeeId
    roles: tuple[str, ...]
    rooms: tuple[UUID, ...]


@dataclass
class World:
    """One company, one room, one product, one source; sellers and activities as asked for."""

    http: aiohttp.ClientSession
    reader: asyncpg.Connection
    secret: str
    tenant_id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    admin: Person = field(default_factory=lambda: Person(EmployeeId(new_id()), ("admin",), ()))
    company_id: CompanyId = field(init=False)
    room_id: RoomId = field(init=False)
    product_id: str = ""
    source_id: str = ""

    async def enter(self, **room_settings: int) -> "World":
        admin = {"name": "Админ", "email": "admin@example.ru"}
        operator = mint(Caller(self.tenant_id, self.admin.id, operator=True), self.secret, time())
        async with self.http.post(
            "/api/v1/tenants",
            json={"name": "Холдинг", "admin": admin},
            headers={"x-internal-token": operator},
        ) as response:
            assert response.status == 201, await response.text()
        self.company_id = CompanyId(UUID((await self.create("/companies", name="Лес"))["id"]))
        self.room_id = await self._create_room("Москва")
        price = {"amount": "1000.00", "currency": "RUB"}
        product = {
            "company_id": str(self.company_id),
            "name": "Лицензия",
            "category": "license",
            "price": price,
        }
        self.product_id = (await self.create("/products", **product))["id"]
        source = {"name": "Сайт", "channel": "site", "kind": "inbound"}
        self.source_id = (await self.create("/sources", **source))["id"]
        await self.set_room_settings(**room_settings)
        return self

    async def set_room_settings(self, **room_settings: int) -> None:
        response = await self.call(
            self.admin,
            "PUT",
            f"/rooms/{self.room_id}/settings?company_id={self.company_id}",
            {**SETTINGS, **room_settings},
        )
        assert response.status == 200, response.body

    async def create(self, path: str, **body: Any) -> Any:
        response = await self.call(self.admin, "POST", path, body)
        assert response.status == 201, response.body
        return response.body

    async def call(
        self, who: Person, method: str, path: str, body: Any = None, key: str | None = None
    ) -> Response:
        caller = Caller(
            self.tenant_id,
            who.id,
            frozenset(who.roles),
            frozenset(RoomId(room) for room in who.rooms),
        )
        headers = {"x-internal-token": mint(caller, self.secret, time())} | (
            {"Idempotency-Key": key} if key else {}
        )
        async with self.http.request(
            method, f"/api/v1{path}", json=body, headers=headers
        ) as response:
            return Response(
                response.status, await response.json(content_type=None), response.headers
            )

    async def person(self, *roles: str, room_id: UUID | None = None) -> Person:
        room = room_id or self.room_id
        email = f"{new_id()}@example.ru"
        body = {
            "name": "Продавец",
            "email": email,
            "roles": list(roles or ("seller",)),
            "room_ids": [str(room)],
        }
        return Person(
            EmployeeId(UUID((await self.create("/employees", **body))["id"])),
            roles or ("seller",),
            (room,),
        )

    async def people(self, count: int) -> list[Person]:
        return [await self.person() for _ in range(count)]

    async def another_room(self) -> RoomId:
        return await self._create_room("Тверь")

    async def _create_room(self, name: str) -> RoomId:
        room = await self.create("/rooms", name=name, company_ids=[str(self.company_id)])
        return RoomId(UUID(room["id"]))

    def registration(self, name: str = "Ромашка", **differently: Any) -> dict[str, Any]:
        where = {
            "company_id": str(self.company_id),
            "room_id": str(self.room_id),
            "source_id": self.source_id,
        }
        client = (
            {} if "client_id" in differently else {"client": {"name": name, "kind": "organization"}}
        )
        return {**where, **client, "products": [{"product_id": self.product_id}], **differently}

    async def register(
        self, who: Person | None = None, name: str = "Ромашка", **differently: Any
    ) -> Any:
        response = await self.call(
            who or self.admin, "POST", "/activities", self.registration(name, **differently)
        )
        assert response.status == 201, response.body
        return response.body

    async def do(self, who: Person, activity: Any, command: str, **body: Any) -> Response:
        return await self.call(who, "POST", f"/activities/{activity['id']}/{command}", body or None)

    async def done(self, who: Person, activity: Any, command: str, **body: Any) -> Any:
        response = await self.do(who, activity, command, **body)
        assert response.status == 200, response.body
        return response.body

    async def see(self, activity: Any) -> Any:
        return (await self.call(self.admin, "GET", f"/activities/{activity['id']}")).body

    async def pages(self, who: Person, path: str, limit: int) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            response = await self.call(
                who, "GET", f"{path}{'&' if '?' in path else '?'}limit={limit}{more}"
            )
            assert response.status == 200, response.body
            items += response.body["items"]
            cursor = response.body["next_cursor"]
        return items

    async def event_types(self, activity: Any) -> list[str]:
        """The types of the activity's events, which are numbered from 1 to its version."""
        rows = await self.reader.fetch(
            "SELECT aggregate_version AS version, type FROM outbox"
            " WHERE tenant_id = $1 AND aggregate_id = $2 AND topic LIKE '%activities%'"
            " ORDER BY aggregate_version",
            self.tenant_id,
            UUID(activity["id"]),
        )
        assert [row["version"] for row in rows] == list(
            range(1, (await self.see(activity))["version"] + 1)
        )
        return [row["type"] for row in rows]


async def all_at_once(calls: Iterable[Awaitable[Response]]) -> Sequence[Response]:
    return await asyncio.gather(*calls)


def statuses(responses: Sequence[Response]) -> list[int]:
    return sorted(response.status for response in responses)
