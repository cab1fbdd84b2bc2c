"""What must be true once everything has calmed down, whatever happened before. Each check says in
words what is wrong.

A tenant is judged from four sides that must agree: what its people were answered, what was
published, what each service keeps, and what is shown.
"""

import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from services.activities.consumers import subscription as activities
from services.gateway.projections.consumer import subscription as gateway
from services.motivation.consumers import subscription as motivation
from services.vip.consumers import subscription as vip
from shared.bus.subscription import Subscription
from shared.events import ACTIVITIES, MOTIVATION, VIP
from tests.chaos.checks import answered, orderly, request_once, responsible
from tests.chaos.cluster import Cluster
from tests.chaos.shop import PASSWORD, Shop
from tests.chaos.stream import Ends, StreamEvent, published_events

Database = asyncpg.Connection
CALM_SECONDS = 90
SUBSCRIPTIONS: dict[str, Subscription] = {
    "activities": activities,
    "vip": vip,
    "motivation": motivation,
    "gateway": gateway,
}
MONEY_LINES = ("accrual.posted", "correction.posted", "adjustment.posted")


class Judge:
    """Judges one tenant, from where the topics ended before it came."""

    def __init__(
        self, cluster: Cluster, shop: Shop, since: Ends, calm_seconds: float = CALM_SECONDS
    ) -> None:
        self._cluster, self._shop, self._since, self._calm_seconds = (
            cluster,
            shop,
            since,
            calm_seconds,
        )
        self._databases: dict[str, Any] = {}

    async def wrong(self) -> list[str]:
        """Everything that is wrong; nothing where all is well."""
        try:
            for name in SUBSCRIPTIONS:
                self._databases[name] = await asyncpg.connect(
                    self._cluster.installation.admin_url(name)
                )
            events, late = await self._calm()
            faults = (
                late
                + answered(self._shop.calls(), events)
                + orderly(events)
                + responsible(events)
                + request_once(events)
            )
            faults += (
                await self._published(events) + await self._kept(events) + await self._paid(events)
            )
            return faults + await self._commands()
        finally:
            for database in self._databases.values():
                await database.close()

    async def _calm(self) -> tuple[list[StreamEvent], list[str]]:
        """The stream once nothing waits in an outbox and every consumer has applied its events;
        else what still waits.
        """
        until = time.monotonic() + self._calm_seconds
        before = -1
        while True:
            outboxes = {
                name: await waiting(database, self._shop.tenant)
                for name, database in self._databases.items()
            }
            events = await published_events(self._cluster, self._shop.tenant, self._since)
            unapplied = {name: len(await self._unapplied(name, events)) for name in SUBSCRIPTIONS}
            late = [
                f"outbox of {name}: {count} events still wait"
                for name, count in outboxes.items()
                if count
            ]
            late += [
                f"consumer {name}: {count} events had no effect"
                for name, count in unapplied.items()
                if count
            ]
            # Calm twice: a consumer may have published because of what it applied in between.
            if (not late and len(events) == before) or time.monotonic() > until:
                return events, late
            before = -1 if late else len(events)
            await asyncio.sleep(0.5)

    async def _unapplied(self, name: str, events: Sequence[StreamEvent]) -> set[str]:
        subscription = SUBSCRIPTIONS[name]
        expected = {
            event.id
            for event in events
            if event.topic in subscription.topics and subscription.has_handler(event.type)
        }
        rows = await self._rows(name, "SELECT event_id::text FROM inbox WHERE tenant_id = $1")
        return expected - {row["event_id"] for row in rows}

    async def _rows(self, service: str, sql: str) -> list[Any]:
        rows: list[Any] = await self._databases[service].fetch(sql, UUID(self._shop.tenant))
        return rows

    async def _published(self, events: Sequence[StreamEvent]) -> list[str]:
        """What was committed is what is on the topics, and nothing else."""
        faults = []
        on_topics = {(one.topic, one.subject, one.version, one.id) for one in events}
        committed: set[tuple[str, str, int, str]] = set()
        for name in self._databases:
            rows = await self._rows(
                name,
                "SELECT topic, aggregate_id::text, aggregate_version, event_id::text FROM outbox"
                " WHERE tenant_id = $1",
            )
            committed |= {tuple(row) for row in rows}
        if committed - on_topics:
            faults.append(
                f"{len(committed - on_topics)} committed events are not on the topics:"
                f" {sorted(committed - on_topics)[:3]}"
            )
        if on_topics - committed:
            faults.append(
                f"{len(on_topics - committed)} events on the topics were never committed:"
                f" {sorted(on_topics - committed)[:3]}"
            )
        return faults

    async def _kept(self, events: Sequence[StreamEvent]) -> list[str]:
        """Each service's own state is what the stream says, each effect once."""
        latest = {one.aggregate: one for one in sorted(events, key=lambda one: one.version)}
        activities = {
            one.subject: one
            for one in latest.values()
            if one.data and "activity_id" in one.data and one.topic == ACTIVITIES
        }
        vips = {one.subject: one for one in latest.values() if one.topic == VIP}
        money = {
            (
                one.data.get("payment_id")
                if one.type == "payment.received"
                else one.data.get("refund_id")
            ): one
            for one in events
            if one.data and one.type in ("payment.received", "payment.refunded")
        }
        signed = {
            id_: (
                Decimal(one.data["amount"]["amount"])
                * (1 if one.type == "payment.received" else -1)
            )
            for id_, one in money.items()
            if one.data
        }
        faults = _differ(
            "activities: activity",
            await self._rows(
                "activities", "SELECT id::text, version, status FROM activity WHERE tenant_id = $1"
            ),
            {
                (id_, one.version, one.data["state"]["status"])
                for id_, one in activities.items()
                if one.data
            },
        )
        faults += _differ(
            "vip: receipt",
            await self._rows("vip", "SELECT id::text, amount FROM receipt WHERE tenant_id = $1"),
            set(signed.items()),
        )
        faults += _differ(
            "vip: vip",
            await self._rows(
                "vip",
                "SELECT id::text, version, responsible_id::text FROM vip WHERE tenant_id = $1 AND"
                " version > 0",
            ),
            {
                (id_, one.version, one.data["state"]["responsible_id"])
                for id_, one in vips.items()
                if one.data
            },
        )
        faults += _differ(
            "activities: vip_holder",
            await self._rows(
                "activities",
                "SELECT vip_id::text, version, responsible_id::text FROM vip_holder WHERE tenant_id"
                " = $1",
            ),
            {
                (id_, one.version, one.data["state"]["responsible_id"])
                for id_, one in vips.items()
                if one.data
            },
        )
        faults += _differ(
            "motivation: activity",
            await self._rows(
                "motivation", "SELECT activity_id::text, version FROM activity WHERE tenant_id = $1"
            ),
            {(id_, one.version) for id_, one in activities.items()},
        )
        return faults + _differ(
            "motivation: activity_event",
            await self._rows(
                "motivation",
                "SELECT activity_id::text, version, event_id::text FROM activity_event WHERE"
                " tenant_id = $1",
            ),
            {
                (one.subject, one.version, one.id)
                for one in events
                if one.topic == ACTIVITIES and one.data and "activity_id" in one.data
            },
        )

    async def _paid(self, events: Sequence[StreamEvent]) -> list[str]:
        """The lines that payroll gets add up to the statements, and receipts earn what the plan
        says.
        """
        lines = {
            one.data["entry_id"]: one.data
            for one in events
            if one.topic == MOTIVATION and one.type in MONEY_LINES and one.data
        }
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in lines.values():
            sums[line["employee_id"], line["period"]] += Decimal(line["amount"]["amount"])
        rows = await self._rows(
            "motivation",
            "SELECT employee_id::text, period, total FROM statement WHERE tenant_id = $1",
        )
        return _differ(
            "motivation: statement", rows, {(*who, amount) for who, amount in sums.items()}
        )

    async def _commands(self) -> list[str]:
        """What the operator's own checks say: the ledger recomputed, the read models rebuilt
        aside.
        """
        faults = []
        code, words = await self._cluster.command(
            "motivation", "recompute", "--tenant", self._shop.tenant
        )
        if code:
            faults.append(f"the ledger recomputed differs: {words[-500:]}")
        faults += await self._payroll()
        # The gateway may still be folding what the others have taken in already.
        for pause in (0.0, 1.0, 3.0, 6.0, 12.0):
            await asyncio.sleep(pause)
            code, words = await self._cluster.command("gateway", "compare")
            if not code:
                return faults
        return [*faults, f"read models rebuilt differ from the live ones: {words[-800:]}"]

    async def _payroll(self) -> list[str]:
        """What a payroll system has read adds up to the statements that an accountant sees."""
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--file", f"{folder}/payroll.sqlite"]
            # As whoever runs it would: it goes on where it was when a connection failed.
            for _ in range(3):
                code, words = await self._cluster.payroll("follow", "--until-idle", *arguments)
                if not code:
                    break
                await asyncio.sleep(1)
            if not code:
                who = ["--username", self._shop.accountant.email, "--password", PASSWORD]
                code, words = await self._cluster.payroll("prove", *arguments, *who)
        return [f"payroll adds up differently: {words[-500:]}"] if code else []


async def waiting(database: Any, tenant: str) -> int:
    """How many events of the tenant are not published yet."""
    return int(
        await database.fetchval(
            "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND published_at IS NULL",
            UUID(tenant),
        )
    )


def _differ(what: str, rows: Sequence[Any], expected: set[Any]) -> list[str]:
    counts = Counter(tuple(row) for row in rows)
    faults = [f"{what} lacks {one}" for one in sorted(expected - counts.keys(), key=str)[:3]]
    faults += [
        f"{what} has {one}, which no event explains"
        for one in sorted(counts.keys() - expected, key=str)[:3]
    ]
    return (
        faults
        + [f"{what} has {one} {count} times" for one, count in counts.items() if count > 1][:3]
    )
