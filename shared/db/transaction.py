"""A transaction of one tenant: reads, one write at the end, facts and the answer along with it."""

import zlib
from collections.abc import Mapping, Sequence
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
from shared.tenancy import Caller

Row = Mapping[str, Any]

_FLUSH = writing()
_NOW = "SELECT clock_timestamp()"


class VersionConflict(Refusal):
    """The row that was to be changed is no longer as it was read; the request may be sent again."""

    code, title = "stale", "Changed meanwhile"


def shard_of(tenant_id: UUID, aggregate: UUID, shards: int) -> int:
    """The relay shard of an aggregate: all its facts share one, so one relay at a time sends them."""
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
    has_events: bool = False
    _now: datetime | None = None
    _facts: list[Row] = field(default_factory=list)
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
        found: list[Row] = await self.connection.fetch(
            built.sql, *built.arguments({"tenant_id": self.tenant_id, **values})
        )
        return found

    async def row(self, statement: Statement | ClauseElement, **values: Any) -> Row | None:
        found = await self.rows(statement, **values)
        return found[0] if found else None

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

    def publish(self, event: Event, aggregate: UUID, version: int) -> None:
        """Says `event` to the world once this transaction commits.

        The aggregate's row must be locked or new.
        """
        self._say(type(event), event.to_json(), aggregate, version)

    def erase(self, kind: type[Event], aggregate: UUID, version: int) -> None:
        """Leaves a tombstone where `kind` described somebody on a compacted topic."""
        self._say(kind, None, aggregate, version)

    def _say(self, kind: type[Event], value: bytes | None, aggregate: UUID, version: int) -> None:
        self.has_events = True
        told = {
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
        self._facts.append(told)

    def answer(self, body: bytes, status: int = 200) -> None:
        """What the command answers; kept with its Idempotency-Key."""
        self._answer = (status, body)

    async def save(self, statement: Statement, **values: Any) -> None:
        """Leaves a `writing` statement to be run with the facts and the answer in one trip, when
        the transaction ends or reads on.

        Its first change must touch a row: if it does not, the transaction fails with `VersionConflict`.
        """
        if self._pending:
            await self.flush()
        self._pending = (statement, values)

    async def flush(self) -> None:
        """Writes what is left to write. A unique constraint speaks up here, not earlier."""
        answers = (
            self.caller is not None and self.caller.command is not None and self._answer is not None
        )
        if self._pending is None and not self._facts and not answers:
            return
        await self.read_clock()
        statement, values = self._pending or (_FLUSH, {})
        self._pending, facts, self._facts = None, self._facts, []
        extras = {
            "tenant_id": self.tenant_id,
            "tx_tenant": self.tenant_id,
            "tx_now": self._now,
            **values,
            **EVENTS.of(facts),
            **self._answer_values(answers),
        }
        if answers:
            self._answer = None
        touched = await self.connection.fetchval(statement.sql, *statement.arguments(extras))
        if not touched and statement is not _FLUSH:
            raise VersionConflict("the row was changed by someone else")

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
