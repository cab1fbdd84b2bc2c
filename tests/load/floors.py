"""The floors' own data, and their processes on a stage."""

from dataclasses import dataclass
from time import time
from uuid import UUID

import asyncpg
import jwt
import orjson
from redis.asyncio import Redis

from shared.ids import new_id
from tests.load import http
from tests.load.floor import SCHEMA
from tests.load.generate import Outcome
from tests.load.stage import Stage

STATE = {
    "company_id": str(UUID(int=1)),
    "room_id": str(UUID(int=2)),
    "client": {"id": str(UUID(int=3)), "name": "ООО Ромашка", "large": False, "do_not_call": False},
    "source_id": str(UUID(int=4)),
    "products": [
        {
            "product_id": str(UUID(int=5)),
            "category": "лес",
            "quantity": 1,
            "price": {"amount": "1500.00", "currency": "RUB"},
        }
    ],
    "note": "Просит перезвонить после обеда, интересует поставка к концу месяца",
    "status": "free",
    "stage": "new",
    "invoiced": {"amount": "0.00", "currency": "RUB"},
    "paid": {"amount": "0.00", "currency": "RUB"},
    "checklist": {
        "invoiced": False,
        "paid": False,
        "shipped": False,
        "documents_signed": False,
        "fully_paid": False,
    },
}


@dataclass
class Floors:
    """The one-hop floor, the bare pass-through before it, and activities that nobody has taken
    there yet.
    """

    stage: Stage
    one_hop: str
    two_hops: str
    tenant_id: UUID
    employees: list[UUID]
    headers: list[dict[str, str]]
    free: list[UUID]

    def take(self, connections: int, seconds: float, two_hops: bool = False) -> Outcome:
        """A closed loop of takes."""
        address = self.two_hops if two_hops else self.one_hop
        ids = [self.free.pop() for _ in range(min(len(self.free), 4_000))]
        requests = [
            http.request(
                "POST",
                "floor",
                f"/activities/{each}/take",
                self.headers[number % 32] | {"idempotency-key": each.hex},
            )
            for number, each in enumerate(ids)
        ]
        return self.stage.load(address, requests, connections, seconds)

    def read(self, name: str, connections: int, seconds: float) -> Outcome:
        """A closed loop of one Redis GET each."""
        requests = [
            http.request("GET", "floor", f"/read/{name}", headers) for headers in self.headers
        ]
        return self.stage.load(self.one_hop, requests, connections, seconds, again=True)

    def bare(self, connections: int, seconds: float) -> Outcome:
        """A closed loop of FastAPI's least answer."""
        requests = [http.request("GET", "floor", "/bare", {})]
        return self.stage.load(self.one_hop, requests, connections, seconds, again=True)

    async def keep(self, name: str, answer: bytes) -> None:
        """What `read` is to answer: as many bytes as the product's answer that stands beside it."""
        redis = Redis.from_url(self.stage.installation.redis_url)
        await redis.set(f"floor:{self.tenant_id}:{name}", answer)
        await redis.aclose()

    async def drop(self) -> None:
        """Its processes end with the stage; its database goes now."""
        administration = await asyncpg.connect(self.stage.installation.postgres_url)
        await administration.execute(f'DROP DATABASE "{_name(self.stage)}" WITH (FORCE)')
        await administration.close()

    async def refill(self, count: int) -> None:
        """More activities to take."""
        fresh = [new_id() for _ in range(count)]
        connection = await asyncpg.connect(_database(self.stage))
        stored = orjson.dumps(STATE).decode()
        rows = [(self.tenant_id, each, 1, stored) for each in fresh]
        await connection.copy_records_to_table(
            "activity", records=rows, columns=["tenant_id", "id", "version", "state"]
        )
        await connection.execute("VACUUM ANALYZE activity")
        await connection.close()
        self.free += fresh


def _name(stage: Stage) -> str:
    return f"{stage.installation.namespace}floor"


def _database(stage: Stage) -> str:
    return stage.installation.admin_url("floor")


async def build(stage: Stage) -> Floors:
    """Database, processes and callers."""
    administration = await asyncpg.connect(stage.installation.postgres_url)
    await administration.execute(f'CREATE DATABASE "{_name(stage)}"')
    await administration.close()
    connection = await asyncpg.connect(_database(stage))
    await connection.execute(SCHEMA)
    tenant_id, employees = new_id(), [new_id() for _ in range(32)]
    await connection.executemany(
        "INSERT INTO pace VALUES ($1, $2)", [(tenant_id, each) for each in employees]
    )
    await connection.close()
    where = {
        "FLOOR_DATABASE_URL": _database(stage),
        "FLOOR_REDIS_URL": stage.installation.redis_url,
    }
    one_hop = stage.start_floor("floor", **where)
    two_hops = stage.start_floor("pass_through", FLOOR_BEHIND=one_hop)
    secret = stage.installation.secrets.token_secret
    claims = [
        {"exp": int(time()) + 86400, "ten": str(tenant_id), "sub": str(each)} for each in employees
    ]
    headers = [
        {"authorization": f"Bearer {jwt.encode(claim, secret, algorithm='HS256')}"}
        for claim in claims
    ]
    return Floors(stage, one_hop, two_hops, tenant_id, employees, headers, [])
