"""What the routes work with, and how a command is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.activities.metrics import ActivityMetrics
from shared.db import Database, Tx
from shared.neighbours import Neighbour
from shared.tenancy import Caller
from shared.views import Ready, as_json

UseCase = Callable[[Tx], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Running:
    """The running service, as far as its routes need it."""

    database: Database
    vip: Neighbour
    metrics: ActivityMetrics

    async def command(self, caller: Caller, use_case: UseCase, status: int = 200) -> Ready:
        """Runs a use case in one transaction; its answer is kept with the caller's Idempotency-Key
        as the effect commits.
        """
        async with self.database.begin(caller) as tx:
            answer = as_json(await use_case(tx), status)
            tx.answer(bytes(answer.body), status)
        return answer

    async def read(self, caller: Caller, query: UseCase, one_plan: bool = False) -> Ready:
        """Runs a query; an Idempotency-Key means nothing here.

        `one_plan` as in `Database.begin_for`.
        """
        async with self.database.begin_for(caller.tenant_id, one_plan) as tx:
            return as_json(await query(tx))
