"""Sends what was shown by the channels that people chose, outside of their quiet hours.

A batch is leased in a transaction, sent without one, and each is settled as it was sent. Whoever is
killed between the two sends it twice, under the same name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from services.gateway.domain.delivering import LEASE, retry_at
from services.gateway.domain.notices import Reader
from services.gateway.domain.notifying import NotificationSettings
from services.gateway.domain.quiet_hours import audible_at
from services.gateway.metrics import GatewayMetrics
from services.gateway.reminders.audience import people_of, zone_for
from services.gateway.reminders.channels import Channel, ChannelFault
from services.gateway.reminders.texts import message_of
from services.gateway.storage import deliveries, followed, notification_settings
from shared.clock import known_or_utc
from shared.db import Database, Tx
from shared.db.transaction import Row
from shared.errors import Unavailable
from shared.ids import TenantId
from shared.vocabulary import NotificationChannel

log = structlog.get_logger()
BATCH = 20


class Outgoing(NamedTuple):
    """A notification that goes out now: to which address, in which words."""

    row: Row
    address: Any
    settings: NotificationSettings
    time_zone: str


async def plan_deliveries(tx: Tx, rows: Collection[Row], channels: Collection[str]) -> None:
    """Plans what people chose to get besides their lists, by those of `channels` that there are."""
    if not rows or not channels:
        return
    chosen = await notification_settings.find_all(tx, {row["employee_id"] for row in rows})
    await deliveries.plan(
        tx,
        [
            {
                "notification_id": row["id"],
                "channel": channel,
                "employee_id": row["employee_id"],
                "due_at": tx.now,
            }
            for row in rows
            for channel in sorted(chosen[row["employee_id"]].of(row["kind"]).channels)
            if channel in channels
        ],
    )


@dataclass(frozen=True)
class Delivery:
    """Sends by one channel; `public_url` is where people reach the gateway."""

    database: Database
    channel: Channel
    metrics: GatewayMetrics
    public_url: str

    async def take_turn(self, tenant_id: TenantId, now: datetime) -> bool:
        """Sends a batch of a tenant's; whether there may be more.

        Raises `Unavailable` where the channel took none of it: then it is the channel's fault.
        """
        async with self.database.begin_for(tenant_id) as tx:
            await tx.read_clock()
            rows = await deliveries.lock_due(tx, self.channel.name, now, BATCH)
            outgoing = await self._sorted_out(tx, rows) if rows else []
        failures = 0
        for message in outgoing:
            failures += not await self._send(tenant_id, message)
        if outgoing and failures == len(outgoing):
            raise Unavailable(self.channel.name)
        return len(rows) >= BATCH

    async def _sorted_out(self, tx: Tx, rows: Collection[Row]) -> list[Outgoing]:
        """Leases what goes out now; postpones what would disturb, drops what is for nobody."""
        people = await people_of(tx)
        ids = {row["employee_id"] for row in rows}
        chosen = await notification_settings.find_all(tx, ids)
        addresses = await self.channel.addresses(tx, ids)
        zones = await followed.find_zones(tx)
        outgoing, dropped = [], []
        for row in rows:
            settings = chosen[row["employee_id"]]
            zone = zone_for(row["company_id"], tx.tenant_id, zones, settings.time_zone)
            audible = audible_at(tx.now, settings.quiet, known_or_utc(zone))
            address = addresses.get(row["employee_id"])
            if address is None or not wanted(row, people, settings, self.channel.name):
                dropped.append(row["id"])
            elif audible > tx.now:
                await deliveries.postpone(tx, self.channel.name, row["id"], audible)
            else:
                outgoing.append(Outgoing(row, address, settings, zone))
        await deliveries.settle(tx, self.channel.name, dropped, "dropped")
        leased = [message.row["id"] for message in outgoing]
        await deliveries.lease(tx, self.channel.name, leased, tx.now + LEASE)
        return outgoing

    async def _send(self, tenant_id: TenantId, outgoing: Outgoing) -> bool:
        """Sends one; False where the channel does not take it now."""
        row, name = outgoing.row, self.channel.name
        message = message_of(row, outgoing.settings.language, outgoing.time_zone, self.public_url)
        try:
            await self.channel.send(outgoing.address, message)
        except ChannelFault as fault:
            await self._give_up(tenant_id, row, fault.reason)
        except Unavailable as failure:
            log.warning("delivery_retried", channel=name, reason=str(failure)[:200])
            await self._put_off(tenant_id, row)
            return False
        else:
            async with self.database.begin_for(tenant_id) as tx:
                await deliveries.settle(tx, name, [row["id"]], "sent")
                await deliveries.end_fault(tx, row["employee_id"], name)
            self.metrics.deliveries.labels(name, "sent").inc()
        return True

    async def _give_up(self, tenant_id: TenantId, row: Row, reason: str) -> None:
        name = self.channel.name
        async with self.database.begin_for(tenant_id) as tx:
            now = await tx.read_clock()
            await deliveries.settle(tx, name, [row["id"]], "failed")
            await deliveries.add_fault(tx, row["employee_id"], name, reason, now)
        self.metrics.deliveries.labels(name, "failed").inc()
        log.warning("delivery_failed", channel=name, reason=reason)

    async def _put_off(self, tenant_id: TenantId, row: Row) -> None:
        name = self.channel.name
        async with self.database.begin_for(tenant_id) as tx:
            now = await tx.read_clock()
            again_at = retry_at(row["attempts"] + 1, row["shown_at"], now)
            if again_at is not None:
                await deliveries.postpone(tx, name, row["id"], again_at)
        if again_at is None:
            await self._give_up(tenant_id, row, "unavailable")
        else:
            self.metrics.deliveries.labels(name, "retried").inc()


def wanted(
    row: Row,
    people: Mapping[UUID, Reader],
    settings: NotificationSettings,
    channel: NotificationChannel,
) -> bool:
    """Whether a person may still read a notification, chose the channel, and has not read it."""
    reader = people.get(row["employee_id"])
    choice = settings.of(row["kind"])
    if reader is None or not reader.may_read(row["kind"], row["room_id"]):
        return False
    return choice.enabled and channel in choice.channels and row["read_at"] is None
