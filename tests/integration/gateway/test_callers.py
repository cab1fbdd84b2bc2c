"""Who asks, read from the database once for all requests that come at that time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from deploy.environment import Installation
from services.gateway.accounts.callers import Callers
from shared.db import Database, Tx
from shared.ids import EmployeeId, TenantId, new_id


class _Database(Database):
    """Its first transaction ends as somebody else arrives: before anything else has its turn."""

    arrive: Any = None

    def begin_for(self, tenant_id: TenantId, one_plan: bool = False) -> Any:
        return self._ending(super().begin_for(tenant_id, one_plan))

    @asynccontextmanager
    async def _ending(self, transaction: Any) -> AsyncIterator[Tx]:
        async with transaction as tx:
            yield tx
        if arrive := self.arrive:
            self.arrive = None
            arrive()


class _NoNews:
    def heard_since(self, moment: float) -> bool:
        return False

    def announce_access(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        """Nobody listens."""


@pytest.mark.timeout(20)
async def test_who_arrives_as_a_look_up_ends_is_looked_up_and_stops_nobody(
    provisioned: Installation,
) -> None:
    """The result that is just there is older than they are, and so says nothing of their session:
    they once asked for it for ever, and the process answered nobody any more.
    """
    url = provisioned.database_url("gateway", "app")
    database = await _Database(url, connections=2).open()
    callers: Any = Callers(database, None, _NoNews())  # type: ignore[arg-type]
    tenant_id, employee_id = TenantId(new_id()), EmployeeId(new_id())
    late: list[asyncio.Task[Any]] = []

    def arrive() -> None:
        asking = callers.of_session(tenant_id, employee_id, UUID(int=2))
        late.append(asyncio.create_task(asking))

    database.arrive = arrive
    try:
        assert await callers.of_session(tenant_id, employee_id, UUID(int=1)) is None
        assert await late[0] is None
    finally:
        await database.close()
