"""The transaction that everything shares: tenant's walls up, facts and answer written as it commits."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy.sql import ClauseElement

from shared.db.replay import InProgress, KeyReused, Replayed, StoredAnswer
from shared.db.statements import Statement, compiled, writing
from shared.errors import Refusal, Unavailable
from shared.events import Event, key
from shared.ids import TenantId, new_id
from shared.tenancy import Caller, Command

Row = Mapping[str, Any]

tenant: ContextVar[str] = ContextVar("tenant", default="")
causation: ContextVar[str] = ContextVar("causation", default="")
correlation: ContextVar[str] = ContextVar("correlation", default="")

CLOSE_SECONDS = 10.0
_FLUSH = writing()
_NOW = "SELECT clock_timestamp()"
_FIRST = (
    "; SELECT WHERE pg_try_advisory_xact_lock({lock}) AND NOT EXISTS"
    " (SELECT FROM answer WHERE tenant_id = '{tenant}' AND caller_id = '{caller}' AND key = convert_from('\\x{key}', 'UTF8'))"
)
_CLAIM = (
    "SELECT pg_try_advisory_xact_lock($4) AS mine, a.fingerprint, a.status, a.body FROM (VALUES (1)) one"
    " LEFT JOIN answer a ON a.tenant_id = $1 AND a.caller_id = $2 AND a.key = $3"
)
_ANSWER = "SELECT fingerprint, status, body FROM answer WHERE tenant_id = $1 AND caller_id = $2 AND key = $3"
_KEEP = "INSERT INTO answer (tenant_id, caller_id, key, fingerprint, status, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"


class Stale(Refusal):
    """The row that was to be changed is no longer as it was read; the request may be sent again."""

    code, title = "stale", "Changed meanwhile"


@dataclass(slots=True)
class _Fact:
    value: bytes | None
    topic: str
    type: str
    noun: str
    aggregate: UUID
    version: int
    correlation: str
    causation: str


def shard_of(tenant_id: UUID, aggregate: UUID, shards: int) -> int:
    """The relay shard of an aggregate: all its facts share one, so one relay at a time sends them."""
    return zlib.crc32(key(tenant_id, aggregate)) % shards


@dataclass(slots=True)
class Tx:
    """A transaction of one tenant. `now` is the database's clock, read after the locks that matter were held.

    `first`: the caller's Idempotency-Key is new, and this transaction holds it.
    """

    connection: Any
    tenant_id: TenantId
    caller: Caller | None
    shards: int
    first: bool = False
    spoke: bool = False
    _now: datetime | None = None
    _facts: list[_Fact] = field(default_factory=list)
    _answer: tuple[int, bytes] | None = None
    _pending: tuple[Statement, Mapping[str, Any]] | None = None

    @property
    def now(self) -> datetime:
        """The moment of this transaction, UTC. A locking read gives it (`at`), or `read_clock`."""
        if self._now is None:
            raise RuntimeError("the clock has not been read in this transaction")
        return self._now

    def at(self, moment: datetime) -> None:
        """Takes the moment that a locking read brought along, saving a trip."""
        self._now = moment.astimezone(UTC)

    async def read_clock(self) -> datetime:
        """The database's clock, UTC, read once per transaction."""
        if self._now is None:
            self.at(await self.connection.fetchval(_NOW))
        return self.now

    async def rows(self, statement: Statement | ClauseElement, **values: Any) -> list[Row]:
        await self.flush()
        built = statement if isinstance(statement, Statement) else compiled(statement)
        found: list[Row] = await self.connection.fetch(built.sql, *built.arguments({"tenant_id": self.tenant_id, **values}))
        return found

    async def row(self, statement: Statement | ClauseElement, **values: Any) -> Row | None:
        found = await self.rows(statement, **values)
        return found[0] if found else None

    def publish(self, event: Event, aggregate: UUID, version: int) -> None:
        """Says `event` to the world once this transaction commits. The aggregate's row must be locked or new."""
        self._say(type(event), event.to_json(), aggregate, version)

    def erase(self, kind: type[Event], aggregate: UUID, version: int) -> None:
        """Leaves a tombstone where `kind` described somebody on a compacted topic."""
        self._say(kind, None, aggregate, version)

    def _say(self, kind: type[Event], value: bytes | None, aggregate: UUID, version: int) -> None:
        self.spoke = True
        self._facts.append(_Fact(value, kind.topic, kind.type, kind.noun, aggregate, version, correlation.get(), causation.get()))

    def answer(self, body: bytes, status: int = 200) -> None:
        """What the command answers; kept with its Idempotency-Key."""
        self._answer = (status, body)

    async def save(self, statement: Statement, **values: Any) -> None:
        """Leaves a `writing` statement to be run with the facts and the answer in one trip, when the transaction ends or reads on.

        Its first change must touch a row: if it does not, the transaction fails with `Stale`.
        """
        await self.flush()
        self._pending = (statement, values)

    async def flush(self) -> None:
        """Writes what is left to write. A unique constraint speaks up here, not earlier."""
        answers = self.caller is not None and self.caller.command is not None and self._answer is not None
        if self._pending is None and not self._facts and not answers:
            return
        await self.read_clock()
        statement, values = self._pending or (_FLUSH, {})
        self._pending, facts, self._facts = None, self._facts, []
        extras = {"tenant_id": self.tenant_id, **values, **self._fact_values(facts), **self._answer_values(answers)}
        if answers:
            self._answer = None
        touched = await self.connection.fetchval(statement.sql, *statement.arguments(extras))
        if not touched and statement is not _FLUSH:
            raise Stale("the row was changed by someone else")

    def _fact_values(self, facts: list[_Fact]) -> dict[str, Any]:
        return {
            "tx_tenant": self.tenant_id,
            "tx_now": self._now,
            "fact_topic": [fact.topic for fact in facts],
            "fact_aggregate": [fact.aggregate for fact in facts],
            "fact_version": [fact.version for fact in facts],
            "fact_shard": [shard_of(self.tenant_id, fact.aggregate, self.shards) for fact in facts],
            "fact_id": [new_id() for _ in facts],
            "fact_type": [fact.type for fact in facts],
            "fact_noun": [fact.noun for fact in facts],
            "fact_value": [fact.value for fact in facts],
            "fact_correlation": [fact.correlation for fact in facts],
            "fact_causation": [fact.causation for fact in facts],
        }

    def _answer_values(self, answers: bool) -> dict[str, Any]:
        command = self.caller.command if self.caller and answers else None
        status, body = self._answer or (0, b"")
        return {
            "answer_caller": self.caller.employee_id if self.caller and command else None,
            "answer_key": command.key if command else None,
            "answer_fingerprint": command.fingerprint if command else None,
            "answer_status": status,
            "answer_body": body,
        }


