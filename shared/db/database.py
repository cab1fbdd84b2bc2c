"""The pool of one role: its connections in the tenants' turns, and what hears of commits."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self

import asyncpg
import orjson

from shared.db.statements import Statement
from shared.db.transaction import Published, Row, Tx
from shared.db.transaction_scope import Transaction
from shared.db.transient import AWAY, OUTDATED, UNFIT, Deadlocked, SchemaChanged
from shared.errors import Unavailable
from shared.fair_turns import FairTurns
from shared.ids import TenantId
from shared.tenancy import Caller

CLOSE_SECONDS = 10.0
_WAIT_SECONDS = 5.0
_TENANTS_SHARE = 0.75
# A smaller pool, of the timers' role, is no tenant's to fill.
_SMALLEST_SHARED = 4
EXPIRE_SECONDS = 1.0
_CLOCK = (
    "SELECT clock_timestamp() AS now, current_setting('transaction_read_only') = 'on' AS read_only"
)


class Database:
    """A pool of connections of one role, and the transactions on it.

    One tenant holds at most three quarters of it; while some wait, who holds fewest comes next.
    """

    def __init__(
        self, url: str, connections: int = 16, shards: int = 8, name: str = "sales"
    ) -> None:
        self._url = url
        self._connections = connections
        self._name = name
        self.shards = shards
        self._pool: asyncpg.Pool | None = None
        shared = connections >= _SMALLEST_SHARED
        self._turns = FairTurns(
            connections, int(connections * _TENANTS_SHARE) if shared else connections
        )
        self._committed: list[Callable[[], None]] = []
        self._jobs_created: list[Callable[[], None]] = []
        self._counters: list[Callable[[Sequence[Published]], None]] = []
        self._expire_at = 0.0

    async def open(self) -> Self:
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._connections,
            init=_prepare,
            reset=_nothing_to_reset,
            timeout=5,
            command_timeout=20,
            max_inactive_connection_lifetime=300,
            # Limits of time are the role's own: `shared.db.roles`.
            server_settings={"application_name": self._name, "timezone": "UTC"},
        )
        return self

    async def close(self) -> None:
        """Lets transactions end, but not for ever: a connection whose server died under it may
        never come back.
        """
        if self._pool:
            try:
                await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
            except TimeoutError:
                self._pool.terminate()

    @property
    def pool(self) -> asyncpg.Pool:
        if self._pool is None:
            raise RuntimeError("the database is not open")
        return self._pool

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Calls `wake` after each commit that left facts in the outbox."""
        self._committed.append(wake)

    def on_jobs(self, wake: Callable[[], None]) -> None:
        """Calls `wake` after each commit that created a job."""
        self._jobs_created.append(wake)

    def on_events(self, count: Callable[[Sequence[Published]], None]) -> None:
        """Calls `count` after each commit with the events that it published."""
        self._counters.append(count)

    def begin(self, caller: Caller) -> Transaction:
        """A caller's transaction. Commits if the block ends, rolls back if it raises.

        Raises `Replayed` with the first response when the caller's Idempotency-Key has one,
        `KeyReused` when the key came with another body, and `Unavailable` when the database does
        not answer.
        """
        return Transaction(self, caller.tenant_id, caller)

    def begin_for(self, tenant_id: TenantId, one_plan: bool = False) -> Transaction:
        """The system's own transaction for a tenant: consumers and timers; and reads.

        With `one_plan` PostgreSQL keeps one plan for a statement whatever its values are, instead
        of planning anew where it takes a plan for these values to be cheaper. For statements that
        are built so that one plan suits all.
        """
        return Transaction(self, tenant_id, None, one_plan)

    async def across_tenants(self, statement: Statement, **values: Any) -> list[Row]:
        """A plain read under the worker's role, which sees a few columns of every tenant.

        Raises `Unavailable`.
        """
        return await self.fetch(statement.sql, *statement.arguments(values))

    async def clock(self) -> datetime:
        """The database's clock, UTC, for whoever is about to write.

        Raises `Unavailable`, also where the server takes no writes.
        """
        (row,) = await self.fetch(_CLOCK)
        if row["read_only"]:
            raise await self.unavailable(asyncpg.ReadOnlySQLTransactionError("it takes no writes"))
        return row["now"].astimezone(UTC)  # type: ignore[no-any-return]

    async def is_read_only(self) -> bool:
        """Whether the server takes no writes, as a standby does, or one that another took over
        from. Raises `Unavailable`.
        """
        return bool((await self.fetch(_CLOCK))[0]["read_only"])

    async def unavailable(self, failure: BaseException) -> Unavailable:
        """The refusal that `failure`, one of `AWAY` or `OUTDATED`, means to whoever asked.

        Where the server is unfit, connections in use and idle ones alike are replaced before they
        are used again, at most once a second.
        """
        if isinstance(failure, OUTDATED):
            return SchemaChanged()
        if isinstance(failure, asyncpg.DeadlockDetectedError):
            return Deadlocked()
        if isinstance(failure, UNFIT) and self._pool and monotonic() >= self._expire_at:
            self._expire_at = monotonic() + EXPIRE_SECONDS
            await self._pool.expire_connections()
        return Unavailable("database")

    async def fetch(self, sql: str, *arguments: Any) -> list[Row]:
        """A statement of its own that concerns no tenant's data. Raises `Unavailable`.

        Not by the pool's own `fetch`, which may lose the connection's place with the connection.
        """
        try:
            connection = await self.acquire()
            try:
                rows: list[Row] = await connection.fetch(sql, *arguments)
            finally:
                await self.release(connection)
        except AWAY as away:
            raise await self.unavailable(away) from away
        return rows

    async def acquire(self, tenant_id: TenantId | None = None) -> Any:
        """A connection, in the tenant's turn, waited for at most 5 s."""
        pool, turns = self.pool, self._turns
        if not turns.enter(tenant_id):
            await turns.wait(tenant_id, _WAIT_SECONDS)
        try:
            # The time-out is a task of its own, which one that is there need not pay for.
            return await (
                pool.acquire() if pool.get_idle_size() else pool.acquire(timeout=_WAIT_SECONDS)
            )
        except BaseException:
            turns.leave(tenant_id)
            raise

    async def release(self, connection: Any, tenant_id: TenantId | None = None) -> None:
        """Frees the connection's place in the pool, whatever became of the connection and of the
        transaction on it.
        """
        try:
            await self._release(connection)
        finally:
            self._turns.leave(tenant_id)

    async def _release(self, connection: Any) -> None:
        # What fails here fails because the connection is lost and its place is free.
        with suppress(Exception):
            if connection.is_closed():
                # Where the server ended the session at a bad moment, the driver leaves the place
                # taken. Ending it as well frees it.
                connection.terminate()
            else:
                await self.pool.release(connection, timeout=5)

    def committed(self, tx: Tx) -> None:
        """Wakes those who wait for what `tx` left behind."""
        if tx.has_events:
            for wake in self._committed:
                wake()
            for count in self._counters:
                count(tx.published)
        if tx.has_jobs:
            for wake in self._jobs_created:
                wake()


async def _prepare(connection: Any) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            encoder=lambda value: orjson.dumps(value, default=str).decode(),
            decoder=orjson.loads,
        )


async def _nothing_to_reset(_: Any) -> None:
    """Every setting of ours is LOCAL to a transaction, so the pool's RESET ALL would be a trip for
    nothing.
    """
