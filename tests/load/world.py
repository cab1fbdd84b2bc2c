"""A tenant to load: entered through the public API, its activities multiplied by a fast path that
only benchmarks have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import orjson

from shared.ids import EmployeeId, RoomId, TenantId, new_id
from shared.internal_tokens import TokenIssuer
from shared.tenancy import Caller
from tests.load import http
from tests.load.http import Connection
from tests.load.stage import Stage
from tests.support.service_client import issuer_of
from tests.support.tenant import Blueprint, create_tenant, product, publish_plan
from tests.support.tenant import hire as hire_employee

ROOM_SETTINGS = {
    "activity_reset_days": 3650,
    "retake_cooldown_seconds": 0,
    "vip_in_development_limit": 10_000,
    "vip_by_receipts_limit": 10_000,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}
RULES: list[dict[str, Any]] = [
    {"kind": "percent_of_receipts", "percent": "5.00"},
    {"kind": "fixed", "amount": {"amount": "100.00", "currency": "RUB"}, "sale": "first"},
]


class Refused(Exception):
    """The product refused what a benchmark needs."""


@dataclass
class Seller:
    """Somebody who calls; `public` are ready headers for the gateway."""

    id: str
    public: dict[str, str]


@dataclass
class World:
    """One company, one room, its product and source, and sellers."""

    stage: Stage
    tenant_id: str = ""
    host: str = ""
    company_id: str = ""
    room_id: str = ""
    source_id: str = ""
    product_id: str = ""
    admin: dict[str, str] = field(default_factory=dict)
    sellers: list[Seller] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        form: str = "",
    ) -> Any:
        """One call of the gateway. Raises `Refused`."""
        at = urlsplit(self.stage.installation.url("gateway"))
        assert at.hostname and at.port
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        raw = form.encode() if form else orjson.dumps(body) if body is not None else b""
        fields = {"content-type": kind, **(self.admin if headers is None else headers)}
        connection = await Connection.to(at.hostname, at.port)
        try:
            status, response = await connection.ask(
                http.request(method, at.netloc, f"/api/v1{path}", fields, raw)
            )
        finally:
            connection.close()
        if status >= 400:
            raise Refused(f"{method} {path}: {status} {response[:400].decode()}")
        return orjson.loads(response) if response else None

    async def send(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """A request that must succeed, as the tenant builder sends it."""
        return await self.call(method, path, body, {"authorization": f"Bearer {token}"})

    async def token_of(self, email: str, password: str) -> str:
        form = urlencode({"username": email, "password": password})
        return str((await self.call("POST", "/auth/token", headers={}, form=form))["access_token"])

    def request(
        self,
        seller: Seller,
        method: str,
        path: str,
        body: Any = None,
        key: bool = True,
        direct: bool = False,
    ) -> bytes:
        """A ready request to the gateway, or to the activities service behind it."""
        raw = orjson.dumps(body) if body is not None else b""
        own_key = new_id().hex if key and method != "GET" else ""
        signed = self.signed(seller, method, path, raw, own_key) if direct else seller.public
        headers = dict(signed)
        if raw:
            headers["content-type"] = "application/json"
        if own_key:
            headers["idempotency-key"] = own_key
        return http.request(method, "127.0.0.1", f"/api/v1{path}", headers, raw)

    def address(self, direct: bool = False) -> str:
        return self.stage.installation.url("activities" if direct else "gateway")

    def order(self, number: int, **more: Any) -> dict[str, Any]:
        """The body of a registration."""
        return {
            "company_id": self.company_id,
            "room_id": self.room_id,
            "client_id": self.clients[number % len(self.clients)],
            "source_id": self.source_id,
            "products": [{"product_id": self.product_id, "quantity": 1 + number % 3}],
            "note": "Просит перезвонить после обеда, интересует поставка к концу месяца",
            **more,
        }

    def signed(
        self, seller: Seller, method: str, path: str, body: bytes, key: str
    ) -> dict[str, str]:
        """The headers of a request to the activities service itself, as the gateway signs it."""
        caller = Caller(
            TenantId(UUID(self.tenant_id)),
            EmployeeId(UUID(seller.id)),
            frozenset({"seller"}),
            frozenset({RoomId(UUID(self.room_id))}),
        )
        return self.issuer.headers(caller, "activities", method, f"/api/v1{path}", body, key)

    @cached_property
    def issuer(self) -> TokenIssuer:
        return issuer_of(self.stage.installation)


async def enter(stage: Stage, sellers: int = 32, clients: int = 64) -> World:
    """A new tenant."""
    world = World(stage)
    blueprint = Blueprint(
        products={"plain": product("лес", "1500.00", delivered=False)},
        room_settings=ROOM_SETTINGS,
    )
    operator_key = stage.installation.secrets.operator_key
    tenant = await create_tenant(world, operator_key, blueprint)
    world.tenant_id, world.host = tenant.id, tenant.host
    world.admin = {"authorization": f"Bearer {tenant.admin.token}"}
    world.company_id, world.room_id = tenant.companies["main"], tenant.rooms["front"]
    world.source_id, world.product_id = tenant.sources["cold"], tenant.products["plain"]
    await publish_plan(
        world, tenant.admin.token, world.room_id, world.company_id, RULES, "2020-01-01"
    )
    for number in range(sellers):
        world.sellers.append(await hire(world, f"seller{number}", [world.room_id]))
    for number in range(clients):
        client = {"name": f"ООО Фирма № {number}", "kind": "organization"}
        world.clients.append((await world.call("POST", "/clients", client))["id"])
    return world


async def hire(world: World, name: str, rooms: Sequence[str]) -> Seller:
    """A seller of some rooms."""
    token = world.admin["authorization"].removeprefix("Bearer ")
    account = await hire_employee(world, token, world.host, name, "seller", rooms)
    return Seller(account.id, {"authorization": f"Bearer {account.token}"})