class Database:
    """A pool of connections of one role, and the transactions on it."""

    def __init__(self, url: str, connections: int = 16, shards: int = 8, name: str = "sales") -> None:
        self._url = url
        self._connections = connections
        self._name = name
        self.shards = shards
        self._pool: asyncpg.Pool | None = None
        self._committed: list[Callable[[], None]] = []

    async def open(self) -> Self:
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._connections,
            init=_prepare,
            reset=_nothing_to_reset,
            command_timeout=20,
            max_inactive_connection_lifetime=300,
            server_settings={
                "application_name": self._name,
                "lock_timeout": "5s",
                "statement_timeout": "15s",
                "idle_in_transaction_session_timeout": "20s",
                "timezone": "UTC",
            },
        )
        return self

    async def close(self) -> None:
        """Lets transactions end, but not for ever: a connection whose server died under it may never come back."""
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

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        """Rows read outside of any tenant and transaction; the pool's own `fetch` may lose the connection's place with the connection."""
        async with self._connection() as connection:
            found: list[Any] = await connection.fetch(sql, *arguments)
            return found

    async def fetchval(self, sql: str) -> Any:
        """As `fetch`; the one value."""
        return (await self.fetch(sql))[0][0]

    @asynccontextmanager
    async def begin(self, caller: Caller) -> AsyncIterator[Tx]:
        """A caller's transaction. Commits if the block ends, rolls back if it raises.

        Raises `Replayed` with the first answer when the caller's Idempotency-Key has one, `InProgress` while it is being made,
        `KeyReused` when the key came with another body, and `Unavailable` when the database does not answer.
        """
        try:
            async with self._transaction(caller.tenant_id, caller, _first(caller)) as tx:
                if caller.command and not tx.first:
                    await self._claim(tx, caller)
                yield tx
        except Refusal as refusal:
            if caller.command and refusal.status == 409 and not isinstance(refusal, InProgress):
                await self._keep_refusal(caller, refusal)
            raise
        except asyncpg.UniqueViolationError as clash:
            if clash.table_name == "answer" and caller.command:
                raise await self._first_answer(caller) from None
            raise Stale("someone entered the same at the same moment") from clash

    @asynccontextmanager
    async def begin_for(self, tenant_id: TenantId) -> AsyncIterator[Tx]:
        """The system's own transaction for a tenant: consumers and timers."""
        async with self._transaction(tenant_id, None) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, tenant_id: TenantId, caller: Caller | None, first: str = "") -> AsyncIterator[Tx]:
        async with self._connection() as connection:
            begun = await connection.execute(f"BEGIN; SET LOCAL app.tenant_id = '{UUID(str(tenant_id))}'{first}")
            tenant.set(str(tenant_id))
            tx = Tx(connection, tenant_id, caller, self.shards, first=begun == "SELECT 1")
            try:
                yield tx
                await tx.flush()
                await connection.execute("COMMIT")
            except BaseException:
                await _roll_back(connection)
                raise
        if tx.spoke:
            for wake in self._committed:
                wake()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with database_answers():
            connection = await self.pool.acquire(timeout=5)
        try:
            with database_answers():
                yield connection
        finally:
            await asyncio.shield(_give_back(self.pool, connection))

    async def _claim(self, tx: Tx, caller: Caller) -> None:
        command = caller.command
        assert command
        row = await tx.connection.fetchrow(_CLAIM, caller.tenant_id, caller.employee_id, command.key, _lock_of(caller, command))
        if row["fingerprint"] is not None:
            raise _stored(row, command.fingerprint)
        if not row["mine"]:
            raise InProgress("a request with this Idempotency-Key is still running")

    async def _first_answer(self, caller: Caller) -> Refusal | Replayed:
        async with self._transaction(caller.tenant_id, None) as tx:
            assert caller.command
            row = await tx.connection.fetchrow(_ANSWER, caller.tenant_id, caller.employee_id, caller.command.key)
        return _stored(row, caller.command.fingerprint) if row else InProgress("a request with this Idempotency-Key is still running")

    async def _keep_refusal(self, caller: Caller, refusal: Refusal) -> None:
        command = caller.command
        assert command
        async with self._transaction(caller.tenant_id, None) as tx:
            stored = StoredAnswer.refused(refusal)
            await tx.connection.execute(
                _KEEP, caller.tenant_id, caller.employee_id, command.key, command.fingerprint, stored.status, stored.body
            )


