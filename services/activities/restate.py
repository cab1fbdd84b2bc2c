"""What activities owns, stated again: the last event of each activity, of each renewal and of each
thing of the directory. For readers that missed events which no outbox holds any more
(docs/operations.md).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import BigInteger, Table, Uuid, bindparam, select

from services.activities.events import (
    company_vat_event,
    company_vat_id,
    directory_events,
    renewal_event,
    room_settings_event,
    state_of,
)
from services.activities.storage.mapping import activity_of
from services.activities.storage.renewals import renewal_of
from services.activities.storage.tables.absences import absence
from services.activities.storage.tables.activities import activity, activity_entry
from services.activities.storage.tables.clients import client, contact_person
from services.activities.storage.tables.custom_fields import custom_field
from services.activities.storage.tables.directory import (
    company,
    employee,
    loss_reason,
    product,
    room,
    source,
    tenant,
)
from services.activities.storage.tables.renewals import renewal
from services.activities.storage.tables.requisites import company_requisites
from services.activities.storage.tables.settings import room_settings
from services.activities.storage.tables.source_costs import source_cost
from shared.db import Database, Statement, compiled
from shared.db.transaction import Row
from shared.events import ACTIVITIES, REGISTRY
from shared.ids import TenantId, derived_id
from shared.outbox.restate import LastEvent, restate

PAGE = 500
_FIRST = UUID(int=0)
_tenant_id, _after = bindparam("tenant_id", type_=Uuid), bindparam("after", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_a, _e = activity.c, activity_entry.c
_TENANTS = compiled(select(_a.tenant_id).distinct().order_by(_a.tenant_id))
_ACTIVITIES = compiled(
    select(activity, _e.what, _e.who, _e.details, _e.at)
    .join(
        activity_entry,
        (_e.tenant_id == _a.tenant_id) & (_e.activity_id == _a.id) & (_e.version == _a.version),
    )
    .where(_a.tenant_id == _tenant_id, _a.id > _after)
    .order_by(_a.id)
    .limit(_limit)
)
_RENEWALS = compiled(
    select(renewal, _a.client_id)
    .join(
        activity,
        (_a.tenant_id == renewal.c.tenant_id) & (_a.id == renewal.c.contract_id),
    )
    .where(renewal.c.tenant_id == _tenant_id, renewal.c.id > _after)
    .order_by(renewal.c.id)
    .limit(_limit)
)
_ROOM_SETTINGS = compiled(select(room_settings).where(room_settings.c.tenant_id == _tenant_id))
_REQUISITES = compiled(
    select(company_requisites).where(company_requisites.c.tenant_id == _tenant_id)
)


def _page_of(table: Table) -> Statement:
    return compiled(
        select(table)
        .where(table.c.tenant_id == _tenant_id, table.c.id > _after)
        .order_by(table.c.id)
        .limit(_limit)
    )


_DIRECTORY = {
    table.name: _page_of(table)
    for table in (
        tenant,
        company,
        room,
        employee,
        absence,
        product,
        source,
        source_cost,
        loss_reason,
        custom_field,
        client,
        contact_person,
    )
}


async def run(database: Database, worker: Database, only: UUID | None = None) -> int:
    """Opens both, and states everything again of all tenants that have activities, or of `only`
    one; how many events. Raises `Unavailable`.
    """
    await database.open()
    await worker.open()
    try:
        rows = [] if only else await worker.across_tenants(_TENANTS)
        tenants = [TenantId(only)] if only else [TenantId(row["tenant_id"]) for row in rows]
        return sum([await restate_tenant(database, tenant_id) for tenant_id in tenants])
    finally:
        await worker.close()
        await database.close()


async def restate_tenant(database: Database, tenant_id: TenantId) -> int:
    """States everything of one tenant again; how many events. Raises `Unavailable`."""
    count = 0
    for kind, statement in _DIRECTORY.items():
        count += await _restate_pages(database, tenant_id, statement, partial(_of_thing, kind))
    async with database.begin_for(tenant_id) as tx:
        now = await tx.read_clock()
        settings = [_of_settings(row, now) for row in await tx.rows(_ROOM_SETTINGS)]
        settings += [_of_requisites(row, now) for row in await tx.rows(_REQUISITES)]
        await restate(tx, settings)
    count += await _restate_pages(database, tenant_id, _ACTIVITIES, _of_activity)
    count += await _restate_pages(database, tenant_id, _RENEWALS, _of_renewal)
    return count + len(settings)


async def _restate_pages(
    database: Database,
    tenant_id: TenantId,
    statement: Statement,
    last_events_of: Callable[[Row], Sequence[LastEvent]],
) -> int:
    """Each page by id in a transaction of its own."""
    after, count = _FIRST, 0
    while True:
        async with database.begin_for(tenant_id) as tx:
            rows = await tx.rows(statement, after=after, limit=PAGE)
            events = [event for row in rows for event in last_events_of(row)]
            await restate(tx, events)
        count += len(events)
        if len(rows) < PAGE:
            return count
        after = rows[-1]["id"]


def _of_thing(kind: str, row: Row) -> list[LastEvent]:
    """Who a person is travels on a compacted topic, which keeps the last word by itself."""
    return [
        LastEvent(event, row["id"], row["version"], row["changed_at"])
        for event in directory_events(kind, row)
        if event.topic == ACTIVITIES
    ]


def _of_settings(row: Row, now: datetime) -> LastEvent:
    subject = derived_id(row["room_id"], row["company_id"])
    return LastEvent(room_settings_event(row, None), subject, row["version"], now)


def _of_requisites(row: Row, now: datetime) -> LastEvent:
    company_id = row["company_id"]
    event = company_vat_event(company_id, row)
    return LastEvent(event, company_vat_id(company_id), row["version"], now)


def _of_renewal(row: Row) -> list[LastEvent]:
    """By what it is now: who did it is told by the events as they were sent."""
    event = renewal_event(f"renewal.{row['status']}", renewal_of(row, row["client_id"]), None)
    return [LastEvent(event, row["id"], row["version"], row["changed_at"])]


def _of_activity(row: Row) -> list[LastEvent]:
    event_type = REGISTRY[row["what"]]
    # The timeline keeps more than is published.
    details = {
        name: row["details"][name] for name in event_type.model_fields.keys() & row["details"]
    }
    event = event_type.model_validate(
        {
            **details,
            "activity_id": row["id"],
            "by": row["who"],
            "state": state_of(activity_of(row)),
        }
    )
    return [LastEvent(event, row["id"], row["version"], row["at"])]
