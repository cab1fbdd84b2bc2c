"""A tenant of its own for a test, and its users as callers of the activities service."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared.ids import CompanyId, EmployeeId, RoomId, TenantId, new_id
from shared.tenancy import Caller
from tests.support.client import Response
from tests.support.money import rub
from tests.support.service_client import ServiceClient
from tests.support.tenant import ROOM_SETTINGS


@dataclass(frozen=True)
class User:
    """A caller as the gateway knows them."""

    id: EmployeeId
    roles: tuple[str, ...]
    rooms: tuple[UUID, ...]
    headed: tuple[UUID, ...] | None = None


@dataclass
class Tenant:
    """A tenant with a company, a room, a product and a source; a test adds users and activities."""

    api: ServiceClient
    reader: asyncpg.Connection
    tenant_id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    admin: User = field(default_factory=lambda: User(EmployeeId(new_id()), ("admin",), ()))
    company_id: CompanyId = field(init=False)
    room_id: RoomId = field(init=False)
    product_id: str = ""
    source_id: str = ""

    async def provision(self, **room_settings: int) -> "Tenant":
        """Creates the tenant with its directory, as the operator and its admin do."""
        admin = {"name": "Админ", "email": "admin@example.ru"}
        operator = Caller(self.tenant_id, self.admin.id, operator=True)
        body = {"name": "Холдинг", "admin": admin}
        response = await self.api.call(operator, "POST", "/tenants", body)
        assert response.status == 201, response.body
        # A seller's money counts at once, unless a test is about its confirmation.
        company = await self.create("/companies", name="Лес", payment_confirmation="none")
        self.company_id = CompanyId(UUID(company["id"]))
        self.room_id = await self._create_room("Москва")
        product = {
            "company_id": str(self.company_id),
            "name": "Лицензия",
            "category": "license",
            "price": rub(1000),
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
            {**ROOM_SETTINGS, **room_settings},
        )
        assert response.status == 200, response.body

    @property
    def options_path(self) -> str:
        return f"/rooms/{self.room_id}/options?company_id={self.company_id}"

    async def set_options(self, **options: Any) -> Any:
        response = await self.call(self.admin, "PATCH", self.options_path, options)
        assert response.status == 200, response.body
        return response.body

    async def rewind(self, activity: Any, since: timedelta) -> None:
        """As if the last progress had been `since` before now."""
        await self.reader.execute(
            "UPDATE activity SET progress_at = now() - $3::interval,"
            " reset_due_at = reset_due_at - (progress_at - now()) - $3::interval"
            " WHERE tenant_id = $1 AND id = $2",
            self.tenant_id,
            UUID(activity["id"]),
            since,
        )

    async def create(self, path: str, **body: Any) -> Any:
        response = await self.call(self.admin, "POST", path, body)
        assert response.status == 201, response.body
        return response.body

    def caller_of(self, user: User) -> Caller:
        rooms = frozenset(RoomId(room) for room in user.rooms)
        headed = None if user.headed is None else frozenset(map(RoomId, user.headed))
        return Caller(self.tenant_id, user.id, frozenset(user.roles), rooms, headed_room_ids=headed)

    async def call(
        self, user: User, method: str, path: str, body: Any = None, key: str | None = None
    ) -> Response:
        """Any response, also a refusal; `key` is an idempotency key."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.api.call(self.caller_of(user), method, path, body, headers)

    async def user(self, *roles: str, room_id: UUID | None = None) -> User:
        room = room_id or self.room_id
        email = f"{new_id()}@example.ru"
        body = {
            "name": "Продавец",
            "email": email,
            "roles": list(roles or ("seller",)),
            "room_ids": [str(room)],
        }
        return User(
            EmployeeId(UUID((await self.create("/employees", **body))["id"])),
            roles or ("seller",),
            (room,),
        )

    async def user_of_rooms(self, rooms: Sequence[UUID], role: str = "seller") -> User:
        """Somebody who works in several rooms."""
        body = {
            "name": "Сотрудник",
            "email": f"{new_id()}@example.ru",
            "roles": [role],
            "room_ids": [str(room) for room in rooms],
        }
        employee = await self.create("/employees", **body)
        return User(EmployeeId(UUID(employee["id"])), (role,), tuple(rooms))

    async def head_here_seller_there(self, here: UUID, there: UUID) -> User:
        """Somebody who heads one room and sells in another."""
        body = {
            "name": "Руководитель",
            "email": f"{new_id()}@example.ru",
            "roles": ["head", "seller"],
            "room_ids": [str(here), str(there)],
            "headed_room_ids": [str(here)],
        }
        employee = await self.create("/employees", **body)
        assert employee["headed_room_ids"] == [str(here)]
        roles = ("head", "seller")
        return User(EmployeeId(UUID(employee["id"])), roles, (here, there), (here,))

    async def users(self, count: int) -> list[User]:
        return [await self.user() for _ in range(count)]

    async def another_room(self) -> RoomId:
        return await self._create_room("Тверь")

    async def _create_room(self, name: str) -> RoomId:
        room = await self.create("/rooms", name=name, company_ids=[str(self.company_id)])
        return RoomId(UUID(room["id"]))

    def registration(self, name: str = "Ромашка", **changes: Any) -> dict[str, Any]:
        place = {
            "company_id": str(self.company_id),
            "room_id": str(self.room_id),
            "source_id": self.source_id,
        }
        client = (
            {} if "client_id" in changes else {"client": {"name": name, "kind": "organization"}}
        )
        return {**place, **client, "products": [{"product_id": self.product_id}], **changes}

    async def register(
        self, user: User | None = None, name: str = "Ромашка", **changes: Any
    ) -> Any:
        response = await self.call(
            user or self.admin, "POST", "/activities", self.registration(name, **changes)
        )
        assert response.status == 201, response.body
        return response.body

    async def command(self, user: User, activity: Any, command: str, **body: Any) -> Response:
        """The response to a command on the activity, also a refusal."""
        return await self.call(
            user, "POST", f"/activities/{activity['id']}/{command}", body or None
        )

    async def do(self, user: User, activity: Any, command: str, **body: Any) -> Any:
        """The body of a command that must succeed."""
        response = await self.command(user, activity, command, **body)
        assert response.status == 200, response.body
        return response.body

    async def see(self, activity: Any) -> Any:
        return (await self.call(self.admin, "GET", f"/activities/{activity['id']}")).body

    async def pages(self, user: User, path: str, limit: int) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            response = await self.call(
                user, "GET", f"{path}{'&' if '?' in path else '?'}limit={limit}{more}"
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
