"""Accrual: from the versions of activities to the entries that they earn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import structlog

from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import Difference, PostedEntry, differences
from services.motivation.domain.entries import Cause, NewEntry
from services.motivation.domain.plans import Plan, plan_for
from services.motivation.domain.rules import earnings
from services.motivation.domain.unpaid import refusal_cause
from services.motivation.handlers.entries import post_entries
from services.motivation.metrics import AccrualReport
from services.motivation.storage import directory, ledger, plans, unpaid
from services.motivation.storage.activities import LockedActivity
from services.motivation.storage.deals import deal_of
from shared.db import Tx
from shared.errors import Refusal
from shared.events import Envelope
from shared.events.activities import ActivityState
from shared.ids import ActivityId, CompanyId, RoomId
from shared.isolation import apply_or_halve

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ActivityVersion:
    """An activity's state at one version, and the event that led to it; `envelope` is None where a
    stored state is looked at again.
    """

    version: int
    state: ActivityState
    envelope: Envelope | None = None

    @property
    def won(self) -> bool:
        return self.state.status == "won"


@dataclass(slots=True)
class ActivityPay:
    """A locked activity whose pay is to follow `versions`, oldest first.

    `plan` is the one that it accrued under, once it has; `posted` includes `new_entries`.
    """

    activity: LockedActivity
    versions: Sequence[ActivityVersion]
    plan: Plan | None = None
    posted: list[PostedEntry] = field(default_factory=list)
    new_entries: list[NewEntry] = field(default_factory=list)

    @property
    def may_change(self) -> bool:
        """Whether pay has accrued, or a version is a win."""
        return bool(self.activity.plan_id) or any(version.won for version in self.versions)


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
    published = await plans.published(tx, _series_looked_for(pays))
    companies = await directory.companies(tx, {plan.company_id for plan in published})
    for pay in pays:
        for version in pay.versions:
            if not _follow(pay, version, published, companies):
                report.wins_without_plan += _is_new_win(version)
    await _post(tx, pays, report)
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
    used = await plans.by_ids(tx, (pay.activity.plan_id for pay in pays if pay.activity.plan_id))
    posted = await ledger.posted(tx, (pay.activity.id for pay in pays))
    for pay in pays:
        pay.new_entries = []
        pay.plan = used[pay.activity.plan_id] if pay.activity.plan_id else None
        pay.posted = posted.get(pay.activity.id, [])


def _series_looked_for(pays: Sequence[ActivityPay]) -> set[tuple[CompanyId, RoomId]]:
    return {
        (version.state.company_id, version.state.room_id)
        for pay in pays
        if pay.plan is None
        for version in pay.versions
        if version.won
    }


def _follow(
    pay: ActivityPay,
    version: ActivityVersion,
    published: Iterable[Plan],
    companies: Mapping[UUID, directory.Company],
) -> bool:
    """Adds the new entries of one version; False where no plan covers its win."""
    if not version.won and not pay.posted:
        return True
    deal, plan = deal_of(version.state), pay.plan
    company = companies.get(deal.company_id)
    if plan is None and company:
        plan = plan_for(deal, published, company.time_zone)
    if plan is None:
        return False
    for difference in differences(earnings(deal, plan.rules), pay.posted):
        entry = _new_entry(pay, version, deal, plan, difference)
        pay.new_entries.append(entry)
        pay.posted.append(
            PostedEntry(entry.entry_id, entry.employee_id, entry.rule, entry.amount, entry.corrects)
        )
        pay.plan = plan
    return True


def _is_new_win(version: ActivityVersion) -> bool:
    return version.envelope is not None and version.envelope.type == "activity.won"


def _new_entry(
    pay: ActivityPay, version: ActivityVersion, deal: Deal, plan: Plan, difference: Difference
) -> NewEntry:
    cause = version.envelope
    return NewEntry(
        kind=difference.kind,
        employee_id=difference.employee_id,
        company_id=deal.company_id,
        room_id=deal.room_id,
        amount=difference.amount,
        rule=difference.rule,
        activity_id=pay.activity.id,
        activity_version=version.version,
        plan_id=plan.id,
        plan_version=plan.plan_version,
        corrects=difference.corrects,
        inputs=_inputs(deal, difference),
        cause=Cause(cause.id, cause.correlation_id, cause.time) if cause else None,
    )


def _inputs(deal: Deal, difference: Difference) -> dict[str, Any]:
    """The values from which the entry was computed, so that it can be explained for ever; amounts
    as text.
    """
    earning = difference.earning
    return {
        "won_at": deal.won_at,
        "receipts": _text(deal.receipts.amount),
        "currency": deal.receipts.currency,
        "source_kind": deal.source_kind,
        "sale": deal.sale,
        "base": _text(earning.base.amount if earning else Decimal(0)),
        "line": _text(earning.before_shares.amount if earning else Decimal(0)),
        "share": f"{earning.share:.4f}" if earning else None,
        "earned": _text(earning.amount.amount if earning else Decimal(0)),
        "posted_before": _text(difference.posted_before.amount),
    }


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


async def _post(tx: Tx, pays: Sequence[ActivityPay], report: AccrualReport) -> None:
    entries = [entry for pay in pays for entry in pay.new_entries]
    if not entries:
        return
    accrued = {pay.activity.id: pay.plan.id for pay in pays if pay.plan and pay.new_entries}
    await post_entries(tx, entries, accrued)
    for entry in entries:
        report.kinds.append(entry.kind)
        if entry.cause:
            report.delays.append((tx.now - entry.cause.time).total_seconds())
