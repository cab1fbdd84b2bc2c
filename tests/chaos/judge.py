"""What must be true once everything has calmed down, whatever happened before. Each check says in words what it found wrong.

A tenant is judged from four sides that must agree: what its people were answered, what was published, what each service keeps,
and what is shown.
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

from services.activities.consumers import facts as activities_hears
from services.gateway.projections.accounts import facts as gateway_hears
from services.motivation.consumers import facts as motivation_hears
from services.vip.consumers import facts as vip_hears
from shared.events import ACTIVITIES, MOTIVATION, PEOPLE, VIP
from shared.inbox import Facts
from tests.chaos.calls import Call
from tests.chaos.cluster import Cluster
from tests.chaos.shop import PASSWORD, Shop
from tests.chaos.stream import Ends, Said, said

Database = asyncpg.Connection
CALM_SECONDS = 90
HEARS: dict[str, tuple[Facts, tuple[str, ...]]] = {
    "activities": (activities_hears, (VIP,)),
    "vip": (vip_hears, (ACTIVITIES, PEOPLE)),
    "motivation": (motivation_hears, (ACTIVITIES,)),
    "gateway": (gateway_hears, (ACTIVITIES, PEOPLE)),
}
MONEY_LINES = ("accrual.posted", "correction.posted", "adjustment.posted")


class Judge:
    """Judges one tenant, from where the topics ended before it came."""

    def __init__(self, cluster: Cluster, shop: Shop, since: Ends, calm_seconds: float = CALM_SECONDS) -> None:
        self._cluster, self._shop, self._since, self._calm_seconds = cluster, shop, since, calm_seconds
        self._databases: dict[str, Any] = {}

    async def wrong(self) -> list[str]:
        """Everything that is wrong; nothing where all is well."""
        try:
            for name in HEARS:
                self._databases[name] = await asyncpg.connect(self._cluster.installation.admin_url(name))
            facts, late = await self._calm()
            found = late + answered(self._shop.calls(), facts) + orderly(facts) + responsible(facts) + once(facts)
            found += await self._published(facts) + await self._kept(facts) + await self._paid(facts)
            return found + await self._commands()
        finally:
            for database in self._databases.values():
                await database.close()

    async def _calm(self) -> tuple[list[Said], list[str]]:
        """The stream once nothing waits in an outbox and every consumer has taken in what it hears; else what still waits."""
        until = time.monotonic() + self._calm_seconds
        before = -1
        while True:
            outboxes = {name: await waiting(database, self._shop.tenant) for name, database in self._databases.items()}
            facts = await said(self._cluster, self._shop.tenant, self._since)
            unheard = {name: len(await self._unheard(name, facts)) for name in HEARS}
            late = [f"outbox of {name}: {count} facts still wait" for name, count in outboxes.items() if count]
            late += [f"consumer {name}: {count} facts had no effect" for name, count in unheard.items() if count]
            # Calm twice: what a consumer took in between the looks may have made it say something.
            if (not late and len(facts) == before) or time.monotonic() > until:
                return facts, late
            before = -1 if late else len(facts)
            await asyncio.sleep(0.5)

    async def _unheard(self, name: str, facts: Sequence[Said]) -> set[str]:
        heard, topics = HEARS[name]
        wanted = {one.id for one in facts if one.topic in topics and heard.hears(one.type)}
        rows = await self._rows(name, "SELECT event_id::text FROM inbox WHERE tenant_id = $1")
        return wanted - {row["event_id"] for row in rows}

    async def _rows(self, service: str, sql: str) -> list[Any]:
        rows: list[Any] = await self._databases[service].fetch(sql, UUID(self._shop.tenant))
        return rows

    async def _published(self, facts: Sequence[Said]) -> list[str]:
        """What was committed is what is on the topics, and nothing else."""
        found = []
        told = {(one.topic, one.subject, one.version, one.id) for one in facts}
        kept: set[tuple[str, str, int, str]] = set()
        for name in self._databases:
            rows = await self._rows(
                name, "SELECT topic, aggregate_id::text, aggregate_version, event_id::text FROM outbox WHERE tenant_id = $1"
            )
            kept |= {tuple(row) for row in rows}
        if kept - told:
            found.append(f"{len(kept - told)} committed facts are not on the topics: {sorted(kept - told)[:3]}")
        if told - kept:
            found.append(f"{len(told - kept)} facts on the topics were never committed: {sorted(told - kept)[:3]}")
        return found

    async def _kept(self, facts: Sequence[Said]) -> list[str]:
        """Each service's own state is what the stream says, each effect once."""
        latest = {one.aggregate: one for one in sorted(facts, key=lambda one: one.version)}
        activities = {one.subject: one for one in latest.values() if one.data and "activity_id" in one.data and one.topic == ACTIVITIES}
        vips = {one.subject: one for one in latest.values() if one.topic == VIP}
        money = {
            (one.data.get("payment_id") if one.type == "payment.received" else one.data.get("refund_id")): one
            for one in facts
            if one.data and one.type in ("payment.received", "payment.refunded")
        }
        signed = {
            id_: Decimal(one.data["amount"]["amount"]) * (1 if one.type == "payment.received" else -1)
            for id_, one in money.items()
            if one.data
        }
        found = _differ(
            "activities: activity",
            await self._rows("activities", "SELECT id::text, version, status FROM activity WHERE tenant_id = $1"),
            {(id_, one.version, one.data["state"]["status"]) for id_, one in activities.items() if one.data},
        )
        found += _differ(
            "vip: receipt", await self._rows("vip", "SELECT id::text, amount FROM receipt WHERE tenant_id = $1"), set(signed.items())
        )
        found += _differ(
            "vip: vip",
            await self._rows("vip", "SELECT id::text, version, responsible_id::text FROM vip WHERE tenant_id = $1 AND version > 0"),
            {(id_, one.version, one.data["state"]["responsible_id"]) for id_, one in vips.items() if one.data},
        )
        found += _differ(
            "activities: vip_holder",
            await self._rows("activities", "SELECT vip_id::text, version, responsible_id::text FROM vip_holder WHERE tenant_id = $1"),
            {(id_, one.version, one.data["state"]["responsible_id"]) for id_, one in vips.items() if one.data},
        )
        found += _differ(
            "motivation: activity",
            await self._rows("motivation", "SELECT activity_id::text, version FROM activity WHERE tenant_id = $1"),
            {(id_, one.version) for id_, one in activities.items()},
        )
        return found + _differ(
            "motivation: activity_fact",
            await self._rows("motivation", "SELECT activity_id::text, version, event_id::text FROM activity_fact WHERE tenant_id = $1"),
            {(one.subject, one.version, one.id) for one in facts if one.topic == ACTIVITIES and one.data and "activity_id" in one.data},
        )

    async def _paid(self, facts: Sequence[Said]) -> list[str]:
        """The lines that payroll gets add up to the statements, and receipts earn what the plan says."""
        lines = {one.data["entry_id"]: one.data for one in facts if one.topic == MOTIVATION and one.type in MONEY_LINES and one.data}
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in lines.values():
            sums[line["employee_id"], line["period"]] += Decimal(line["amount"]["amount"])
        rows = await self._rows("motivation", "SELECT employee_id::text, period, total FROM statement WHERE tenant_id = $1")
        return _differ("motivation: statement", rows, {(*who, amount) for who, amount in sums.items()})

    async def _commands(self) -> list[str]:
        """What the operator's own checks say: the ledger recomputed, the read models rebuilt aside."""
        found = []
        code, words = await self._cluster.command("motivation", "recompute", "--tenant", self._shop.tenant)
        if code:
            found.append(f"the ledger recomputed differs: {words[-500:]}")
        found += await self._payroll()
        # The gateway may still be folding what the others have taken in already.
        for pause in (0.0, 1.0, 3.0, 6.0, 12.0):
            await asyncio.sleep(pause)
            code, words = await self._cluster.command("gateway", "compare")
            if not code:
                return found
        return [*found, f"read models rebuilt differ from the live ones: {words[-800:]}"]

    async def _payroll(self) -> list[str]:
        """What a payroll system has read adds up to the statements that an accountant sees."""
        with tempfile.TemporaryDirectory() as folder:
            asked = ["--file", f"{folder}/payroll.sqlite"]
            # As whoever runs it would: it goes on where it was when a connection failed.
            for _ in range(3):
                code, words = await self._cluster.payroll("follow", "--until-idle", *asked)
                if not code:
                    break
                await asyncio.sleep(1)
            if not code:
                who = ["--username", self._shop.accountant.email, "--password", PASSWORD]
                code, words = await self._cluster.payroll("prove", *asked, *who)
        return [f"payroll adds up differently: {words[-500:]}"] if code else []


