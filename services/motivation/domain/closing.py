"""Closing a month: what has to be mended before, and what whoever closes it may accept
(domain.md, "Motivation": only a finished month closes, an early one by an admin with a reason).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.clock import following_period, period_of, start_of_period
from shared.errors import Forbidden, Refusal
from shared.ids import ActivityId, EmployeeId
from shared.money import MoneySum
from shared.vocabulary import ClosingFinding, FindingSeverity

SEVERITIES: Mapping[ClosingFinding, FindingSeverity] = {
    "activities_unavailable": "blocks",
    "consumer_parked": "blocks",
    "events_behind": "blocks",
    "pay_refused": "blocks",
    "pay_pending": "blocks",
    "month_end_pending": "blocks",
    "adjustments_proposed": "blocks",
    "wins_without_plan": "warns",
    "nobody_responsible": "warns",
    "cost_unknown": "warns",
    "claimed_money": "warns",
    "unmatched_money": "warns",
    "open_disputes": "warns",
    "negative_totals": "warns",
    "no_personnel_number": "warns",
}
"""Blocking: pay is not complete, or may be wrong, and waiting or mending helps. A warning is about
something that may be right, and that the next open month can still put right."""


class PeriodNotReady(Refusal):
    """Something blocks the closing (`blocks`), or warnings (`warnings`) have not been accepted."""

    code = "period_not_ready"


class PeriodNotFinished(Refusal):
    """The month lasts until `ends_at`; an admin may close it earlier, with a reason."""

    code = "period_not_finished"


class EarlierPeriodOpen(Refusal):
    """The months of a company close in their order, and `earlier` is open."""

    code = "earlier_period_open"


@dataclass(frozen=True, slots=True)
class Win:
    """A win as one of the services has it: the activity's version there, and its moment, UTC."""

    version: int
    won_at: datetime


def count_behind(
    there: Mapping[ActivityId, int], here: Mapping[ActivityId, Win], as_of: datetime
) -> int:
    """How many of a month's wins differ: those that their owner had at `as_of` in a version that
    has not come `here`, and those that are no wins there any more.

    What was won after `as_of` could not be among the owner's.
    """
    older = sum(
        1
        for activity_id, version in there.items()
        if activity_id not in here or here[activity_id].version < version
    )
    taken_back = sum(
        1 for activity_id, win in here.items() if activity_id not in there and win.won_at <= as_of
    )
    return older + taken_back


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be known before a month is closed: how many there are, the money that they
    concern, whom they concern.
    """

    code: ClosingFinding
    count: int
    totals: tuple[MoneySum, ...] = ()
    employee_ids: tuple[EmployeeId, ...] = ()

    @property
    def severity(self) -> FindingSeverity:
        """Whether it blocks or warns."""
        return SEVERITIES[self.code]


def worth_knowing(findings: Iterable[Finding]) -> list[Finding]:
    """Those of which there are any, what blocks first."""
    order = list(SEVERITIES)
    return sorted(
        (finding for finding in findings if finding.count),
        key=lambda finding: order.index(finding.code),
    )


def require_ready(findings: Sequence[Finding], accepted: Collection[str]) -> None:
    """Raises `PeriodNotReady` where something blocks, or a warning is not among `accepted`."""
    blocks = [finding.code for finding in findings if finding.severity == "blocks"]
    warnings = [
        finding.code
        for finding in findings
        if finding.severity == "warns" and finding.code not in accepted
    ]
    if blocks:
        raise PeriodNotReady("blocked", blocks=blocks, warnings=warnings)
    if warnings:
        raise PeriodNotReady("warned", blocks=[], warnings=warnings)


def require_finished(
    period: str, now: datetime, time_zone: str, *, reason: str | None, by_admin: bool
) -> bool:
    """Whether a month that has begun is closed early: before it is over where the company keeps its
    books, which takes an admin and a reason.

    Raises `PeriodNotFinished` without a reason, `Forbidden` for anybody else.
    """
    if period < period_of(now, time_zone):
        return False
    if not reason:
        ends_at = start_of_period(following_period(period), time_zone)
        raise PeriodNotFinished(period=period, ends_at=ends_at)
    if not by_admin:
        raise Forbidden("early_close")
    return True


def require_in_order(period: str, earlier: str | None) -> None:
    """Raises `EarlierPeriodOpen` where `earlier`, an open month with pay before `period`, is."""
    if earlier is not None:
        raise EarlierPeriodOpen(period=period, earlier=earlier)
