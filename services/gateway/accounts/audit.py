"""The audit: entries of who did what to whom from where, written once and never changed.

Changes and sessions are written before they are answered. Reads wait in a bounded buffer for at
most a second; where it is full, because the database has been away for long, no more pay or
personal data is given out.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from services.gateway.metrics import GatewayMetrics
from services.gateway.storage import audit
from shared.db import Database
from shared.errors import Unavailable
from shared.ids import TenantId, new_id
from shared.vocabulary import AuditActorKind, AuditOutcome

log = structlog.get_logger()
FLUSH_SECONDS = 1.0
BUFFER_SIZE = 10_000
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What one request did, or was refused. `id` is made when the request ends, and gives `at`."""

    tenant_id: TenantId
    actor_kind: AuditActorKind
    actor_id: UUID | None
    session_id: UUID | None
    operation: str
    target: str
    target_ids: tuple[UUID, ...]
    outcome: AuditOutcome
    status: int
    code: str | None
    address: str
    user_agent: str
    request_id: str
    details: Mapping[str, Any]
    id: UUID = field(default_factory=new_id)

    @property
    def at(self) -> datetime:
        return audit.moment_of(self.id)


@dataclass(slots=True)
class AuditNote:
    """What only the request's own code knows of its entry: whose account a log-in meant."""

    tenant_id: TenantId | None = None
    account_id: UUID | None = None
    key_id: UUID | None = None
    session_id: UUID | None = None
    details: dict[str, Any] = field(default_factory=dict)


_note: ContextVar[AuditNote | None] = ContextVar("audit_note", default=None)


def begin_note() -> AuditNote:
    """A note for the request at hand; outside of recorded requests there is none."""
    note = AuditNote()
    _note.set(note)
    return note


def note_account(tenant_id: TenantId, account_id: UUID, session_id: UUID | None = None) -> None:
    """Names the account that a log-in, or a secret of one, meant."""
    if note := _note.get():
        note.tenant_id, note.account_id = tenant_id, account_id
        note.session_id = session_id or note.session_id


def note_key(tenant_id: TenantId, key_id: UUID) -> None:
    """Names the API key of a request, whether it is let through or not."""
    if note := _note.get():
        note.tenant_id, note.key_id = tenant_id, key_id


def note_details(**details: Any) -> None:
    """Adds codes, ids or numbers to the entry; never what identifies a person, never a secret."""
    if note := _note.get():
        note.details |= details


class AuditTrail:
    """Writes entries: at once, or a second later from a buffer of `size`."""

    def __init__(
        self, database: Database, metrics: GatewayMetrics, size: int = BUFFER_SIZE
    ) -> None:
        self._database, self._metrics, self._size = database, metrics, size
        self._buffer: deque[AuditEntry] = deque()
        self._refused: set[tuple[object, ...]] = set()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._task = asyncio.create_task(self._repeat())

    async def close(self) -> None:
        """Writes what waits; what can't be written is named in the log."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self.flush()
        for entry in self._buffer:
            self._lose(entry, "stopped")

    def require_room(self) -> None:
        """Raises `Unavailable` while a read could not be recorded."""
        if len(self._buffer) >= self._size:
            raise Unavailable("audit")

    def add(self, entry: AuditEntry) -> None:
        """Leaves an entry to be written within a second. A refused read that is repeated before
        that has one entry; each is counted in the metrics.
        """
        if entry.outcome == "refused":
            whom = entry.actor_id or entry.target_ids
            refused = (entry.tenant_id, whom, entry.operation, entry.code)
            if refused in self._refused:
                return
            self._refused.add(refused)
        self._buffer.append(entry)
        self._metrics.audit_buffered.set(len(self._buffer))

    async def write(self, entry: AuditEntry) -> None:
        """Writes an entry at once; where the database is away it waits in the buffer, for what it
        tells of has happened.
        """
        try:
            await self._write(entry.tenant_id, [entry])
        except (Unavailable, asyncpg.PostgresError):
            self._metrics.audit_delayed.inc()
            self.add(entry)

    async def flush(self) -> None:
        """Writes the buffer, a transaction for each tenant; what the database does not take now
        stays.
        """
        async with self._flushing:
            waiting = list(self._buffer)
            self._refused.clear()
            for tenant_id, entries in _by_tenant(waiting).items():
                for start in range(0, len(entries), _BATCH):
                    if not await self._written(tenant_id, entries[start : start + _BATCH]):
                        return

    async def _written(self, tenant_id: TenantId, entries: list[AuditEntry]) -> bool:
        """Whether the database answered; an entry that it refuses is named in the log and dropped,
        so that it holds up no other.
        """
        try:
            await self._write(tenant_id, entries)
        except Unavailable:
            return False
        except (asyncpg.PostgresError, ValueError, TypeError) as error:
            if len(entries) > 1:
                return all([await self._written(tenant_id, [entry]) for entry in entries])
            self._lose(entries[0], type(error).__name__)
        self._forget(entries)
        return True

    async def _write(self, tenant_id: TenantId, entries: list[AuditEntry]) -> None:
        async with self._database.begin_for(tenant_id) as tx:
            await audit.add(tx, [{**asdict(entry), "at": entry.at} for entry in entries])

    def _forget(self, entries: Iterable[AuditEntry]) -> None:
        gone = {entry.id for entry in entries}
        kept = [entry for entry in self._buffer if entry.id not in gone]
        self._buffer.clear()
        self._buffer.extend(kept)
        self._metrics.audit_buffered.set(len(kept))

    def _lose(self, entry: AuditEntry, reason: str) -> None:
        self._metrics.audit_lost.inc()
        log.error("audit_entry_lost", reason=reason, **security_fields(entry))

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if self._buffer:
                await self.flush()


def security_fields(entry: AuditEntry) -> dict[str, Any]:
    """The entry as a log line for the operator: ids and codes, nothing that identifies a person."""
    return {
        "tenant_id": str(entry.tenant_id),
        "operation": entry.operation,
        "outcome": entry.outcome,
        "status": entry.status,
        "code": entry.code,
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id and str(entry.actor_id),
        "target_ids": [str(target) for target in entry.target_ids[:5]],
        "trace_id": entry.request_id,
    }


async def prune(worker: Database, days: int) -> int:
    """Deletes entries older than `days`, of all tenants; how many. `worker` is the worker's role,
    the only one that may.
    """
    rows = await worker.across_tenants(audit.PRUNE, kept=timedelta(days=days))
    pruned = int(rows[0]["pruned"])
    if pruned:
        log.info("audit_pruned", entries=pruned, days=days)
    return pruned


def _by_tenant(entries: Iterable[AuditEntry]) -> dict[TenantId, list[AuditEntry]]:
    by_tenant: dict[TenantId, list[AuditEntry]] = {}
    for entry in entries:
        by_tenant.setdefault(entry.tenant_id, []).append(entry)
    return by_tenant