async def waiting(database: Any, tenant: str) -> int:
    """How many facts of the tenant are not published yet."""
    return int(await database.fetchval("SELECT count(*) FROM outbox WHERE tenant_id = $1 AND published_at IS NULL", UUID(tenant)))


def _differ(what: str, rows: Sequence[Any], expected: set[Any]) -> list[str]:
    kept = Counter(tuple(row) for row in rows)
    found = [f"{what} lacks {one}" for one in sorted(expected - kept.keys(), key=str)[:3]]
    found += [f"{what} has {one}, which nobody said" for one in sorted(kept.keys() - expected, key=str)[:3]]
    return found + [f"{what} has {one} {count} times" for one, count in kept.items() if count > 1][:3]


def orderly(facts: Sequence[Said], *, quiet: bool = False) -> list[str]:
    """Versions of each aggregate without gaps, first told in their order, on one partition, each always the same.

    `quiet`: nothing was broken meanwhile, so nothing has come twice either.
    """
    found: list[str] = []
    seen: dict[tuple[str, str], dict[int, Said]] = defaultdict(dict)
    for one in facts:
        before = seen[one.aggregate]
        first = before.setdefault(one.version, one)
        if first is not one:
            if (first.id, first.type, first.data) != (one.id, one.type, one.data):
                found.append(f"{one.aggregate} version {one.version} was told in two ways: {first.type}, {one.type}")
            if quiet:
                found.append(f"{one.aggregate} version {one.version} was told twice though nothing failed")
            continue
        last = max((version for version in before if version != one.version), default=0)
        if one.version < last or (one.topic != PEOPLE and one.version != last + 1):
            found.append(f"{one.aggregate} version {one.version} came after {last}")
        if {earlier.place[0] for earlier in before.values()} != {one.place[0]}:
            found.append(f"{one.aggregate} is on several partitions")
    return found


