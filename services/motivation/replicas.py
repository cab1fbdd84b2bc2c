"""The directory as commands need it: our copy or, where it has not come yet, the owner's."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from services.motivation.storage import directory
from services.motivation.storage.directory import Company, Employee, Room
from shared.bus.subscription import Subscription
from shared.db import Database, Tx
from shared.errors import NotFound
from shared.ids import CompanyId, TenantId
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import apply_snapshot

Entry = TypeVar("Entry")
Read = Callable[[Tx, list[UUID]], Awaitable[dict[UUID, Entry]]]


class Directory:
    """Looks up by id; asks the owner on a miss.

    Each copy is taken in a transaction of its own, so that locks never pile up.
    """

    def __init__(self, database: Database, subscription: Subscription, owner: PeerClient) -> None:
        self._database, self._subscription, self._owner = database, subscription, owner

    async def learn(self, tenant_id: TenantId, noun: str, subject: UUID) -> None:
        """Takes what the owner knows about `subject`.

        Raises `Unavailable` where it does not answer.
        """
        for copy in await self._owner.fetch(tenant_id, noun, subject):
            if self._subscription.has_handler(copy.type):
                async with self._database.begin_for(tenant_id) as tx:
                    await apply_snapshot(tx, self._subscription, copy)

    async def company(self, tenant_id: TenantId, company_id: UUID) -> Company:
        """Raises `NotFound` naming the field company_id."""
        return await self._known(tenant_id, "company", company_id, directory.companies)

    async def room(
        self, tenant_id: TenantId, room_id: UUID, selling_for: CompanyId | None = None
    ) -> Room:
        """Raises `NotFound` naming the field room_id.

        A copy that does not sell for `selling_for` may be old: the owner is asked.
        """
        found = await self._known(tenant_id, "room", room_id, directory.rooms)
        if selling_for is not None and selling_for not in found.company_ids:
            await self.learn(tenant_id, "room", room_id)
            found = await self._known(tenant_id, "room", room_id, directory.rooms)
        return found

    async def employee(self, tenant_id: TenantId, employee_id: UUID) -> Employee:
        """Raises `NotFound` naming the field employee_id."""
        return await self._known(tenant_id, "employee", employee_id, directory.employees)

    async def _known(
        self, tenant_id: TenantId, noun: str, subject: UUID, read: Read[Entry]
    ) -> Entry:
        for asked in (False, True):
            if asked:
                await self.learn(tenant_id, noun, subject)
            async with self._database.begin_for(tenant_id) as tx:
                if found := (await read(tx, [subject])).get(subject):
                    return found
        raise NotFound(noun, f"{noun}_id")

    async def unknown_employees(self, tenant_id: TenantId, ids: set[UUID]) -> set[UUID]:
        """Those of `ids` of whom no copy has come."""
        async with self._database.begin_for(tenant_id) as tx:
            return ids - (await directory.employees(tx, ids)).keys()
