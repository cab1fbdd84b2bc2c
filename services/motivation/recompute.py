"""Pay computed again from the stored states and compared with the ledger, to the kopeck
(architecture.md, 9).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.rules import earned
from services.motivation.domain.settling import Posted, settle
from services.motivation.domain.statements import checksum, totals
from services.motivation.storage import activities, directory, ledger, plans
from services.motivation.storage import statements as stored_statements
from services.motivation.storage.activities import Kept
from services.motivation.storage.deals import deal_of
from services.motivation.storage.due import tenants
from shared.db import Database, Tx
from shared.ids import TenantId
from shared.money import Money

PAGE = 500


@dataclass(slots=True)
class Outcome:
    """How much was compared, and a line for each difference."""

    activities: int = 0
    statements: int = 0
    differences: list[str] = field(default_factory=list)


async def run(database: Database, worker: Database, only: UUID | None = None) -> Outcome:
    """Compares all tenants or `only` one, each in one snapshot, so that work may go on meanwhile."""
    outcome = Outcome()
    await database.open()
    await worker.open()
    try:
        for tenant_id in [TenantId(only)] if only else await tenants(worker):
            async with database.begin_for(tenant_id) as tx:
                await tx.connection.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
                await compare(tx, outcome)
    finally:
        await worker.close()
        await database.close()
    return outcome


async def compare(tx: Tx, outcome: Outcome) -> None:
    """Adds what is found in the transaction's tenant."""
    after = UUID(int=0)
    while kept := await activities.page(tx, after, PAGE):
        await _compare_activities(tx, kept, outcome)
        after = kept[-1].id
    after = UUID(int=0)
    while statements := await stored_statements.statements_page(tx, after, PAGE):
        lines = await stored_statements.lines_of_statements(
            tx, [row["statement_id"] for row in statements]
        )
        for row in statements:
            outcome.statements += 1
            found = [line for line in lines if line["statement_id"] == row["statement_id"]]
            outcome.differences += [
                f"tenant {tx.tenant_id} statement {row['statement_id']}: {what}"
                for what in _wrong(row, found)
            ]
        after = statements[-1]["statement_id"]


async def _compare_activities(tx: Tx, kept: Sequence[Kept], outcome: Outcome) -> None:
    used = await plans.by_ids(tx, (one.plan_id for one in kept if one.plan_id))
    deals = {one.id: deal_of(one.state) for one in kept}
    published = await plans.published_as_of_now(
        tx, {(deal.company_id, deal.room_id) for deal in deals.values() if deal.won_at}
    )
    companies = await directory.companies(tx, {plan.company_id for plan in published})
    posted = await ledger.posted(tx, (one.id for one in kept))
    for one in kept:
        outcome.activities += 1
        deal, company = deals[one.id], companies.get(deals[one.id].company_id)
        chosen = plan_for(deal, published, company.time_zone) if company else None
        plan = used[one.plan_id] if one.plan_id else chosen
        outcome.differences += [
            f"tenant {tx.tenant_id} {line}"
            for line in differences(one, plan, posted.get(one.id, []))
        ]


def differences(kept: Kept, plan: Plan | None, posted: Iterable[Posted]) -> list[str]:
    """What would have to be posted for `kept`, in words; nothing where the ledger is right."""
    target = earned(deal_of(kept.state), plan.rules) if plan else []
    return [
        f"activity {kept.id} employee {line.employee_id} rule {line.rule}: earned {_text(line.was + line.amount)}, posted {_text(line.was)}"
        for line in settle(target, posted)
    ]


def _wrong(row: Any, lines: Sequence[Any]) -> list[str]:
    """What a statement says that its lines do not."""
    said = Money.of(amount=row["total"], currency=row["currency"])
    sums = totals(Money(amount=line["amount"], currency=line["currency"]) for line in lines)
    wrong = []
    if sums != [said]:
        wrong.append(f"total {_text(said)}, lines make {', '.join(map(_text, sums)) or 'nothing'}")
    if row["lines"] != len(lines):
        wrong.append(f"says {row['lines']} lines, has {len(lines)}")
    if row["closed_at"] and row["checksum"] != checksum(ledger.checked(line) for line in lines):
        wrong.append("lines changed after it was closed")
    return wrong


def _text(money: Money) -> str:
    return f"{money.amount:.2f} {money.currency}"
