"""The effects of records: what can be understood takes effect tenant by tenant and in order, the
rest becomes dead letters, and a tenant with too many of them is parked. Tenants take effect side by
side: a transaction each, of which only the waiting can be shared.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from shared.bus.attempt import Attempt
from shared.bus.dead_letter_replay import APPLIED, DeadLetter
from shared.bus.dead_letters import DeadLetterLimits, DeadLetters
from shared.bus.parking import Parking
from shared.bus.records import Erasure, Rejected, parse, tenant_of
from shared.bus.side_by_side import side_by_side
from shared.bus.subscription import ConsumerContext, Subscription
from shared.errors import Unavailable
from shared.events import PublishedEvent, Unreadable
from shared.ids import TenantId
from shared.metrics import Metrics

log = structlog.get_logger()

TENANTS_AT_ONCE = 8
"""Of one batch: half of the pool's connections, so that requests have the others."""

TRANSIENT = (Unavailable, KafkaError, OSError, TimeoutError)

Parsed = tuple[Any, PublishedEvent | Erasure | Unreadable]


class Applier:
    """Applies records for a consumer; what may pass by itself (`transient`) is raised, and nothing
    of it has been rejected then.
    """

    def __init__(
        self,
        name: str,
        namespace: str,
        subscription: Subscription,
        context: ConsumerContext,
        metrics: Metrics,
        parking: Parking,
        dead_letters: DeadLetters,
        limits: DeadLetterLimits,
    ) -> None:
        self._name, self._namespace = name, namespace
        self._subscription, self._context = subscription, context
        self.transient = (*TRANSIENT, *subscription.transient)
        self._metrics, self._parking = metrics, parking
        self._dead_letters, self._limits = dead_letters, limits

    async def apply(self, records: Sequence[Any]) -> list[Rejected]:
        """Applies what can be understood, dead-letters the rest and returns it; puts aside what
        belongs to parked tenants.

        Raises what may pass by itself (`transient`).
        """
        tenants = list(self._by_tenant(records).items())
        rejections = await side_by_side(tenants, self._apply_of_tenant, TENANTS_AT_ONCE)
        rejected = [each for of_tenant in rejections for each in of_tenant]
        if rejected:
            await self._reject(rejected)
        return rejected

    async def replay(self, letter: DeadLetter) -> str:
        """Applies a dead letter once more, as if it had just come, also of a parked tenant: its
        letters are older than what was put aside. Returns `APPLIED` or why it cannot be.
        """
        for tenant_id, parsed in self._by_tenant([letter]).items():
            for rejected in (await self._attempt(tenant_id, parsed, may_reject=1)).rejected:
                return rejected.reason
        return APPLIED

    async def apply_parked(self, records: Sequence[Any]) -> tuple[list[Rejected], list[Any]]:
        """Applies records of a tenant that is to be released; returns those that became dead
        letters, and those that are left where they were too many.
        """
        rejected: list[Rejected] = []
        left: list[Any] = []
        for tenant_id, parsed in self._by_tenant(records).items():
            attempt = await self._attempt(tenant_id, parsed)
            rejected += attempt.rejected
            left += attempt.left
        if rejected:
            await self._reject(rejected)
        return rejected, left

    def _by_tenant(self, records: Sequence[Any]) -> dict[TenantId, list[Parsed]]:
        """What the service handles of `records`, or cannot read, by tenant and in order."""
        tenants: dict[TenantId, list[Parsed]] = defaultdict(list)
        for record in records:
            topic = record.topic.removeprefix(self._namespace)
            try:
                event = parse(
                    record, topic, self._subscription.handles, self._subscription.event_types
                )
            except Unreadable as failure:
                tenants[tenant_of(record)].append((record, failure))
                continue
            if event is None:
                self._metrics.consumed.labels(record.topic, "ignored").inc()
                continue
            tenants[event.tenant_id].append((record, event))
        return tenants

    async def _apply_of_tenant(
        self, of_tenant: tuple[TenantId, Sequence[Parsed]]
    ) -> Sequence[Rejected]:
        """Applies or puts aside a tenant's records; those that are to become dead letters."""
        tenant_id, parsed = of_tenant
        if tenant_id in self._parking.tenants and await self._put_aside(tenant_id, parsed):
            return ()
        attempt = await self._attempt(tenant_id, parsed)
        if attempt.left:
            await self._park(attempt)
        return attempt.rejected

    async def _attempt(
        self, tenant_id: TenantId, parsed: Sequence[Parsed], may_reject: int | None = None
    ) -> Attempt:
        """Applies a tenant's records up to the last dead letter that it may have."""
        limit = self._limits.remaining(tenant_id) if may_reject is None else may_reject
        attempt = Attempt(tenant_id, limit)
        for kind, run in groupby(parsed, key=lambda pair: type(pair[1])):
            if kind is Unreadable:
                for record, failure in run:
                    attempt.reject(record, str(failure))
            else:
                await self._apply_or_halve(attempt, list(run))
        return attempt

    async def _apply_or_halve(self, attempt: Attempt, parsed: Sequence[Parsed]) -> None:
        """Applies a tenant's events (or erasures) together, or in halves until the one that fails
        for good is found.
        """
        if attempt.left:
            attempt.left += [record for record, _ in parsed]
            return
        events = [event for _, event in parsed if isinstance(event, PublishedEvent)]
        erased = [event.subject for _, event in parsed if isinstance(event, Erasure)]
        try:
            await self._subscription.consume(self._context, attempt.tenant_id, events, erased)
        except self.transient:
            raise
        except Exception as failure:
            if len(parsed) == 1:
                log.error("handler_failed", consumer=self._name, exc_info=failure)
                attempt.reject(parsed[0][0], f"{type(failure).__name__}: its handler failed")
                return
            middle = len(parsed) // 2
            await self._apply_or_halve(attempt, parsed[:middle])
            await self._apply_or_halve(attempt, parsed[middle:])
            return
        self._count_applied(parsed)

    async def _put_aside(self, tenant_id: TenantId, parsed: Sequence[Parsed]) -> bool:
        """Puts the records aside if their tenant is still parked, which it returns."""
        put_aside = await self._parking.put_aside(tenant_id, [record for record, _ in parsed])
        if put_aside:
            self._metrics.parked_records.inc(len(parsed))
        return put_aside

    async def _park(self, attempt: Attempt) -> None:
        """Parks a tenant with more dead letters than it may have; what is left of it waits."""
        reason = (
            f"more than {self._limits.by_tenant} dead letters in a minute;"
            f" the last: {attempt.excess}"
        )
        await self._parking.park(attempt.tenant_id, reason, self._name, attempt.left)
        self._metrics.parked_records.inc(len(attempt.left))
        log.critical(
            "tenant_parked", consumer=self._name, tenant_id=str(attempt.tenant_id), reason=reason
        )

    def _count_applied(self, parsed: Sequence[Parsed]) -> None:
        now = datetime.now(UTC)
        topics: dict[str, list[Any]] = defaultdict(list)
        for record, event in parsed:
            topics[record.topic].append(event)
        for topic, events in topics.items():
            self._metrics.consumed.labels(topic, "applied").inc(len(events))
            delays = self._metrics.event_delay.labels(topic)
            for event in events:
                if isinstance(event, PublishedEvent):
                    delays.observe((now - event.envelope.time).total_seconds())

    async def _reject(self, rejected: Sequence[Rejected]) -> None:
        await self._dead_letters.publish(rejected)
        for tenant_id, count in Counter(each.tenant_id for each in rejected).items():
            self._limits.count(tenant_id, count)
        for rejection in rejected:
            record = rejection.record
            self._metrics.dead_letters.labels(record.topic).inc()
            log.error(
                "dead_letter",
                consumer=self._name,
                topic=record.topic,
                offset=record.offset,
                reason=rejection.reason,
            )
