"""A transaction of one tenant: reads, one write at the end, events and response along with it."""

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.sql import ClauseElement

from shared.context import causation, correlation
from shared.db.statements import EVENTS, Statement, compiled, writing
from shared.errors import Refusal
from shared.events import Event, key
from shared.ids import TenantId, new_id
from shared.tenancy import Caller, Command

Row = Mapping[str, Any]
Published = tuple[Event, UUID, int]
"""An event, its aggregate and the aggregate's version."""

_FLUSH = writing()
_NOW = "SELECT clock_timestamp()"


class VersionConflict(Refusal):
    """The row that was to be changed is no longer as it was read; the request may be sent again."""

    code = "stale"


def shard_of(tenant_id: UUID, aggregate: UUID, shards: int) -> int:
    """The relay shard of an aggregate: all its events share one, so one relay at a time sends
    them.
    """
    return zlib.crc32(key(tenant_id, aggregate)) % shards


@dataclass(slots=True)
class Tx:
    """A transaction of one tenant.

    `now` is the database's clock, read after the locks that matter were held.
    """

    connection: Any
    tenant_id: TenantId
    caller: Caller | None
    shards: int
    # References whose owner was asked already: still missing, they do not exist.
    fetched: frozenset[Any] = frozenset()
    # Events of this transaction by aggregate and version, for whoever pushes them after the commit.
    published: list[Published] = field(default_factory=list)
    has_events: bool = False
    has_jobs: bool = False
    # Whether the use case has looked at the caller's `expected_versions`.
    version_checked: bool = False
    _now: datetime | None = None
    _outbox_rows: list[Row] = field(default_factory=list)
    _response: tuple[int, bytes] | None = None
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

    def expects(self, version: int) -> bool:
        """Whether the caller means to change this version of a locked thing, or any."""
        self.version_checked = True
        expected = self.caller.expected_versions if self.caller else None
        return expected is None or version in expected

    async def rows(self, statement: Statement | ClauseElement, **values: Any) -> list[Row]:
        await self.flush()
        built = statement if isinstance(statement, Statement) else compiled(statement)
        rows: list[Row] = await self.connection.fetch(
            built.sql, *built.arguments({"tenant_id": self.tenant_id, **values})
        )
        return rows

    async def row(self, statement: Statement | ClauseElement, **values: Any) -> Row | None:
        rows = await self.rows(statement, **values)
        return rows[0] if rows else None

    async def each(self, statement: Statement, all_values: Sequence[Mapping[str, Any]]) -> None:
        """Runs the statement once for each of `all_values`, in order, all in one trip; what they
        give is not read.
        """
        await self.flush()
        sets = [
            statement.arguments({"tenant_id": self.tenant_id, **values}) for values in all_values
        ]
        if sets:
            await self.connection.executemany(statement.sql, sets)

    async def rows_of_each(
        self, statement: Statement, all_values: Sequence[Mapping[str, Any]]
    ) -> list[Row]:
        """As `each`, with the rows that the statements give, in order."""
        await self.flush()
        sets = [
            statement.arguments({"tenant_id": self.tenant_id, **values}) for values in all_values
        ]
        if not sets:
            return []
        rows: list[Row] = await self.connection.fetchmany(statement.sql, sets)
        return rows

    def publish(self, event: Event, aggregate: UUID, version: int) -> bytes:
        """Leaves `event` in the outbox, to be sent once this transaction commits; as returned.

        The aggregate's row must be locked or new.
        """
        self.published.append((event, aggregate, version))
        value = event.to_json()
        self._add_to_outbox(type(event), value, aggregate, version)
        return value

    def erase(self, kind: type[Event], aggregate: UUID, version: int) -> None:
        """Leaves a tombstone where `kind` described somebody on a compacted topic."""
        self._add_to_outbox(kind, None, aggregate, version)

    def _add_to_outbox(
        self, kind: type[Event], value: bytes | None, aggregate: UUID, version: int
    ) -> None:
        self.has_events = True
        self._outbox_rows.append(
            {
                "topic": kind.topic,
                "aggregate_id": aggregate,
                "aggregate_version": version,
                "shard": shard_of(self.tenant_id, aggregate, self.shards),
                "event_id": new_id(),
                "type": kind.type,
                "noun": kind.noun,
                "value": value,
                "correlation_id": correlation.get(),
                "causation_id": causation.get(),
            }
        )

    def respond(self, body: bytes, status: int = 200) -> None:
        """The command's response, stored with its Idempotency-Key as the transaction commits."""
        self._response = (status, body)

    async def save(self, statement: Statement, **values: Any) -> None:
        """Defers a `writing` statement until the transaction ends or reads on.

        It then runs with the events and the response in one trip. Its first change must touch a
        row: if it does not, the transaction fails with `VersionConflict`.
        """
        if self._pending:
            await self.flush()
        self._pending = (statement, values)

    async def flush(self) -> None:
        """Writes what is pending. A violated unique constraint shows here, not earlier."""
        command = self.caller.command if self.caller and self._response else None
        if self._pending is None and not self._outbox_rows and command is None:
            return
        await self.read_clock()
        statement, values = self._pending or (_FLUSH, {})
        self._pending, outbox_rows, self._outbox_rows = None, self._outbox_rows, []
        extras = {
            "tenant_id": self.tenant_id,
            "tx_tenant": self.tenant_id,
            "tx_now": self._now,
            **values,
            **EVENTS.of(outbox_rows),
            **self._response_values(command),
        }
        if command:
            self._response = None
        touched = await self.connection.fetchval(statement.sql, *statement.arguments(extras))
        if not touched and statement is not _FLUSH:
            raise VersionConflict

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that takes effect as a whole or, if it raises, not at all; the
        rest goes on. Its events are kept or dropped with it.
        """
        await self.flush()
        await self.connection.execute("SAVEPOINT part")
        published = len(self.published)
        try:
            yield
            await self.flush()
        except Exception:
            self._pending, self._outbox_rows = None, []
            del self.published[published:]
            if not self.connection.is_closed():
                await self.connection.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            raise
        await self.connection.execute("RELEASE SAVEPOINT part")

    def _response_values(self, command: Command | None) -> dict[str, Any]:
        status, body = self._response or (0, b"")
        return {
            "response_caller": self.caller.employee_id if self.caller and command else None,
            "response_key": command.key if command else None,
            "response_fingerprint": command.fingerprint if command else None,
            "response_status": status,
            "response_body": body,
        }
