"""Timers: what concerns a room is given to its people, and what is due to a person is shown.

First which tenants have something due, then a batch per tenant, in turns.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from redis.exceptions import RedisError

from services.gateway.live.publisher import announcements_of_notifications
from services.gateway.metrics import GatewayMetrics
from services.gateway.read_models.generations import Generations
from services.gateway.reminders import fan_out, showing
from services.gateway.reminders.delivering import Delivery, plan_deliveries
from services.gateway.storage import notifications, room_notices
from services.gateway.storage.deliveries import TENANTS_WITH_DUE as TENANTS_TO_SEND
from shared.db import Database, Statement
from shared.db.transaction import Row
from shared.ids import TenantId
from shared.process import RunningTimer
from shared.tenant_turns import TenantTurns, Turn
from shared.vocabulary import NotificationChannel

EVERY_SECONDS = 1.0
TENANTS = 1_000
TakeTurn = Callable[[TenantId, datetime], Awaitable[bool]]


@dataclass(frozen=True)
class Reminders:
    """What the timers work with."""

    database: Database
    worker: Database
    generations: Generations
    metrics: GatewayMetrics
    turns: TenantTurns
    deliveries: Sequence[Delivery] = ()

    def timers(self) -> list[RunningTimer]:
        """The timers of notifications."""
        sweeps = (
            ("notices_fanned_out", room_notices.TENANTS_WITH_DUE, self.fan_out),
            ("notifications_shown", notifications.TENANTS_WITH_DUE, self.show),
        )
        timers = [
            RunningTimer(name, EVERY_SECONDS, partial(self.sweep, name, due, turn), self.metrics)
            for name, due, turn in sweeps
        ]
        # A timer for each channel: one that hangs keeps nothing from the others.
        for delivery in self.deliveries:
            name, channel = f"{delivery.channel.name}_deliveries", delivery.channel.name
            sweep = partial(self.sweep, name, TENANTS_TO_SEND, delivery.take_turn, channel=channel)
            timers.append(RunningTimer(name, EVERY_SECONDS, sweep, self.metrics))
        return timers

    async def sweep(
        self, name: str, due: Statement, turn: TakeTurn, **values: NotificationChannel
    ) -> None:
        """Takes turns until nothing is due."""
        moment = await self.worker.clock()
        rows = await self.worker.across_tenants(due, now=moment, limit=TENANTS, **values)

        async def take(tenant_id: TenantId, _: list[UUID]) -> Turn:
            return Turn(await turn(tenant_id, moment))

        await self.turns.take(name, [row["tenant_id"] for row in rows], take)

    async def fan_out(self, tenant_id: TenantId, now: datetime) -> bool:
        """Gives a batch of a tenant's to its people; whether there may be more."""
        async with self.database.begin_for(tenant_id) as tx:
            count = await fan_out.fan_out(tx, now)
        return count >= fan_out.BATCH

    async def show(self, tenant_id: TenantId, now: datetime) -> bool:
        """Shows a batch of a tenant's; whether there may be more."""
        async with self.database.begin_for(tenant_id) as tx:
            shown = await showing.show_due(tx, now)
            channels = {delivery.channel.name for delivery in self.deliveries}
            await plan_deliveries(tx, shown.notifications, channels)
        for row in shown.notifications:
            self.metrics.notifications.labels(row["kind"]).inc()
        await self._announce(tenant_id, shown.notifications)
        return shown.looked_at >= showing.BATCH

    async def _announce(self, tenant_id: TenantId, rows: list[Row]) -> None:
        """Tells open pages to read anew; who misses it reads it with the next."""
        if not rows:
            return
        namespace = self.generations.namespace
        calls = announcements_of_notifications(
            namespace, tenant_id, [(row["employee_id"], row["id"]) for row in rows]
        )
        try:
            await self.generations.store.run(*calls)
        except (RedisError, OSError):
            self.metrics.notices_unannounced.inc(len(rows))
