"""A transaction's beginning and end: the tenant's wall first, events and response at the commit,
and what a failure means to a caller.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from shared.context import tenant
from shared.db import idempotent_responses
from shared.db.transaction import Tx, VersionConflict
from shared.db.transient import AWAY, LOST, OUTDATED, Repeatable
from shared.errors import Refusal, Unavailable
from shared.ids import TenantId
from shared.tenancy import Caller

if TYPE_CHECKING:
    from shared.db.database import Database

Result = TypeVar("Result")
log = structlog.get_logger()

REPEATS = 2
"""How often a transaction that was rolled back is run again."""
PAUSE_SECONDS = (0.005, 0.025)
"""The shortest and the longest pause before it is."""


class Transaction:
    """What `begin` and `begin_for` give: entered, it is a `Tx`."""

    __slots__ = ("_caller", "_connection", "_database", "_one_plan", "_tenant_id", "_tx")

    def __init__(
        self,
        database: "Database",
        tenant_id: TenantId,
        caller: Caller | None,
        one_plan: bool = False,
    ) -> None:
        self._database, self._tenant_id, self._caller, self._one_plan = (
            database,
            tenant_id,
            caller,
            one_plan,
        )

    async def __aenter__(self) -> Tx:
        try:
            try:
                await self._begin()
            except LOST:
                # Nothing was asked of it yet, so another connection may do all of it.
                await self._begin()
        except AWAY as away:
            raise await self._database.unavailable(away) from away
        tenant.set(str(self._tenant_id))
        self._tx = Tx(self._connection, self._tenant_id, self._caller, self._database.shards)
        return self._tx

    async def _begin(self) -> None:
        self._connection = await self._database.acquire(self._tenant_id)
        planning = "; SET LOCAL plan_cache_mode = force_generic_plan" if self._one_plan else ""
        try:
            await self._connection.execute(
                f"BEGIN; SET LOCAL app.tenant_id = '{UUID(str(self._tenant_id))}'{planning}"
            )
        except BaseException:
            await self._abandon()
            raise

    async def __aexit__(
        self, _: type[BaseException] | None, failure: BaseException | None, __: TracebackType | None
    ) -> None:
        if failure is None:
            try:
                await self._tx.flush()
                await self._connection.execute("COMMIT")
            except BaseException as broken:
                await self._abandon()
                await self._explain(broken)
                raise
            await self._database.release(self._connection, self._tenant_id)
            self._database.committed(self._tx)
            return
        await self._abandon()
        await self._explain(failure)

    async def _abandon(self) -> None:
        try:
            await _roll_back(self._connection)
        finally:
            await self._database.release(self._connection, self._tenant_id)

    async def _explain(self, failure: BaseException) -> None:
        """Raises what `failure` means to a caller, where it is not that itself.

        A command that came before is refused by a rule (what was free then is taken now), or meets
        its own response as it writes: the first response is given again. Two at once wait for each
        other at the rows that they change, or at that response.
        """
        if isinstance(failure, AWAY + OUTDATED):
            raise await self._database.unavailable(failure) from failure
        caller = self._caller
        clash = isinstance(failure, asyncpg.UniqueViolationError)
        if caller is None or not (clash or isinstance(failure, Refusal)):
            return
        if caller.command and not isinstance(failure, Unavailable):
            async with self._database.begin_for(self._tenant_id) as tx:
                if isinstance(failure, Refusal) and _is_final(failure):
                    first = await idempotent_responses.store_refusal(
                        tx.connection, caller, caller.command, failure
                    )
                else:
                    first = await idempotent_responses.stored_response(
                        tx.connection, caller, caller.command
                    )
            if first:
                raise first from None
        if clash:
            raise VersionConflict("created") from failure


async def in_transaction(
    begin: Callable[[], Transaction], work: Callable[[Tx], Awaitable[Result]]
) -> Result:
    """The result of `work` in a transaction of `begin`, run again where that is `Repeatable`."""
    for _ in range(REPEATS):
        try:
            async with begin() as tx:
                return await work(tx)
        except Repeatable as failure:
            log.info("transaction_repeated", reason=type(failure).__name__)
            # Whom we gave way to must be first at the rows that we let go of.
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
    async with begin() as tx:
        return await work(tx)


def _is_final(refusal: Refusal) -> bool:
    """Whether a refusal is the command's response for good. What is stale may be sent again, by the
    version that is there now.
    """
    return refusal.status == 409 and refusal.code != "stale"


async def _roll_back(connection: Any) -> None:
    """A connection whose ROLLBACK fails must not go back to the pool with a transaction open."""
    try:
        await asyncio.shield(connection.execute("ROLLBACK", timeout=5))
    except Exception:
        # One whose server ended it is out of our hands already.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
