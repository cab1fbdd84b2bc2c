"""From facts about activities to lines of pay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.rules import earned
from services.motivation.domain.settling import Posted, Posting, settle
from services.motivation.handlers.posting import Draft, post
from services.motivation.storage import activities, directory, ledger, plans
from services.motivation.storage.deals import deal_of
from shared.db import Tx
from shared.events import Envelope
from shared.events.activities import ActivityEvent, ActivityState
from shared.ids import ActivityId


@dataclass(frozen=True, slots=True)
class Step:
    """An activity at one version, and the fact that brought it there (None where it is looked at
    again).
    """

    version: int
    state: ActivityState
    cause: Envelope | None = None

    @property
    def won(self) -> bool:
        return self.state.status == "won"


@dataclass(slots=True)
class Work:
    """An activity to be settled through `steps`, oldest first.

    `plan` is the one that it accrued under, once it has.
    """

    activity_id: ActivityId
    steps: Sequence[Step]
    plan: Plan | None = None
    posted: list[Posted] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    @property
    def won(self) -> bool:
        return any(step.won for step in self.steps)


@dataclass(slots=True)
class Settled:
    """What a settlement did: lines by kind, seconds from each causing fact to its line, wins that
    no plan covers.
    """

    lines: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    without_plan: int = 0


async def take_in(tx: Tx, facts: Sequence[tuple[ActivityEvent, Envelope]]) -> Settled:
    """Stores what a batch of facts says and posts what follows, fact by fact, so that the ledger
    does not depend on the batching.

    A fact not newer than the state kept has been taken in already, or was overtaken by one that
    says more.
    """
    await activities.keep_facts(tx, (envelope for _, envelope in facts))
    chains: dict[ActivityId, dict[int, tuple[ActivityEvent, Envelope]]] = {}
    for fact, envelope in facts:
        chains.setdefault(fact.activity_id, {})[envelope.version] = (fact, envelope)
    kept = await activities.lock(tx, [next(iter(chain.values()))[0] for chain in chains.values()])
    works, newest = [], []
    for held in kept:
        fresh = [
            chains[held.id][version]
            for version in sorted(chains[held.id])
            if version > held.version
        ]
        if fresh:
            last, told = fresh[-1]
            newest.append((told.version, last.state, held.id))
            works.append(
                (held, Work(held.id, [Step(one.version, fact.state, one) for fact, one in fresh]))
            )
    if newest:
        await activities.keep_states(tx, newest)
    return await settle_all(tx, works)


async def settle_all(tx: Tx, works: Sequence[tuple[activities.Held, Work]]) -> Settled:
    """Posts what brings the ledger to what each activity has earned.

    The activities' rows are locked.
    """
    due = [(held, work) for held, work in works if held.plan_id or work.won]
    if not due:
        return Settled()
    used = await plans.by_ids(tx, (held.plan_id for held, _ in due if held.plan_id))
    posted = await ledger.posted(tx, (held.id for held, _ in due))
    for held, work in due:
        work.plan = used[held.plan_id] if held.plan_id else None
        work.posted = posted.get(held.id, [])
    looking = [work for _, work in due if work.plan is None]
    published = await plans.published(
        tx,
        {
            (step.state.company_id, step.state.room_id)
            for work in looking
            for step in work.steps
            if step.won
        },
    )
    companies = await directory.companies(tx, {plan.company_id for plan in published})
    settled = Settled()
    for _, work in due:
        for step in work.steps:
            settled.without_plan += _advance(work, step, published, companies)
    await _post_all(tx, [work for _, work in due], settled)
    return settled


def _advance(
    work: Work, step: Step, published: Iterable[Plan], companies: dict[Any, directory.Company]
) -> bool:
    """Drafts the lines of one step; whether it is a win that no plan covers."""
    if not step.won and not work.posted:
        return False
    deal, plan = deal_of(step.state), work.plan
    company = companies.get(deal.company_id)
    if plan is None and company:
        plan = plan_for(deal, published, company.time_zone)
    if plan is None:
        return step.cause is not None and step.cause.type == "activity.won"
    for posting in settle(earned(deal, plan.rules), work.posted):
        draft = _draft(work, step, deal, plan, posting)
        work.drafts.append(draft)
        work.posted.append(
            Posted(draft.entry_id, draft.employee_id, draft.rule, draft.amount, draft.corrects)
        )
        work.plan = plan
    return False


def _draft(work: Work, step: Step, deal: Deal, plan: Plan, posting: Posting) -> Draft:
    return Draft(
        kind=posting.kind,
        employee_id=posting.employee_id,
        company_id=deal.company_id,
        room_id=deal.room_id,
        amount=posting.amount,
        rule=posting.rule,
        activity_id=work.activity_id,
        activity_version=step.version,
        plan_id=plan.id,
        plan_version=plan.plan_version,
        corrects=posting.corrects,
        inputs=_inputs(deal, posting),
        cause=step.cause,
    )


def _inputs(deal: Deal, posting: Posting) -> dict[str, Any]:
    """What the line was computed from, so that it can be explained for ever; amounts as text."""
    line = posting.earned
    return {
        "won_at": deal.won_at,
        "receipts": _text(deal.receipts.amount),
        "currency": deal.receipts.currency,
        "source_kind": deal.source_kind,
        "sale": deal.sale,
        "base": _text(line.base.amount if line else Decimal(0)),
        "line": _text(line.whole.amount if line else Decimal(0)),
        "share": f"{line.share:.4f}" if line else None,
        "earned": _text(line.amount.amount if line else Decimal(0)),
        "posted_before": _text(posting.was.amount),
    }


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


async def _post_all(tx: Tx, works: Sequence[Work], settled: Settled) -> None:
    drafts = [draft for work in works for draft in work.drafts]
    if not drafts:
        return
    await post(
        tx, drafts, {work.activity_id: work.plan.id for work in works if work.plan and work.drafts}
    )
    for draft in drafts:
        settled.lines.append(draft.kind)
        if draft.cause:
            settled.delays.append((tx.now - draft.cause.time).total_seconds())