def _lock_of(caller: Caller, command: Command) -> int:
    return zlib.crc32(f"{caller.employee_id}:{command.key}".encode()) | (zlib.crc32(caller.tenant_id.bytes) << 31)


def _first(caller: Caller) -> str:
    """Goes along with BEGIN, saving a trip: answers a row where nobody has used the caller's Idempotency-Key, and holds it."""
    if caller.command is None:
        return ""
    lock, key = _lock_of(caller, caller.command), caller.command.key.encode().hex()
    return _FIRST.format(lock=lock, tenant=UUID(str(caller.tenant_id)), caller=UUID(str(caller.employee_id)), key=key)


def _stored(row: Mapping[str, Any], fingerprint: bytes) -> Refusal | Replayed:
    if row["fingerprint"] != fingerprint:
        return KeyReused("this Idempotency-Key was used for another request")
    return Replayed(StoredAnswer(row["status"], row["body"]))


@contextmanager
def database_answers() -> Iterator[None]:
    """Turns a database that is away, starting, or too busy into `Unavailable`."""
    try:
        yield
    except (
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.LockNotAvailableError,
        asyncpg.DeadlockDetectedError,
        asyncpg.SerializationError,
        OSError,
        TimeoutError,
    ) as away:
        raise Unavailable("the database does not answer") from away


async def _prepare(connection: Any) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=lambda value: orjson.dumps(value, default=str).decode(), decoder=orjson.loads
        )


async def _nothing_to_reset(_: Any) -> None:
    """Every setting of ours is LOCAL to a transaction, so the pool's RESET ALL would be a trip for nothing."""


async def _give_back(pool: asyncpg.Pool, connection: Any) -> None:
    """Frees the connection's place in the pool, whatever became of the connection and of the transaction on it."""
    # What fails here fails because the connection is lost and its place is free.
    with suppress(Exception):
        if connection.is_closed():
            # The driver leaves the place taken, for ever, where the server ended the session at a bad moment. Ending it as well frees it.
            connection.terminate()
        else:
            await pool.release(connection, timeout=5)


async def _roll_back(connection: Any) -> None:
    """A connection whose ROLLBACK fails must not go back to the pool with a transaction open."""
    try:
        await asyncio.shield(connection.execute("ROLLBACK", timeout=5))
    except Exception:
        connection.terminate()
