"""Accrual: from the versions of activities to the entries that they earn."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import structlog

from services.motivation.domain.catalogue import Catalogue
from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import (
    Difference,
    PostedEntry,
    Version,
    differences,
    target_of,
)
from services.motivation.domain.entries import NewEntry
from services.motivation.domain.plans import Plan, WinCover, plan_for
from services.motivation.domain.unpaid import refusal_cause
from services.motivation.handlers.entries import post_entries
from services.motivation.handlers.new_entries import ActivityLine, entry_of_activity
from services.motivation.handlers.settling import MonthChange, looks_at_months, settle_months
from services.motivation.metrics import AccrualReport
from services.motivation.storage import (
    catalogue,
    directory,
    ledger,
    plans,
    unpaid,
    win_plans,
)
from services.motivation.storage.activities import LockedActivity
from services.motivation.storage.deals import deal_of, won_at
from services.motivation.storage.settlements import RoomMonth
from services.motivation.storage.win_plans import WinPlan
from shared.db import Tx
from shared.errors import Refusal
from shared.events import Envelope
from shared.events.activities import ActivityState
from shared.ids import ActivityId, CompanyId, PlanId, RoomId
from shared.isolation import apply_or_halve
from shared.vocabulary import Sale

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ActivityVersion:
    """An activity's state at one version, with the class of its win, and the event that led to it:
    that of another activity where this one became the client's first sale, or no longer is.
    `envelope` is None where a stored state is looked at again.
    """

    version: int
    state: ActivityState
    sale: Sale | None
    envelope: Envelope | None = None

    @property
    def won(self) -> bool:
        return self.state.status == "won"


@dataclass(slots=True)
class ActivityPay:
    """A locked activity whose pay is to follow `versions`, oldest first.

    `cover` is the version that the win belongs to; `posted` includes `new_entries`.
    """

    activity: LockedActivity
    versions: Sequence[ActivityVersion]
    cover: WinCover | None = None
    accrued: PlanId | None = None
    posted: list[PostedEntry] = field(default_factory=list)
    new_entries: list[NewEntry] = field(default_factory=list)

    @property
    def may_change(self) -> bool:
        """Whether pay has accrued, or a version is a win."""
        return bool(self.activity.plan_id) or any(version.won for version in self.versions)


@dataclass(frozen=True, slots=True)
class _Book:
    """What pay is decided by: the published plans, those that wins belong to, the companies, and
    what products cost where a plan looks at that.
    """

    published: Sequence[Plan]
    by_id: Mapping[PlanId, Plan]
    companies: Mapping[UUID, directory.Company]
    monthly: Collection[plans.Series]
    catalogue: Catalogue | None
    months: dict[RoomMonth, MonthChange] = field(default_factory=dict)

    def is_monthly(self, version: Version) -> bool:
        """Whether the month as a whole decides what the version pays."""
        return self._series(version) in self.monthly

    def note(self, version: Version, month: str, line: ActivityLine) -> None:
        """Lets the month be settled, of which an activity changed."""
        change = self.months.setdefault(RoomMonth(*self._series(version), month), MonthChange())
        change.lines[line.activity_id] = line
        change.cause = line.cause

    def _series(self, version: Version) -> plans.Series:
        plan = self.by_id[version.plan_id]
        return plan.company_id, plan.room_id


@dataclass(frozen=True, slots=True)
class IsolatedPay:
    """What was posted, and the activities whose pay was not, with the reasons."""

    report: AccrualReport
    failed: Sequence[tuple[ActivityId, Exception]]


async def post_differences(tx: Tx, all_pay: Iterable[ActivityPay]) -> AccrualReport:
    """Posts the differences between the earnings of activities and their entries.

    The activities' rows must be locked.
    """
    pays = [pay for pay in all_pay if pay.may_change]
    report = AccrualReport()
    if not pays:
        return report
    await _load_posted(tx, pays)
    book = await _load_book(tx, pays)
    for pay in pays:
        for version in pay.versions:
            if not _follow(pay, version, book):
                report.wins_without_plan += _is_new_win(pay, version)
    await _post(tx, pays, book.months, report)
    return report


async def post_isolated(tx: Tx, all_pay: Sequence[ActivityPay]) -> IsolatedPay:
    """As `post_differences`, but an activity whose pay cannot follow keeps nobody from theirs: its
    row says why.
    """
    isolated = await apply_or_halve(tx, all_pay, lambda part: post_differences(tx, part))
    failed = [(pay.activity.id, failure) for pay, failure in isolated.failed]
    if failed:
        await unpaid.refuse(tx, [_refused(id_, failure) for id_, failure in failed])
        for activity_id, failure in failed:
            log.error("pay_refused", activity_id=str(activity_id), exc_info=failure)
    return IsolatedPay(AccrualReport.of(isolated.results), failed)


def _refused(activity_id: ActivityId, failure: Exception) -> unpaid.Refused:
    json = None
    if isinstance(failure, Refusal):
        refusal = {"code": failure.code, "reason": failure.reason, "extra": failure.extra}
        json = orjson.dumps(refusal, default=str).decode()
    return unpaid.Refused(activity_id, refusal_cause(failure), json)


async def _load_posted(tx: Tx, pays: Sequence[ActivityPay]) -> None:
    posted = await ledger.posted(tx, (pay.activity.id for pay in pays))
    for pay in pays:
        pay.new_entries = []
        pay.cover, pay.accrued = pay.activity.cover, pay.activity.plan_id
        pay.posted = posted.get(pay.activity.id, [])


async def _load_book(tx: Tx, pays: Sequence[ActivityPay]) -> _Book:
    ids = {pay.cover.plan_id for pay in pays if pay.cover}
    used = await plans.by_ids(
        tx, ids | {entry.version.plan_id for pay in pays for entry in pay.posted}
    )
    looked_for = _series_looked_for(pays)
    published = await plans.published(tx, looked_for)
    others = {(plan.company_id, plan.room_id) for plan in used.values()} - looked_for
    versions = [*published, *(await plans.published_unlocked(tx, others) if others else ())]
    states = [version.state for pay in pays for version in pay.versions]
    company_ids = {state.company_id for state in states}
    deciding = [*published, *used.values()]
    await catalogue.share(tx, deciding, company_ids)
    return _Book(
        published,
        {plan.id: plan for plan in deciding},
        await directory.companies(tx, company_ids),
        looks_at_months(versions),
        await catalogue.load(tx, deciding, states),
    )


def _series_looked_for(pays: Sequence[ActivityPay]) -> set[tuple[CompanyId, RoomId]]:
    return {
        (version.state.company_id, version.state.room_id)
        for pay in pays
        for version in pay.versions
        if version.won and not (pay.cover and pay.cover.won_at == won_at(version.state))
    }


def _follow(pay: ActivityPay, version: ActivityVersion, book: _Book) -> bool:
    """Adds the new entries of one version; False where no plan covers its win."""
    if not version.won and not pay.posted:
        return True
    company = book.companies.get(version.state.company_id)
    if company is None:
        return not version.won
    deal = deal_of(version.state, company.time_zone, version.sale, book.catalogue)
    target = target_of(deal, _plan_of_win(pay, deal, book))
    line = ActivityLine(pay.activity.id, version.version, deal, version.envelope)
    flat = [entry for entry in pay.posted if not book.is_monthly(entry.version)]
    for entry in pay.posted:
        if book.is_monthly(entry.version):
            book.note(entry.version, entry.month, line)
    by_itself = target
    if target and book.is_monthly(target.version):
        book.note(target.version, target.month, line)
        pay.accrued, by_itself = target.version.plan_id, None
    for difference in differences(by_itself, flat):
        new = entry_of_activity(line, difference)
        pay.new_entries.append(new)
        pay.posted.append(_as_posted(new, difference))
        pay.accrued = difference.version.plan_id
    return target is not None or not version.won


def _plan_of_win(pay: ActivityPay, deal: Deal, book: _Book) -> Plan | None:
    """The version that the win belongs to; a new win belongs to the one in force on its day."""
    if deal.won_at is None:
        return None
    if pay.cover is None or pay.cover.won_at != deal.won_at:
        plan = plan_for(deal, book.published)
        pay.cover = WinCover(plan.id, deal.won_at) if plan else None
    return book.by_id[pay.cover.plan_id] if pay.cover else None


def _as_posted(entry: NewEntry, difference: Difference) -> PostedEntry:
    return PostedEntry(
        entry.entry_id,
        entry.employee_id,
        entry.rule,
        entry.amount,
        entry.corrects,
        difference.version,
        difference.month,
        difference.won_on,
    )


def _is_new_win(pay: ActivityPay, version: ActivityVersion) -> bool:
    cause = version.envelope
    if cause is None:
        return False
    return (cause.type, cause.subject) == ("activity.won", pay.activity.id)


async def _post(
    tx: Tx,
    pays: Sequence[ActivityPay],
    months: Mapping[RoomMonth, MonthChange],
    report: AccrualReport,
) -> None:
    entries = [entry for pay in pays for entry in pay.new_entries]
    changed = [
        WinPlan(pay.activity.id, pay.accrued, pay.cover)
        for pay in pays
        if pay.new_entries or (pay.accrued, pay.cover) != (pay.activity.plan_id, pay.activity.cover)
    ]
    if changed and (months or not entries):
        await win_plans.save_win_plans(tx, changed)
        changed = []
    entries += await settle_months(tx, months)
    if entries:
        await post_entries(tx, entries, changed)
    for entry in entries:
        report.kinds.append(entry.kind)
        if entry.cause:
            report.delays.append((tx.now - entry.cause.time).total_seconds())
