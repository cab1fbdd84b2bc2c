"""Timers: overdue activities reset, their responsibles are warned before, numbers hold from their
day on, renewals become activities on theirs, payments that wait are matched with new invoices,
calls whose end nobody reports are taken as over, and files that were uploaded expire.

First which tenants have something due, then a batch per tenant.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.activities.handlers import (
    alerts,
    deadlines,
    opening,
    planned_settings,
    rematching,
    unended_calls,
    uploads,
)
from services.activities.handlers.due_batch import DueBatch
from services.activities.storage import calls, renewals
from services.activities.storage.due import TENANTS_WITH_ALERTS, TENANTS_WITH_DUE
from services.activities.storage.inbound_messages import PRUNE
from services.activities.storage.new_invoices import TENANTS_WITH_NEW
from services.activities.storage.planned_settings import TENANTS_WITH_PLANNED
from services.activities.storage.uploads import TENANTS_WITH_EXPIRED
from shared.db import Statement, Tx
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext
from shared.tenant_turns import Turn

TENANTS = 1000
PRUNE_SECONDS = 60
MATCH_SECONDS = 60
TakeBatch = Callable[[Tx, datetime, list[UUID]], Awaitable[DueBatch]]


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a timer does: `tenants` are those with something due, `take` a batch of up to `size`,
    counted by the metric `counter` where there is one.
    """

    name: str
    tenants: Statement
    take: TakeBatch
    size: int
    counter: str | None = None

    async def __call__(self, context: ServiceContext, now: datetime | None = None) -> int:
        """Does everything that is due by `now` (the database's clock unless given); how many were
        changed.

        Cost follows what is due. Several processes share the work: what one has locked the others
        skip.
        """
        moment = now or await context.worker.clock()
        rows = await context.worker.across_tenants(self.tenants, now=moment, limit=TENANTS)
        count = 0

        async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
            nonlocal count
            async with context.database.begin_for(tenant_id) as tx:
                batch = await self.take(tx, moment, left_out)
            await context.push(tenant_id, tx.published)
            if self.counter:
                getattr(context.metrics, self.counter).inc(batch.changed)
            count += batch.changed
            return Turn(batch.looked_at == self.size, batch.failed)

        await context.turns.take(self.name, [row["tenant_id"] for row in rows], turn)
        return count


reset_overdue = Sweep(
    "reset_overdue", TENANTS_WITH_DUE, deadlines.reset_overdue, deadlines.BATCH, "resets"
)
send_alerts = Sweep("send_alerts", TENANTS_WITH_ALERTS, alerts.send_due, alerts.BATCH)
open_renewals = Sweep(
    "open_renewals", renewals.TENANTS_WITH_DUE, opening.open_due, opening.BATCH, "renewals"
)
apply_planned = Sweep(
    "apply_planned", TENANTS_WITH_PLANNED, planned_settings.apply_planned, planned_settings.BATCH
)
match_new_invoices = Sweep(
    "match_new_invoices", TENANTS_WITH_NEW, rematching.match_new_invoices, rematching.BATCH
)
close_unended_calls = Sweep(
    "close_unended_calls",
    calls.TENANTS_WITH_UNENDED,
    unended_calls.close_unended,
    unended_calls.BATCH,
)
remove_expired_uploads = Sweep(
    "remove_expired_uploads", TENANTS_WITH_EXPIRED, uploads.remove_expired, uploads.BATCH
)


async def prune_messages(context: ServiceContext) -> int:
    """Deletes messages from outside that nobody needs any more: how many."""
    rows = await context.worker.across_tenants(PRUNE)
    return int(rows[0]["pruned"])


async def prune_calls(context: ServiceContext) -> int:
    """Deletes phone calls that were long ago and are of no activity: how many."""
    rows = await context.worker.across_tenants(calls.PRUNE)
    return int(rows[0]["pruned"])


TIMERS = [
    *(
        Timer(sweep.name, every=lambda settings: settings.sweep_seconds, run=sweep)
        for sweep in (
            apply_planned,
            reset_overdue,
            send_alerts,
            open_renewals,
            close_unended_calls,
            remove_expired_uploads,
        )
    ),
    Timer(match_new_invoices.name, every=lambda _: MATCH_SECONDS, run=match_new_invoices),
    Timer("prune_messages", every=lambda _: PRUNE_SECONDS, run=prune_messages),
    Timer("prune_calls", every=lambda _: PRUNE_SECONDS, run=prune_calls),
]
