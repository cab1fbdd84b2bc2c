"""Pay computed again from the stored states and compared with the ledger, to the kopeck
(architecture.md, 9).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.motivation.domain import difference
from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import PostedEntry
from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.rules import earnings
from services.motivation.domain.statements import checksum, totals
from services.motivation.queries.entries import amount_of, entries_of_statements
from services.motivation.queries.statements import page_of_statements
from services.motivation.storage import activities, directory, ledger, plans
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.deals import deal_of
from services.motivation.storage.tenants import tenants_with_pay
from shared.clock import UnknownTimeZone
from shared.db import Database, Tx
from shared.ids import TenantId
from shared.money import MoneySum

PAGE = 500


@dataclass(slots=True)
class Comparison:
    """How much was compared, and a text for each difference."""

    activities: int = 0
    statements: int = 0
    differences: list[str] = field(default_factory=list)


async def run(database: Database, worker: Database, only: UUID | None = None) -> Comparison:
    """Compares all tenants or `only` one, each in one snapshot, so that work can go on."""
    comparison = Comparison()
    await database.open()
    await worker.open()
    try:
        for tenant_id in [TenantId(only)] if only else await tenants_with_pay(worker):
            async with database.begin_for(tenant_id) as tx:
                await tx.connection.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
                await compare(tx, comparison)
    finally:
        await worker.close()
        await database.close()
    return comparison


async def compare(tx: Tx, comparison: Comparison) -> None:
    """Adds the differences of the transaction's tenant."""
    after = UUID(int=0)
    while stored := await activities.page(tx, after, PAGE):
        await _compare_activities(tx, stored, comparison)
        after = stored[-1].id
    after = UUID(int=0)
    while statements := await page_of_statements(tx, after, PAGE):
        await _compare_statements(tx, statements, comparison)
        after = statements[-1]["statement_id"]


async def _compare_activities(
    tx: Tx, stored: Sequence[StoredActivity], comparison: Comparison
) -> None:
    used = await plans.by_ids(tx, (activity.plan_id for activity in stored if activity.plan_id))
    deals = {activity.id: deal_of(activity.state) for activity in stored}
    published = await plans.published_unlocked(
        tx, {(deal.company_id, deal.room_id) for deal in deals.values() if deal.won_at}
    )
    companies = await directory.companies(tx, {plan.company_id for plan in published})
    posted = await ledger.posted(tx, (activity.id for activity in stored))
    for activity in stored:
        comparison.activities += 1
        deal, company = deals[activity.id], companies.get(deals[activity.id].company_id)
        chosen = _plan_for(deal, published, company.time_zone) if company else None
        plan = used[activity.plan_id] if activity.plan_id else chosen
        comparison.differences += [
            f"tenant {tx.tenant_id} {text}"
            for text in missing_entries(activity, plan, posted.get(activity.id, []))
        ]


def _plan_for(deal: Deal, published: Sequence[Plan], time_zone: str) -> Plan | None:
    """As `plan_for`; none in an unknown time zone, where nothing can have been posted."""
    try:
        return plan_for(deal, published, time_zone)
    except UnknownTimeZone:
        return None


def missing_entries(
    activity: StoredActivity, plan: Plan | None, posted: Iterable[PostedEntry]
) -> list[str]:
    """The entries still to be posted for `activity`, as text; empty where the ledger is right."""
    target = earnings(deal_of(activity.state), plan.rules) if plan else []
    return [
        f"activity {activity.id} employee {missing.employee_id} rule {missing.rule}:"
        f" earned {_text(missing.posted_before + missing.amount)},"
        f" posted {_text(missing.posted_before)}"
        for missing in difference.differences(target, posted)
    ]


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
