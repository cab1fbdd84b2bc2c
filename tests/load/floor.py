"""The floor: the least that a take and a read can be, as one bare FastAPI program on asyncpg and
Redis.

A take here is one hop: a verified, remembered JWT; BEGIN; one SELECT that locks two rows; one
statement that writes both rows, the event and the answer to the Idempotency-Key; COMMIT. A read is
one Redis GET. No tenancy, no rules, no metrics, no relay.

    FLOOR_DATABASE_URL, FLOOR_REDIS_URL, FLOOR_SECRET, FLOOR_PORT
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from time import time
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import jwt
import orjson
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from redis.asyncio import Redis
from uuid_utils.compat import uuid7

SCHEMA = """
    CREATE TABLE activity (tenant_id uuid, id uuid, version bigint NOT NULL, responsible_id uuid,
        state jsonb NOT NULL,
        progress_at timestamptz, PRIMARY KEY (tenant_id, id));
    CREATE TABLE pace (tenant_id uuid, employee_id uuid, last_take_at timestamptz,
        PRIMARY KEY (tenant_id, employee_id));
    CREATE TABLE outbox (tenant_id uuid, aggregate_id uuid, version bigint, event_id uuid NOT NULL,
        type text NOT NULL,
        value bytea NOT NULL, created_at timestamptz NOT NULL, published_at timestamptz,
            PRIMARY KEY (tenant_id, aggregate_id, version));
    CREATE TABLE answer (tenant_id uuid, caller_id uuid, key text, fingerprint bytea NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (tenant_id, caller_id, key));
"""
LOCK = """
    SELECT clock_timestamp() AS now, locked.* FROM (
        SELECT a.id, a.version, a.responsible_id, a.state, p.last_take_at FROM activity a
        JOIN pace p ON p.tenant_id = a.tenant_id AND p.employee_id = $3
        WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE OF a, p
    ) locked
"""
WRITE = """
    WITH taken AS (UPDATE activity SET version = $4, responsible_id = $3, state = $5,
        progress_at = $6
            WHERE tenant_id = $1 AND id = $2 RETURNING 1),
        paced AS (UPDATE pace SET last_take_at = $6 WHERE tenant_id = $1 AND employee_id = $3),
        published AS (INSERT INTO outbox (tenant_id, aggregate_id, version, event_id, type, value,
            created_at)
            VALUES ($1, $2, $4, $7, 'activity.taken', $8, $6)),
        kept AS (INSERT INTO answer (tenant_id, caller_id, key, fingerprint, body)
            VALUES ($1, $3, $9, $10, $11))
    SELECT count(*) FROM taken
"""

_known: dict[str, tuple[float, UUID, UUID]] = {}


def caller_of(request: Request) -> tuple[UUID, UUID]:
    """Tenant and employee; a token is verified once."""
    token = request.headers.get("authorization", "")[7:]
    cached = _known.get(token)
    if cached is None or cached[0] <= time():
        claims = jwt.decode(token, os.environ["FLOOR_SECRET"], algorithms=["HS256"])
        cached = _known[token] = (claims["exp"], UUID(claims["ten"]), UUID(claims["sub"]))
    return cached[1], cached[2]


Caller = Annotated[tuple[UUID, UUID], Depends(caller_of)]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = await asyncpg.create_pool(
        os.environ["FLOOR_DATABASE_URL"], min_size=1, max_size=16, reset=_nothing
    )
    app.state.redis = Redis.from_url(os.environ["FLOOR_REDIS_URL"])
    yield
    await app.state.pool.close()
    await app.state.redis.aclose()


async def _nothing(_: Any) -> None:
    """The pool's RESET ALL would be a trip for nothing, here as in the product."""


app = FastAPI(lifespan=_lifespan, openapi_url=None)


@app.post("/activities/{activity_id}/take")
async def take(activity_id: UUID, caller: Caller, request: Request) -> Response:
    """Take an activity."""
    tenant_id, employee_id = caller
    key = request.headers["idempotency-key"]
    async with app.state.pool.acquire() as connection:
        await connection.execute("BEGIN")
        try:
            row = await connection.fetchrow(LOCK, tenant_id, activity_id, employee_id)
            if row is None or row["responsible_id"] is not None:
                raise HTTPException(409)
            now, version = row["now"], row["version"] + 1
            state = {
                **orjson.loads(row["state"]),
                "responsible_id": str(employee_id),
                "responsible_since": now,
                "status": "in_work",
            }
            body = orjson.dumps({"id": str(activity_id), "version": version, **state})
            event = orjson.dumps(
                {"activity_id": str(activity_id), "by": str(employee_id), "state": state}
            )
            stored, fingerprint = (
                orjson.dumps(state).decode(),
                sha256(request.url.path.encode()).digest(),
            )
            arguments = (version, stored, now, uuid7(), event, key, fingerprint, body)
            await connection.fetchval(WRITE, tenant_id, activity_id, employee_id, *arguments)
            await connection.execute("COMMIT")
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
    return Response(body, media_type="application/json")


@app.get("/bare")
async def bare() -> dict[str, bool]:
    """The least that FastAPI answers."""
    return {"ok": True}


@app.get("/empty")
async def empty() -> Response:
    """A page with next to nothing on it, for a browser."""
    return Response("<!doctype html><title>.</title><p>.", media_type="text/html")


@app.get("/read/{name}")
async def read(name: str, caller: Caller) -> Response:
    """One Redis GET of ready bytes."""
    return Response(
        await app.state.redis.get(f"floor:{caller[0]}:{name}"), media_type="application/json"
    )


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(os.environ["FLOOR_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
    )
