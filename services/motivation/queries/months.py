"""A company's month in a room as a settlement takes it, from the stored states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, Uuid, bindparam, select

from services.motivation.domain.catalogue import Catalogue
from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.settlement import CreditedDeal, Month
from services.motivation.storage import catalogue, plans, settlements, targets
from services.motivation.storage.activities import STORED, StoredActivity, stored_of
from services.motivation.storage.deals import deal_of
from services.motivation.storage.directory import Company
from services.motivation.storage.settlements import Debts
from services.motivation.storage.tables import activity
from shared.clock import following_period
from shared.db import Tx, compiled
from shared.ids import RoomId

_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_ROOM = bindparam("room_id", type_=Uuid)
_WINS = compiled(
    select(*STORED)
    .where(
        activity.c.tenant_id == _TENANT,
        activity.c.company_id == _COMPANY,
        activity.c.room_id == _ROOM,
        activity.c.won_on >= bindparam("first_on", type_=Date),
        activity.c.won_on < bindparam("next_on", type_=Date),
    )
    .order_by(activity.c.won_on, activity.c.activity_id)
)


@dataclass(frozen=True, slots=True)
class RoomMonth:
    """A company's month in a room, as `2026-11`."""

    company: Company
    room_id: RoomId
    period: str

    @property
    def first_on(self) -> date:
        """The first day."""
        return date.fromisoformat(f"{self.period}-01")

    @property
    def next_on(self) -> date:
        """The first day of the next month."""
        return date.fromisoformat(f"{following_period(self.period)}-01")

    @property
    def last_on(self) -> date:
        """The last day."""
        return self.next_on - timedelta(days=1)

    def in_force(self, published: Iterable[Plan]) -> Plan | None:
        """The version in force on the last day; of one day, the highest."""
        own = [
            plan
            for plan in published
            if plan.plan_version is not None
            and (plan.company_id, plan.room_id) == (self.company.id, self.room_id)
            and plan.effective_from <= self.last_on
        ]
        return max(own, key=lambda plan: (plan.effective_from, plan.plan_version), default=None)


async def wins_of(tx: Tx, month: RoomMonth) -> list[StoredActivity]:
    """The wins whose business day is in the month, in the canonical order."""
    rows = await tx.rows(
        _WINS,
        company_id=month.company.id,
        room_id=month.room_id,
        first_on=month.first_on,
        next_on=month.next_on,
    )
    return stored_of(rows)


async def month_as_paid(tx: Tx, month: RoomMonth, *, ended: bool) -> Month:
    """The month under the versions that its wins belong to."""
    wins = await wins_of(tx, month)
    published = await plans.published_unlocked(tx, [(month.company.id, month.room_id)])
    by_id = {plan.id: plan for plan in published}
    terms = await catalogue.load(tx, published, (win.state for win in wins))
    deals = []
    for win in wins:
        plan = by_id.get(win.cover.plan_id) if win.cover else None
        deal = credited(win, month, plan, published, terms)
        if deal:
            deals.append(deal)
    return await _month(tx, month, deals, month.in_force(published), ended=ended)


async def month_under(tx: Tx, month: RoomMonth, plan: Plan, debts: Debts | None = None) -> Month:
    """The ended month as if `plan` had been in force all along: a draft on past facts. `debts` are
    what employees owe as it begins, the real ones by default.
    """
    wins = await wins_of(tx, month)
    terms = await catalogue.load(tx, [plan], (win.state for win in wins))
    deals = [deal for win in wins if (deal := credited(win, month, plan, (), terms))]
    return await _month(tx, month, deals, plan, ended=True, debts=debts)


def credited(
    win: StoredActivity,
    month: RoomMonth,
    plan: Plan | None,
    published: Sequence[Plan],
    terms: Catalogue | None,
) -> CreditedDeal | None:
    """The win as a deal of the month, under `plan` or, without one, the version in force on its
    day; None where none is. `terms` are what its products cost.
    """
    deal = deal_of(win.state, month.company.time_zone, win.sale, terms)
    version = plan or plan_for(deal, published)
    if version is None or deal.won_on is None:
        return None
    return CreditedDeal(win.id, deal.won_on, deal, version)


async def _month(
    tx: Tx,
    month: RoomMonth,
    deals: list[CreditedDeal],
    last_plan: Plan | None,
    *,
    ended: bool,
    debts: Debts | None = None,
) -> Month:
    company_id, room_id = month.company.id, month.room_id
    settled = settlements.RoomMonth(company_id, room_id, month.period)
    return Month(
        currency=month.company.currency,
        deals=deals,
        last_plan=last_plan,
        targets=await targets.of_month(tx, company_id, room_id, month.period),
        debts=await settlements.debts_before(tx, settled) if debts is None else debts,
        ended=ended,
    )
