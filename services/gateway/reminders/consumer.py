"""Bus in: a consumer of its own, so that neither read models nor live updates wait for what is to
be told, and nothing that goes wrong here stops them.

It may miss: what cannot be taken in is counted and let be, records that are gone are passed over,
and no tenant is parked, for a reminder that comes late is worth nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.gateway.metrics import GatewayMetrics
from services.gateway.reminders.notices import STATE_FIELDS
from services.gateway.reminders.taking_in import FOLLOWED, take_in
from services.gateway.settings import GatewaySettings
from shared.bus.consumer import Consumer
from shared.bus.dead_letters import DeadLetters
from shared.bus.parking import Parking
from shared.bus.positions import Positions
from shared.bus.records import Rejected
from shared.bus.subscription import Subscription
from shared.db import Database
from shared.events import ACTIVITIES, MOTIVATION, VIP
from shared.events.motivation import DisputeAnswered, DisputeResolved, EntryPosted
from shared.events.reading import with_state_of
from shared.events.vip import VipClaimed, VipKindChanged, VipReleased, VipResetWarned
from shared.ids import TenantId
from shared.metrics import Metrics

log = structlog.get_logger()

NAME = "gateway.reminders"
TOPICS = (ACTIVITIES, VIP, MOTIVATION)

subscription = Subscription(TOPICS, with_state_of(STATE_FIELDS))
subscription.on_batch(
    *FOLLOWED,
    VipClaimed,
    VipKindChanged,
    VipReleased,
    VipResetWarned,
    EntryPosted,
    DisputeAnswered,
    DisputeResolved,
)(take_in)


@dataclass(frozen=True, slots=True)
class ReminderContext:
    """What the subscription works with."""

    database: Database
    replicas: None = None


class LetBe(DeadLetters):
    """Counts what could not be taken in, and keeps nothing of it."""

    def __init__(self, metrics: GatewayMetrics) -> None:
        self._notices_missed = metrics.notices_missed

    async def publish(self, rejected: Sequence[Rejected]) -> None:
        for rejection in rejected:
            self._notices_missed.inc()
            record = rejection.record
            log.error(
                "notice_missed",
                topic=record.topic,
                offset=record.offset,
                reason=rejection.reason,
            )

    async def close(self) -> None:
        pass


class NobodyParked(Parking):
    """Puts no records aside: those of a tenant with too many faults are let be."""

    def __init__(self, metrics: GatewayMetrics) -> None:
        self.tenants = {}
        self._notices_missed = metrics.notices_missed

    def measure(self, metrics: Metrics) -> None:
        pass

    async def read(self) -> None:
        pass

    async def read_for(self, generation: Any) -> None:
        pass

    async def park(
        self, tenant_id: TenantId, reason: str, by: str, records: Sequence[Any] = ()
    ) -> None:
        self._notices_missed.inc(len(records))


def reminder_consumer(
    settings: GatewaySettings, database: Database, metrics: GatewayMetrics
) -> Consumer:
    """The consumer; nothing is opened yet."""
    own_metrics = Metrics("gateway_reminders", metrics.registry)
    return Consumer(
        NAME,
        settings.kafka,
        settings.namespace,
        subscription,
        ReminderContext(database),
        own_metrics,
        NobodyParked(metrics),
        settings.dead_letters_per_minute,
        LetBe(metrics),
        Positions(NAME, settings.namespace, database, own_metrics, expiring=TOPICS),
    )
