"""A client that was merged into another: who held it holds the other, unless somebody does."""

from uuid import UUID

from services.vip.domain import holding
from services.vip.handlers.publishing import save
from services.vip.storage import repository
from shared.db import Tx
from shared.events.directory import ClientMerged
from shared.ids import EmployeeId


async def merge_clients(tx: Tx, event: ClientMerged) -> None:
    """Moves every VIP of the client that ended; repeated, there is none left to move."""
    by = EmployeeId(event.by) if isinstance(event.by, UUID) else None
    for unlocked in await repository.held_of_client(tx, event.client_id):
        into = await repository.lock_pair(
            tx, unlocked.company_id, event.into_client_id, unlocked.room_id, unlocked.currency
        )
        vip = await repository.lock(tx, unlocked.id)
        if vip.responsible is None:
            continue
        events = holding.move(vip, into)
        if into.overdue(tx.now):
            freed = holding.free(into, "reset")
            await save(tx, [freed])
            events = holding.move(vip, freed.after)
        await save(tx, events, by)
