"""A client that was merged into another: who held it holds the other, unless somebody does."""

from uuid import UUID

from services.vip.domain import holding
from services.vip.handlers.grouping import part_merged
from services.vip.handlers.placing import lock_with_seat, seat_of, settle_left
from services.vip.handlers.publishing import save
from services.vip.storage import repository
from shared.db import Tx
from shared.events.directory import ClientMerged
from shared.ids import ClientId, CompanyId, EmployeeId


async def merge_clients(tx: Tx, event: ClientMerged) -> None:
    """Moves every VIP of the client that ended; repeated, there is none left to move."""
    by = EmployeeId(event.by) if isinstance(event.by, UUID) else None
    for unlocked in await repository.held_of_client(tx, event.client_id):
        into = await repository.find_or_create_pair(
            tx, unlocked.company_id, event.into_client_id, unlocked.room_id, unlocked.currency
        )
        locked = await lock_with_seat(tx, unlocked, *filter(None, [seat_of(into)]))
        vip, into = locked.vip, await repository.lock(tx, into.id)
        if vip.responsible is None:
            continue
        events = holding.move(vip, into)
        if into.overdue(tx.now):
            freed = holding.free(into, "reset")
            await save(tx, [freed])
            events = holding.move(vip, freed.after)
        await save(tx, events, by)
        await settle_left(tx, locked)
        await settle_left(tx, locked._replace(vip=into))
    await part_merged(tx, event.client_id, by)


async def settle_pair(tx: Tx, company_id: CompanyId, client_id: ClientId) -> None:
    """Gives the places of who holds the client for the company to whom they are due, after money
    became the client's.
    """
    unlocked = await repository.find_pair_for_event(tx, company_id, client_id)
    if unlocked and unlocked.responsible:
        await settle_left(tx, await lock_with_seat(tx, unlocked))
