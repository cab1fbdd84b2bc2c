"""Responses stored under Idempotency-Keys.

The table's primary key is what lets a command take effect once.
"""

from collections.abc import Mapping
from typing import Any

from shared.errors import Refusal
from shared.idempotency import IdempotentResponse, KeyReused, Replayed
from shared.tenancy import Caller, Command
from shared.web.problems import render

_SELECT = (
    "SELECT fingerprint, status, body FROM idempotent_response"
    " WHERE tenant_id = $1 AND caller_id = $2 AND key = $3"
)
_STORE = (
    "INSERT INTO idempotent_response (tenant_id, caller_id, key, fingerprint, status, body)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true"
)


async def stored_response(
    connection: Any, caller: Caller, command: Command
) -> Refusal | Replayed | None:
    """The response that the key has already, if any."""
    row = await connection.fetchrow(_SELECT, caller.tenant_id, caller.employee_id, command.key)
    return _replay(row, command)


async def store_refusal(
    connection: Any, caller: Caller, command: Command, refusal: Refusal
) -> Refusal | Replayed | None:
    """Stores that a rule refused, unless the key has another response already; then that one."""
    return await store(connection, caller, command, refusal.status, render(refusal))


async def store(
    connection: Any, caller: Caller, command: Command, status: int, body: bytes
) -> Refusal | Replayed | None:
    """Stores a response, unless the key has another already; then that one.

    Where another transaction was storing one, it is read by a statement of its own: the one that
    waited does not see it.
    """
    stored = await connection.fetchval(
        _STORE,
        caller.tenant_id,
        caller.employee_id,
        command.key,
        command.fingerprint,
        status,
        body,
    )
    return None if stored else await stored_response(connection, caller, command)


def _replay(row: Mapping[str, Any] | None, command: Command) -> Refusal | Replayed | None:
    if row is None:
        return None
    if row["fingerprint"] != command.fingerprint:
        return KeyReused()
    return Replayed(IdempotentResponse(row["status"], row["body"]))
