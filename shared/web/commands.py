"""How a command is answered: one transaction, and the response kept under its Idempotency-Key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from shared.activity_view import JsonBytes, as_json
from shared.db import Database, Tx
from shared.replicas.peer import PeerClient
from shared.tenancy import Caller

UseCase = Callable[[Tx], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class CommandRunner:
    """Runs use cases for the routes of a service."""

    database: Database
    vip: PeerClient
    metrics: Any

    async def command(self, caller: Caller, use_case: UseCase, status: int = 200) -> JsonBytes:
        """Runs a use case in one transaction; its response is stored as the effect commits."""
        async with self.database.begin(caller) as tx:
            response = as_json(await use_case(tx), status)
            tx.answer(bytes(response.body), status)
        return response

    async def read(self, caller: Caller, query: UseCase, one_plan: bool = False) -> JsonBytes:
        """Runs a query; an Idempotency-Key means nothing here. `one_plan` as in `begin_for`."""
        async with self.database.begin_for(caller.tenant_id, one_plan) as tx:
            return as_json(await query(tx))
