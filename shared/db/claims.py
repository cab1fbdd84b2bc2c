"""Idempotency-Keys: who holds one, and what was answered under it."""

import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.errors import Refusal
from shared.replay import InProgress, KeyReused, Replayed, StoredAnswer
from shared.tenancy import Caller, Command
from shared.web.problems import render

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


def first(caller: Caller | None) -> str:
    """Goes along with BEGIN, saving a trip: answers a row where nobody has used the caller's Idempotency-Key, and holds it."""
    if caller is None or caller.command is None:
        return ""
    lock, key = _lock_of(caller, caller.command), caller.command.key.encode().hex()
    return _FIRST.format(lock=lock, tenant=UUID(str(caller.tenant_id)), caller=UUID(str(caller.employee_id)), key=key)


async def claim(connection: Any, caller: Caller, command: Command) -> None:
    """Holds the key until the transaction ends. Raises `Replayed`, `KeyReused` or `InProgress`."""
    row = await connection.fetchrow(_CLAIM, caller.tenant_id, caller.employee_id, command.key, _lock_of(caller, command))
    if row["fingerprint"] is not None:
        raise _stored(row, command.fingerprint)
    if not row["mine"]:
        raise in_progress()


async def first_answer(connection: Any, caller: Caller, command: Command) -> Refusal | Replayed:
    """What another request under the same key was answered."""
    row = await connection.fetchrow(_ANSWER, caller.tenant_id, caller.employee_id, command.key)
    return _stored(row, command.fingerprint) if row else in_progress()


async def keep_refusal(connection: Any, caller: Caller, command: Command, refusal: Refusal) -> None:
    """Remembers that a rule said no, unless something is remembered already."""
    who = (caller.tenant_id, caller.employee_id)
    await connection.execute(_KEEP, *who, command.key, command.fingerprint, refusal.status, render(refusal))


def in_progress() -> InProgress:
    return InProgress("a request with this Idempotency-Key is still running")


def _lock_of(caller: Caller, command: Command) -> int:
    return zlib.crc32(f"{caller.employee_id}:{command.key}".encode()) | (zlib.crc32(caller.tenant_id.bytes) << 31)


def _stored(row: Mapping[str, Any], fingerprint: bytes) -> Refusal | Replayed:
    if row["fingerprint"] != fingerprint:
        return KeyReused("this Idempotency-Key was used for another request")
    return Replayed(StoredAnswer(row["status"], row["body"]))
