"""Answers kept under Idempotency-Keys.

The primary key of the stored answer is what lets a command take effect once.
"""

from collections.abc import Mapping
from typing import Any

from shared.errors import Refusal
from shared.idempotency import IdempotentResponse, KeyReused, Replayed
from shared.tenancy import Caller, Command
from shared.web.problems import render

_STORED = "SELECT fingerprint, status, body FROM answer WHERE tenant_id = $1 AND caller_id = $2 AND key = $3"
_KEEP = (
    "WITH kept AS (INSERT INTO answer (tenant_id, caller_id, key, fingerprint, status, body) VALUES ($1, $2, $3, $4, $5, $6)"
    f" ON CONFLICT DO NOTHING) {_STORED}"
)


async def stored_response(
    connection: Any, caller: Caller, command: Command
) -> Refusal | Replayed | None:
    """What was answered under the key before, if anything was."""
    return _told(
        await connection.fetchrow(_STORED, caller.tenant_id, caller.employee_id, command.key),
        command,
    )


async def store_refusal(
    connection: Any, caller: Caller, command: Command, refusal: Refusal
) -> Refusal | Replayed | None:
    """Remembers that a rule said no, unless something else was answered before; then that."""
    who = (caller.tenant_id, caller.employee_id, command.key)
    row = await connection.fetchrow(
        _KEEP, *who, command.fingerprint, refusal.status, render(refusal)
    )
    return _told(row, command)


def _told(row: Mapping[str, Any] | None, command: Command) -> Refusal | Replayed | None:
    if row is None:
        return None
    if row["fingerprint"] != command.fingerprint:
        return KeyReused("this Idempotency-Key was used for another request")
    return Replayed(IdempotentResponse(row["status"], row["body"]))
