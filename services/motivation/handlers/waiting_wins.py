"""Wins that waited for a plan: once it is published, a job accrues them batch by batch.

The same for whatever is without pay, when its cause may be gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.motivation.domain.difference import month_of
from services.motivation.handlers.accrual import ActivityPay, ActivityVersion, post_isolated
from services.motivation.handlers.settling import resettle
from services.motivation.metrics import AccrualReport
from services.motivation.storage import directory, plans, unpaid, win_plans
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.settlements import RoomMonth
from shared.clock import following_period, period_of
from shared.db import Tx
from shared.events import PublishedEvent
from shared.events.directory import CompanyChanged
from shared.ids import ActivityId, CompanyId, EmployeeId, PlanId
from shared.jobs import Job, enqueue

ACCRUE_WAITING_WINS = "accrue_waiting_wins"
ACCRUE_UNPAID = "accrue_unpaid"
BATCH = 200
FIRST = ActivityId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class AccrueWaitingWins:
    """Accrue the wins that a published plan covers and that have not accrued."""

    plan_id: PlanId

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> "AccrueWaitingWins":
        """The command of a job."""
        return cls(PlanId(UUID(arguments["plan_id"])))


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A batch of wins that were looked at, and those whose pay was refused; `last` is the one to go
    on after, None at the end.
    """

    wins: int
    last: ActivityId | None
    report: AccrualReport
    failed: Sequence[tuple[ActivityId, Exception]]


async def start_accruing(tx: Tx, plan_id: PlanId, published_by: EmployeeId) -> Job:
    """Creates the job that accrues the wins which waited for the plan."""
    return await enqueue(tx, ACCRUE_WAITING_WINS, {"plan_id": str(plan_id)}, owner_id=published_by)


async def count_waiting_wins(tx: Tx, command: AccrueWaitingWins) -> int:
    """How many wins the plan may cover that have not accrued."""
    return await win_plans.count_wins_without_plan(tx, await _covered_by(tx, command.plan_id))


async def accrue_waiting_wins(
    tx: Tx, command: AccrueWaitingWins, after: ActivityId = FIRST
) -> WaitingBatch:
    """Accrues the next wins by id after `after` that the plan may cover and that have not accrued,
    at most `BATCH`. With the last ones the months since are settled, where the plan looks at them.
    """
    covered = await _covered_by(tx, command.plan_id)
    wins = await win_plans.lock_wins_without_plan(tx, covered, after, BATCH)
    batch = await accrue_again(tx, wins)
    if batch.last is None:
        await resettle(tx, await _months_since(tx, covered))
    return batch


async def start_accruing_unpaid(
    tx: Tx, company_id: CompanyId | None = None, asked_by: EmployeeId | None = None
) -> Job:
    """Creates the job that tries once more to pay whatever is without pay, of one company or of
    all.
    """
    arguments = {"company_id": str(company_id)} if company_id else {}
    dedupe_key = str(company_id or "all")
    return await enqueue(tx, ACCRUE_UNPAID, arguments, owner_id=asked_by, dedupe_key=dedupe_key)


async def pay_changed_companies(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Tries once more to pay what is without pay in companies that were changed."""
    for published in events:
        assert isinstance(published.event, CompanyChanged)
        company_id = published.event.company_id
        if published.envelope.version > 1 and await unpaid.has_any(tx, company_id):
            await start_accruing_unpaid(tx, company_id)


async def accrue_unpaid(
    tx: Tx, company_id: CompanyId | None, after: ActivityId = FIRST
) -> WaitingBatch:
    """Pays the next activities by id after `after` that are without pay, at most `BATCH`, as far as
    plans cover them.
    """
    return await accrue_again(tx, await unpaid.lock(tx, company_id, after, BATCH))


async def accrue_again(tx: Tx, wins: Sequence[StoredActivity]) -> WaitingBatch:
    """Lets the pay of a batch of locked activities follow their stored states."""
    pay = await post_isolated(tx, [_looked_at_again(win) for win in wins])
    last = wins[-1].id if len(wins) == BATCH else None
    return WaitingBatch(len(wins), last, pay.report, pay.failed)


async def _months_since(tx: Tx, covered: win_plans.WinsSince) -> list[RoomMonth]:
    """The months of the room from the day on, up to the present one."""
    company = await directory.company(tx, covered.company_id)
    present = period_of(await tx.read_clock(), company.time_zone)
    months, month = [], month_of(covered.since)
    while month <= present:
        months.append(RoomMonth(covered.company_id, covered.room_id, month))
        month = following_period(month)
    return months


async def _covered_by(tx: Tx, plan_id: PlanId) -> win_plans.WinsSince:
    plan = (await plans.by_ids(tx, [plan_id]))[plan_id]
    return win_plans.WinsSince(plan.company_id, plan.room_id, plan.effective_from)


def _looked_at_again(win: StoredActivity) -> ActivityPay:
    return ActivityPay(win, [ActivityVersion(win.version, win.state, win.sale)])