def in_order(facts: Sequence[Said]) -> None:
    wrong = orderly(facts)
    assert not wrong, "\n".join(wrong[:10])


def responsible(facts: Sequence[Said]) -> list[str]:
    """One responsible at most: taken from the pool only while it was free."""
    state: dict[str, str] = {}
    found, told = [], set()
    for one in facts:
        if one.topic != ACTIVITIES or not one.data or "activity_id" not in one.data or (one.subject, one.version) in told:
            continue
        told.add((one.subject, one.version))
        if one.type == "activity.taken" and one.data["how"] == "taken" and state.get(one.subject, "free") != "free":
            found.append(f"activity {one.subject} was taken at version {one.version} while {state[one.subject]}")
        state[one.subject] = one.data["state"]["status"]
    return found


def once(facts: Sequence[Said]) -> list[str]:
    """What a consumer says because of a fact it says once: a VIP moves once for each payment."""
    unique = {(one.aggregate, one.version): one for one in facts}
    said_for = Counter((one.cause, one.subject, one.type) for one in unique.values() if one.topic == VIP and one.cause)
    return [
        f"{type_} of {subject} was said {count} times because of {cause}"
        for (cause, subject, type_), count in said_for.items()
        if count > 1
    ]


EFFECTS = {
    "register": "activity.registered",
    "take": "activity.taken",
    "release": "activity.released",
    "take away": "activity.released",
    "interact": "interaction.recorded",
    "invoice": "invoice.issued",
    "pay": "payment.received",
    "refund": "payment.refunded",
    "sign": "documents.signed",
    "lose": "activity.lost",
    "reopen": "activity.reopened",
    "claim": "vip.claimed",
    "free": "vip.released",
    "adjust": "adjustment.posted",
}


def answered(calls: Sequence[Call], facts: Sequence[Said]) -> list[str]:
    """Every command that was acknowledged has its one fact, none that was refused has any, and there are no others."""
    unique = {(one.aggregate, one.version): one for one in facts}
    left: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in unique.values():
        if one.type in EFFECTS.values():
            left[one.type, str((one.data or {}).get("entry_id") or one.subject)].append(one)
    found = []
    for call in calls:
        type_ = EFFECTS.get(call.what)
        if type_ is None:
            continue
        if not call.sure:
            found.append(f"{call.who} {call.what}: still not decided after {call.tries} tries: {call.status} {call.answer}")
        if not call.ok or (call.status == 200 and call.what == "claim"):
            continue
        mine = left[type_, str(call.answer["id"])]
        match = _of(call, mine)
        if match is None:
            found.append(f"{call.who} {call.what} was acknowledged ({call.answer['id']}) and is not there")
        else:
            mine.remove(match)
    for one in (one for mine in left.values() for one in mine):
        # The system's own, and those that belong to another command.
        if one.type == "activity.taken" and one.data and one.data["how"] != "taken":
            continue
        found.append(f"nobody was answered that {one.type} of {one.subject} version {one.version} happened")
    return found


def _of(call: Call, facts: Sequence[Said]) -> Said | None:
    """The fact that an answer belongs to: of the answer's version, or of the one before where a win has followed it at once."""
    version = call.answer.get("version")
    if version is None or call.what == "register" or any(one.topic != ACTIVITIES for one in facts):
        return facts[0] if facts else None
    return next((one for told in (version, version - 1) for one in facts if one.version == told), None)
