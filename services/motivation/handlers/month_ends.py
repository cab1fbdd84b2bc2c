"""The end of a month: where a plan has floors or draws, the month is settled once more when it is
over, also where nothing was won in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.motivation.domain.difference import month_of
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import waits_for_month_end
from services.motivation.handlers.settling import resettle
from services.motivation.handlers.waiting_wins import ACCRUE_WAITING_WINS
from services.motivation.storage import directory, month_ends
from services.motivation.storage.month_ends import MonthEnd
from services.motivation.storage.settlements import RoomMonth
from shared.clock import following_period, start_of_period
from shared.db import Tx
from shared.isolation import apply_or_halve


@dataclass(frozen=True, slots=True)
class SettledEnd:
    """Whether a month was settled for its end, and the room that could not be, with the reason."""

    settled: bool = False
    failed: Sequence[tuple[UUID, Exception]] = ()


NOTHING_WAITS = SettledEnd()


async def expect_month_end(tx: Tx, plan: Plan, time_zone: str) -> None:
    """Lets months be settled for their end from that of a version on, which was just published and
    whose company and room are locked, where it needs that.
    """
    if not waits_for_month_end(plan.rules):
        return
    first = month_of(plan.effective_from)
    waiting = await month_ends.find(tx, plan.company_id, plan.room_id)
    month = min(first, waiting) if waiting else first
    await _expect(tx, RoomMonth(plan.company_id, plan.room_id, month), time_zone)


async def settle_ended(tx: Tx, now: datetime, left_out: Sequence[UUID]) -> SettledEnd:
    """Settles one month that was over at `now`, the oldest first, and expects the next one's end.

    As long as the tenant has wins that wait for a published plan, none is: floors and draws would
    be posted and taken back.
    """
    room_month = await month_ends.lock_ended(tx, now, left_out)
    if room_month is None or await month_ends.has_job(tx, ACCRUE_WAITING_WINS):
        return NOTHING_WAITS
    isolated = await apply_or_halve(tx, [room_month], lambda ended: _settle_end(tx, *ended))
    failed = [(ended.room_id, failure) for ended, failure in isolated.failed]
    return SettledEnd(any(isolated.results), failed)


async def _settle_end(tx: Tx, room_month: RoomMonth) -> bool:
    """Settles the month and expects the next one's end; False where it is not over."""
    company = await directory.company(tx, room_month.company_id)
    following = following_period(room_month.month)
    if start_of_period(following, company.time_zone) > await tx.read_clock():
        # The company keeps its books elsewhere since.
        await _expect(tx, room_month, company.time_zone)
        return False
    await resettle(tx, [room_month])
    later = RoomMonth(room_month.company_id, room_month.room_id, following)
    await _expect(tx, later, company.time_zone)
    return True


async def _expect(tx: Tx, room_month: RoomMonth, time_zone: str) -> None:
    due_at = start_of_period(following_period(room_month.month), time_zone)
    await month_ends.save(tx, MonthEnd(room_month, due_at))
