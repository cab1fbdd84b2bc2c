"""Pay computed again from the stored states and compared with the ledger, to the kopeck
(architecture.md, 9).
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.motivation.domain.catalogue import Catalogue
from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import (
    Difference,
    PostedEntry,
    differences,
    target_of,
)
from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.statements import checksum, totals
from services.motivation.handlers.settling import (
    MonthChange,
    find_differences,
    looks_at_months,
)
from services.motivation.queries.entries import amount_of, entries_of_statements
from services.motivation.queries.statements import page_of_statements
from services.motivation.storage import (
    activities,
    buyers,
    catalogue,
    directory,
    ledger,
    plans,
    settlements,
)
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.deals import deal_of
from services.motivation.storage.settlements import RoomMonth
from services.motivation.storage.tenants import tenants_with_pay
from shared.clock import UnknownTimeZone
from shared.db import Database, Tx
from shared.ids import ActivityId, PlanId, TenantId
from shared.money import MoneySum

PAGE = 500


@dataclass(slots=True)
class Comparison:
    """How much was compared, and a text for each difference."""

    activities: int = 0
    statements: int = 0
    differences: list[str] = field(default_factory=list)


async def run(
    database: Database, worker: Database, only: UUID | None = None, month: str | None = None
) -> Comparison:
    """Compares all tenants or `only` one, each in one snapshot, so that work can go on; all months
    or one.
    """
    comparison = Comparison()
    await database.open()
    await worker.open()
    try:
        if only:
            await _compare_tenant(database, TenantId(only), comparison, month)
        else:
            async for tenant_id in tenants_with_pay(worker):
                await _compare_tenant(database, tenant_id, comparison, month)
    finally:
        await worker.close()
        await database.close()
    return comparison


async def _compare_tenant(
    database: Database, tenant_id: TenantId, comparison: Comparison, month: str | None
) -> None:
    async with database.begin_for(tenant_id) as tx:
        await tx.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await compare(tx, comparison, month)


async def compare(tx: Tx, comparison: Comparison, month: str | None = None) -> None:
    """Adds the differences of the transaction's tenant.

    Of one `month` those of its statements, of the rooms settled in it, and of the sales won in it
    or with entries of it.
    """
    async for stored in _pages(tx, month):
        await _compare_activities(tx, stored, comparison)
    after = UUID(int=0)
    while statements := await page_of_statements(tx, after, PAGE, month):
        await _compare_statements(tx, statements, comparison)
        after = statements[-1]["statement_id"]
    for room_month in await settlements.all_months(tx):
        if month in (None, room_month.month):
            await _compare_month(tx, room_month, comparison)


async def _pages(tx: Tx, month: str | None) -> AsyncIterator[list[StoredActivity]]:
    if month:
        activity_ids = await activities.ids_of_month(tx, month)
        for begin in range(0, len(activity_ids), PAGE):
            yield await activities.by_ids(tx, activity_ids[begin : begin + PAGE])
        return
    after = UUID(int=0)
    while stored := await activities.page(tx, after, PAGE):
        yield stored
        after = stored[-1].id


async def _compare_activities(
    tx: Tx, stored: Sequence[StoredActivity], comparison: Comparison
) -> None:
    series = {(each.state.company_id, each.state.room_id) for each in stored if each.won_on}
    published = await plans.published_unlocked(tx, series)
    covering = await plans.by_ids(tx, (each.cover.plan_id for each in stored if each.cover))
    companies = await directory.companies(tx, {each.state.company_id for each in stored})
    terms = await catalogue.load(
        tx, [*published, *covering.values()], (activity.state for activity in stored)
    )
    posted = await ledger.posted(tx, (activity.id for activity in stored))
    monthly = looks_at_months(published)
    firsts = await buyers.first_sales(tx, (activity.id for activity in stored))
    for activity in stored:
        comparison.activities += 1
        company = companies.get(activity.state.company_id)
        deal = _deal(activity, company.time_zone, terms) if company else None
        texts = _wrong_sales(activity, firsts)
        if deal:
            chosen = plan_for(deal, published)
            plan = _cover(activity, deal, covering)
            texts += _wrong_plans(activity, deal, plan, published)
            if not _is_settled(plan or chosen, monthly):
                texts += missing_entries(
                    activity, deal, plan or chosen, posted.get(activity.id, [])
                )
        comparison.differences += [f"tenant {tx.tenant_id} {text}" for text in texts]


def _deal(activity: StoredActivity, time_zone: str, terms: Catalogue | None) -> Deal | None:
    """None in an unknown time zone, where nothing can have been posted."""
    try:
        return deal_of(activity.state, time_zone, activity.sale, terms)
    except UnknownTimeZone:
        return None


def _is_settled(plan: Plan | None, monthly: Collection[plans.Series]) -> bool:
    """Whether the month as a whole decides; it is compared by itself."""
    return plan is not None and (plan.company_id, plan.room_id) in monthly


def _cover(activity: StoredActivity, deal: Deal, covering: Mapping[PlanId, Plan]) -> Plan | None:
    """The version that the present win belongs to."""
    cover = activity.cover
    return covering[cover.plan_id] if cover and cover.won_at == deal.won_at else None


def _wrong_sales(activity: StoredActivity, firsts: Collection[ActivityId]) -> list[str]:
    """Whether the win's class is what the order of the client's wins makes it, as text."""
    if activity.won_on is None:
        return []
    sale = "first" if activity.id in firsts else "repeat"
    if activity.state.sale == "renewal":
        sale = "renewal"
    if activity.sale == sale:
        return []
    return [f"activity {activity.id}: sale {sale}, stored as {activity.sale}"]


def _wrong_plans(
    activity: StoredActivity, deal: Deal, plan: Plan | None, published: Iterable[Plan]
) -> list[str]:
    """Whether the win belongs to the version that was in force on its day, of those that there were
    then, as text; one that changed its room since keeps its version.
    """
    if plan is None or (plan.company_id, plan.room_id) != (deal.company_id, deal.room_id):
        return []
    not_later = [each for each in published if (each.plan_version or 0) <= (plan.plan_version or 0)]
    chosen = plan_for(deal, not_later)
    if chosen and chosen.id == plan.id:
        return []
    version = chosen.plan_version if chosen else "none"
    return [f"activity {activity.id}: plan version {version}, paid by {plan.plan_version}"]


def missing_entries(
    activity: StoredActivity, deal: Deal, plan: Plan | None, posted: Iterable[PostedEntry]
) -> list[str]:
    """The entries still to be posted for `activity`, as text; empty where the ledger is right."""
    return [
        _missing(f"activity {activity.id}", difference)
        for difference in differences(target_of(deal, plan), posted)
    ]


def _missing(of: str, missing: Difference) -> str:
    return (
        f"{of} employee {missing.employee_id} month {missing.month} rule {missing.rule}:"
        f" earned {_text(missing.posted_before + missing.amount)},"
        f" posted {_text(missing.posted_before)}"
    )


async def _compare_month(tx: Tx, room_month: RoomMonth, comparison: Comparison) -> None:
    """The lines of a month that is settled as one."""
    settled = await find_differences(tx, room_month, MonthChange())
    texts = [_missing(f"activity {line.activity_id}", each) for line, each in settled.deals]
    texts += [_missing(f"room {room_month.room_id}", each) for each in settled.month]
    comparison.differences += [f"tenant {tx.tenant_id} {text}" for text in texts]


async def _compare_statements(tx: Tx, statements: Sequence[Any], comparison: Comparison) -> None:
    entries: dict[UUID, list[Any]] = {row["statement_id"]: [] for row in statements}
    for entry in await entries_of_statements(tx, list(entries)):
        entries[entry["statement_id"]].append(entry)
    for statement in statements:
        comparison.statements += 1
        comparison.differences += [
            f"tenant {tx.tenant_id} statement {statement['statement_id']}: {text}"
            for text in contradictions(statement, entries[statement["statement_id"]])
        ]


def contradictions(statement: Any, entries: Sequence[Any]) -> list[str]:
    """The ways in which a statement's row disagrees with its entries, as text."""
    total = MoneySum.build(amount=statement["total"], currency=statement["currency"])
    sums = totals(amount_of(entry) for entry in entries)
    problems = []
    if sums != [total]:
        made = ", ".join(map(_text, sums)) or "nothing"
        problems.append(f"total {_text(total)}, entries make {made}")
    if statement["entries"] != len(entries):
        problems.append(f"says {statement['entries']} entries, has {len(entries)}")
    sha256 = checksum(ledger.checksum_entry(entry) for entry in entries)
    if statement["closed_at"] and statement["checksum"] != sha256:
        problems.append("entries changed after it was closed")
    return problems


def _text(money: MoneySum) -> str:
    return f"{money.amount:.2f} {money.currency}"
