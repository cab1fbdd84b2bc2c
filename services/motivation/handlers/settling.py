"""Settling a company's month in a room as one, where a plan version of theirs looks at the month:
every line of its deals and of the month follows the settlement, whatever came first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.motivation.domain.catalogue import Catalogue
from services.motivation.domain.difference import (
    Difference,
    PostedEntry,
    Target,
    Version,
    differences,
)
from services.motivation.domain.entries import NewEntry
from services.motivation.domain.plans import Plan, plan_on
from services.motivation.domain.rules import pays_by_month
from services.motivation.domain.settlement import CreditedDeal, Month, settle
from services.motivation.handlers.entries import post_entries
from services.motivation.handlers.new_entries import ActivityLine, entry_of_activity, entry_of_month
from services.motivation.storage import (
    catalogue,
    directory,
    ledger,
    plans,
    settlements,
    targets,
)
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.deals import deal_of
from services.motivation.storage.settlements import Debts, RoomMonth
from shared.clock import end_of_day
from shared.db import Tx
from shared.events import Envelope
from shared.ids import ActivityId


@dataclass(slots=True)
class MonthChange:
    """What changed in a month: its activities' present states, also of those that it has lost, and
    the event that came last.
    """

    lines: dict[ActivityId, ActivityLine] = field(default_factory=dict)
    cause: Envelope | None = None


@dataclass(frozen=True, slots=True)
class MonthDifferences:
    """What the ledger lacks of a settled month, and what employees owe after it."""

    deals: Sequence[tuple[ActivityLine, Difference]]
    month: Sequence[Difference]
    debts: Debts


async def settle_months(tx: Tx, changes: Mapping[RoomMonth, MonthChange]) -> list[NewEntry]:
    """Locks the months and settles them; the entries to be posted. Where the debts after one
    change, later months are settled too.
    """
    entries: list[NewEntry] = []
    waiting = dict(changes)
    while waiting:
        room_month = min(waiting)
        change = waiting.pop(room_month)
        stored_debts = await settlements.lock(tx, room_month)
        settled = await find_differences(tx, room_month, change, is_posting=True)
        entries += [entry_of_activity(line, each) for line, each in settled.deals]
        entries += [
            entry_of_month(room_month, each, settled.debts, change.cause) for each in settled.month
        ]
        if settled.debts != stored_debts:
            await settlements.save_debts(tx, room_month, settled.debts)
            if following := await settlements.next_month(tx, room_month):
                waiting.setdefault(following, MonthChange(cause=change.cause))
    return entries


async def resettle(tx: Tx, room_months: Iterable[RoomMonth]) -> None:
    """Settles months again whose targets or plans changed, and posts what follows; none of rooms
    whose plans do not look at the month.
    """
    months = {room_month: MonthChange() for room_month in room_months}
    series = {(each.company_id, each.room_id) for each in months}
    monthly = looks_at_months(await plans.published_unlocked(tx, series)) if series else set()
    concerned = {
        each: change
        for each, change in months.items()
        if (each.company_id, each.room_id) in monthly
    }
    if entries := await settle_months(tx, concerned):
        await post_entries(tx, entries)


async def find_differences(
    tx: Tx, room_month: RoomMonth, change: MonthChange, *, is_posting: bool = False
) -> MonthDifferences:
    """Settles the month as it stands and compares it with the ledger. Who `is_posting` keeps what
    products cost as it is until the transaction ends.
    """
    company = await directory.company(tx, room_month.company_id)
    series = (room_month.company_id, room_month.room_id)
    versions = {plan.id: plan for plan in await plans.published_unlocked(tx, [series])}
    if is_posting:
        await catalogue.share(tx, versions.values(), [company.id])
    wins = await settlements.wins(tx, room_month, versions)
    terms = await catalogue.load(tx, versions.values(), (win.state for win in wins))
    deals = [_credited(win, company, versions, terms) for win in wins]
    last_plan = plan_on(*series, room_month.last_on, versions.values())
    settlement = settle(
        Month(
            currency=company.currency,
            deals=deals,
            last_plan=last_plan,
            targets=await targets.of_month(tx, *series, room_month.month),
            debts=await settlements.debts_before(tx, room_month),
            ended=end_of_day(room_month.last_on, company.time_zone) <= await tx.read_clock(),
        )
    )
    own = {
        deal.activity_id: Target(
            deal.business_day, _version(deal.plan), settlement.deals.get(deal.activity_id, [])
        )
        for deal in deals
    }
    lines = _lines(wins, deals, change)
    posted = await ledger.posted(tx, lines)
    of_deals = [
        (lines[id_], difference)
        for id_ in sorted(lines, key=lambda id_: _place(own.get(id_), id_))
        for difference in differences(
            own.get(id_), _of_month(posted.get(id_, []), room_month, versions)
        )
    ]
    target = (
        Target(room_month.last_on, _version(last_plan), settlement.month) if last_plan else None
    )
    month = differences(target, await settlements.month_lines(tx, room_month))
    return MonthDifferences(of_deals, month, {id_: d for id_, d in settlement.debts.items() if d})


def looks_at_months(versions: Iterable[Plan]) -> set[plans.Series]:
    """The companies and rooms of which a version looks at the month as a whole."""
    return {(plan.company_id, plan.room_id) for plan in versions if pays_by_month(plan.rules)}


def _credited(
    win: StoredActivity,
    company: directory.Company,
    versions: Mapping[Any, Plan],
    terms: Catalogue | None,
) -> CreditedDeal:
    assert win.cover and win.won_on
    deal = deal_of(win.state, company.time_zone, win.sale, terms)
    return CreditedDeal(win.id, win.won_on, deal, versions[win.cover.plan_id])


def _lines(
    wins: Iterable[StoredActivity], deals: Iterable[CreditedDeal], change: MonthChange
) -> dict[ActivityId, ActivityLine]:
    """Each activity whose entries the month has or had, as it is now."""
    of_wins = {
        win.id: ActivityLine(win.id, win.version, deal.deal, change.cause)
        for win, deal in zip(wins, deals, strict=True)
    }
    return of_wins | change.lines


def _of_month(
    posted: Iterable[PostedEntry], room_month: RoomMonth, versions: Mapping[Any, Plan]
) -> list[PostedEntry]:
    """The entries of an activity that stand for this month under the room's versions."""
    return [
        entry
        for entry in posted
        if entry.month == room_month.month and entry.version.plan_id in versions
    ]


def _place(target: Target | None, activity_id: ActivityId) -> tuple[bool, Any, ActivityId]:
    """Losses first, then the deals in their order."""
    return target is not None, target.won_on if target else None, activity_id


def _version(plan: Plan) -> Version:
    assert plan.plan_version
    return Version(plan.id, plan.plan_version)
