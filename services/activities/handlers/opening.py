"""Renewals become activities: taken ahead by a seller, or by themselves on their day, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.activities import events
from services.activities.domain import renewals as rules
from services.activities.domain.activity import DomainEvent
from services.activities.domain.registering import Registration, register
from services.activities.domain.taking import make_responsible
from services.activities.handlers.due_batch import DueBatch
from services.activities.handlers.following import FollowVip, enqueue_following
from services.activities.handlers.saving import WriteNew, save_new
from services.activities.queries.activity_view import View, view_of
from services.activities.storage import absences, activities, merging, renewal_source, renewals
from services.activities.storage.mapping import client_summary
from services.activities.storage.registering import find_offered
from services.activities.storage.renewals import LockedRenewal
from shared.db import Tx
from shared.ids import ActivityId, ClientId, EmployeeId, SourceId, new_id
from shared.isolation import apply_or_halve
from shared.vocabulary import How

BATCH = 100


async def open_due(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Makes activities of a batch of renewals whose day has come by `now`, but for those
    `left_out`. One that fails does not keep the others.
    """
    renewal_ids = await renewals.lock_due(tx, now, BATCH, left_out)

    async def open_all(ids: Sequence[UUID]) -> int:
        return sum([await _open(tx, renewal_id) for renewal_id in ids])

    isolated = await apply_or_halve(tx, renewal_ids, open_all)
    return DueBatch(len(renewal_ids), sum(isolated.results), isolated.failed)


async def _open(tx: Tx, renewal_id: UUID) -> bool:
    """For who was responsible, else the client's VIP holder, else nobody: the room's pool. It
    follows a holder who sells in another room.
    """
    locked = await renewals.lock(tx, renewal_id)
    if locked.renewal.status != "scheduled":
        return False
    if locked.former_id:
        await begin_activity(tx, locked, None, (locked.former_id, "renewed"))
    elif locked.vip_hold and locked.holder_sells:
        await begin_activity(tx, locked, None, (locked.vip_hold.holder_id, "vip_routed"))
    else:
        await begin_activity(tx, locked, None, None)
        if locked.vip_hold:
            client_id = UUID(locked.client["id"])
            await enqueue_following(tx, FollowVip(locked.renewal.company_id, client_id))
    return True


async def begin_activity(
    tx: Tx,
    locked: LockedRenewal,
    by: EmployeeId | None,
    responsible: tuple[EmployeeId, How] | None,
    write: WriteNew = activities.insert_new,
) -> View:
    """Registers the activity that a locked renewal becomes, at the products and prices that the
    directory has now, and marks the renewal: taken where somebody did it, else opened. It is of the
    client into which the contract's may have been merged at this moment.
    """
    client = client_summary(await merging.hold_client(tx, locked.renewal.client_id))
    renewal = replace(locked.renewal, client_id=ClientId(UUID(client["id"])))
    product_ids = [line.product_id for line in renewal.products]
    lines, dropped = rules.followed_lines(renewal.products, await find_offered(tx, product_ids))
    registration = Registration(
        id=ActivityId(new_id()),
        company_id=renewal.company_id,
        room_id=renewal.room_id,
        client_id=renewal.client_id,
        source_id=await _source(tx),
        source_kind="renewal",
        currency=locked.currency,
        products=lines,
        note=renewal.note,
        by=by,
    )
    details = {
        "renewal_id": renewal.id,
        "contract_id": renewal.contract_id,
        "dropped_products": dropped,
    }
    beginning = await _beginning(tx, locked, registration, details, responsible)
    change = rules.become_activity(renewal, registration.id, "taken" if by else "opened")
    await renewals.write(tx, [change])
    events.publish_renewals(tx, [change], by)
    sent = await save_new(tx, beginning, by, write)
    return view_of(beginning[-1].after, client, tx.now, sent)


async def _beginning(
    tx: Tx,
    locked: LockedRenewal,
    registration: Registration,
    details: dict[str, Any],
    responsible: tuple[EmployeeId, How] | None,
) -> list[DomainEvent]:
    """The events with which the activity begins, for `responsible` where somebody is."""
    settings = locked.room_settings
    if responsible:
        absent = await absences.find_of_seller(tx, responsible[0], locked.time_zone)
        settings = settings.of_seller(absent)
    (registered,) = register(registration, True, None, None, settings, tx.now)
    beginning = [replace(registered, details=details)]
    if responsible:
        employee_id, how = responsible
        beginning.append(make_responsible(registered.after, employee_id, how, settings, tx.now))
    return beginning


async def _source(tx: Tx) -> SourceId:
    """The tenant's source of renewals, made where there is none yet."""
    if source_id := await renewal_source.find(tx):
        return source_id
    if row := await renewal_source.insert_new(tx):
        events.publish_directory(tx, "source", row)
    return renewal_source.own_id(tx)
