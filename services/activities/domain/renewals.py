"""Renewals: the next sale of what was won with a term, due when the term ends.

A won activity is the contract that a renewal continues; each of its terms has one renewal. Rules
take a renewal and return events; nothing here changes in place.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.activity import Activity, OrderLine, Refund
from services.activities.domain.refusals import (
    AlreadyTaken,
    BeyondHorizon,
    ContractNotWon,
    RenewalNotScheduled,
    RenewalNotWithdrawn,
)
from services.activities.domain.registering import OfferedProduct
from shared.clock import local_day, start_of_day
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, ProductId, RoomId, new_id
from shared.money import MoneySum, total
from shared.vocabulary import RenewalStatus, RenewalWithdrawal


@dataclass(frozen=True, slots=True)
class Term:
    """A term that ends on `due_on`: `number` terms of so many months after `counted_from`."""

    months: int
    number: int
    counted_from: date

    @property
    def due_on(self) -> date:
        return add_months(self.counted_from, self.months * self.number)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal of `contract_id`; `due_at` is when its day begins for the company, UTC.

    `products` are the contract's lines of this term; `activity_id` is what the renewal became.
    """

    id: UUID
    version: int
    contract_id: ActivityId
    term_months: int
    number: int
    counted_from: date
    due_on: date
    due_at: datetime
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    products: tuple[OrderLine, ...]
    status: RenewalStatus = "scheduled"
    activity_id: ActivityId | None = None
    note: str | None = None
    withdrawal: RenewalWithdrawal | None = None
    withdrawn_by: EmployeeId | None = None
    withdrawn_reason: str | None = None

    @property
    def term(self) -> Term:
        return Term(self.term_months, self.number, self.counted_from)

    @property
    def amount(self) -> MoneySum:
        """The sum of the lines as the contract had them."""
        return total((line.amount for line in self.products), self.products[0].price.currency)


@dataclass(frozen=True, slots=True)
class RenewalEvent:
    """A change of a renewal: `type` as published, and the renewal `after` it."""

    type: str
    after: Renewal


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def business_day(contract: Activity, time_zone: str) -> date:
    """The day of the win in the company's days: the latest of paid-on and signed-on, and never
    after the win was recorded (domain: «Motivation»).
    """
    assert contract.won_at
    recorded_on = local_day(contract.won_at, time_zone)
    trade = contract.trade
    days = [
        payment.paid_on or local_day(payment.paid_at, time_zone)
        for payment in trade.payments
        if payment.state == "confirmed"
    ]
    days += [document.on for document in trade.documents if document.state == "signed"]
    return min(max(days, default=recorded_on), recorded_on)


def terms_of(
    contract: Activity, won_on: date, renewed: Renewal | None
) -> dict[Term, tuple[OrderLine, ...]]:
    """The terms that begin with the win, with the lines of each.

    A contract that `renewed` another goes on where that one's term ended, counted from the same
    day: 31 January, 28 February, 31 March. Where even the next term would be over, it counts anew.
    """
    lines_by_months = _lines_by_months(contract)
    return {
        _term(months, won_on, renewed): lines for months, lines in sorted(lines_by_months.items())
    }


def _lines_by_months(contract: Activity) -> dict[int, tuple[OrderLine, ...]]:
    """The lines with a term, but for products whose money went back."""
    lines_by_months: dict[int, tuple[OrderLine, ...]] = {}
    for line in contract.products:
        if line.term_months and not _is_refunded(contract, line):
            lines = lines_by_months.get(line.term_months, ())
            lines_by_months[line.term_months] = (*lines, line)
    return lines_by_months


def _is_refunded(contract: Activity, line: OrderLine) -> bool:
    """Whether refunds that name the product make up what it cost."""
    of_product = [other.amount for other in contract.products if _same_product(other, line)]
    refunds = [refund.amount for refund in contract.trade.refunds if _same_product(refund, line)]
    cost = total(of_product, contract.currency)
    return bool(refunds) and cost <= total(refunds, contract.currency)


def _same_product(other: OrderLine | Refund, line: OrderLine) -> bool:
    return other.product_id == line.product_id


def _term(months: int, won_on: date, renewed: Renewal | None) -> Term:
    if renewed:
        following = Term(months, 1, renewed.due_on)
        if renewed.term_months == months:
            following = Term(months, renewed.number + 1, renewed.counted_from)
        if following.due_on > won_on:
            return following
    return Term(months, 1, won_on)


def follow_win(
    contract: Activity, existing: Iterable[Renewal], renewed: Renewal | None, time_zone: str
) -> list[RenewalEvent]:
    """Schedules a renewal for each term of a contract that was just won.

    One that a reversed win had withdrawn is scheduled again; one that became an activity, or that
    somebody withdrew, stays as it is.
    """
    by_months = {renewal.term_months: renewal for renewal in existing}
    won_on = business_day(contract, time_zone)
    events = []
    for term, lines in terms_of(contract, won_on, renewed).items():
        before = by_months.get(term.months)
        if before and (before.status != "withdrawn" or before.withdrawal == "by_hand"):
            continue
        scheduled = Renewal(
            id=before.id if before else new_id(),
            version=before.version + 1 if before else 1,
            contract_id=contract.id,
            term_months=term.months,
            number=term.number,
            counted_from=term.counted_from,
            due_on=term.due_on,
            due_at=start_of_day(term.due_on, time_zone),
            company_id=contract.company_id,
            room_id=contract.room_id,
            client_id=contract.client_id,
            products=lines,
            note=before.note if before else None,
        )
        events.append(RenewalEvent("renewal.scheduled", scheduled))
    return events


def follow_reversal(existing: Iterable[Renewal]) -> list[RenewalEvent]:
    """Withdraws what is still scheduled of a contract that is no longer won."""
    return [
        _advance(renewal, "renewal.withdrawn", status="withdrawn", withdrawal="win_reversed")
        for renewal in existing
        if renewal.status == "scheduled"
    ]


def follow_refund(contract: Activity, existing: Iterable[Renewal]) -> list[RenewalEvent]:
    """Takes products whose money went back out of what is scheduled of a contract."""
    lines_by_months = _lines_by_months(contract)
    events = []
    for renewal in existing:
        lines = lines_by_months.get(renewal.term_months)
        if renewal.status != "scheduled" or lines == renewal.products:
            continue
        if lines:
            events.append(_advance(renewal, "renewal.scheduled", products=lines))
        else:
            gone = {"status": "withdrawn", "withdrawal": "refunded"}
            events.append(_advance(renewal, "renewal.withdrawn", **gone))
    return events


def follow_move(existing: Iterable[Renewal], room_id: RoomId) -> list[RenewalEvent]:
    """Moves a contract's renewals along with it."""
    return [
        _advance(renewal, "renewal.moved", room_id=room_id)
        for renewal in existing
        if renewal.room_id != room_id
    ]


def visible_until(now: datetime, time_zone: str, horizon_days: int) -> date:
    """The last due day that sellers see (domain: number 6)."""
    return local_day(now, time_zone) + timedelta(days=horizon_days)


@dataclass(frozen=True, slots=True)
class Taker:
    """Who is responsible for what a renewal became, and since when; None while nobody is."""

    responsible_id: EmployeeId | None
    responsible_since: datetime | None


def require_takeable(renewal: Renewal, last_visible_on: date, taker: Taker | None = None) -> None:
    """Raises `AlreadyTaken`, `RenewalNotScheduled`, `BeyondHorizon` for a renewal that nobody can
    take ahead now; `taker` was first.
    """
    if taker and renewal.status == "taken":
        raise AlreadyTaken(
            responsible_id=taker.responsible_id,
            taken_at=taker.responsible_since,
            activity_id=renewal.activity_id,
        )
    _require_scheduled(renewal)
    if renewal.due_on > last_visible_on:
        raise BeyondHorizon(due_on=renewal.due_on)


def become_activity(
    renewal: Renewal, activity_id: ActivityId, status: RenewalStatus
) -> RenewalEvent:
    """The renewal is an activity from now on: `taken` ahead, or `opened` on its day."""
    return _advance(renewal, f"renewal.{status}", status=status, activity_id=activity_id)


def withdraw(renewal: Renewal, by: EmployeeId, reason: str) -> RenewalEvent:
    """There will be no such sale. Raises `RenewalNotScheduled`."""
    _require_scheduled(renewal)
    return _advance(
        renewal,
        "renewal.withdrawn",
        status="withdrawn",
        withdrawal="by_hand",
        withdrawn_by=by,
        withdrawn_reason=reason,
    )


def restore(renewal: Renewal, contract_is_won: bool) -> RenewalEvent:
    """Makes a withdrawn renewal due again. Raises `RenewalNotWithdrawn`, `ContractNotWon`."""
    if renewal.status != "withdrawn":
        raise RenewalNotWithdrawn(renewal_status=renewal.status, activity_id=renewal.activity_id)
    if not contract_is_won:
        raise ContractNotWon
    return _advance(
        renewal,
        "renewal.restored",
        status="scheduled",
        withdrawal=None,
        withdrawn_by=None,
        withdrawn_reason=None,
    )


def prepare(renewal: Renewal, note: str | None) -> list[RenewalEvent]:
    """Leaves a note, which the activity will have; no event where it is there already.

    Raises `RenewalNotScheduled`.
    """
    _require_scheduled(renewal)
    return [] if renewal.note == note else [_advance(renewal, "renewal.prepared", note=note)]


def followed_lines(
    lines: Iterable[OrderLine], offered: Mapping[ProductId, OfferedProduct]
) -> tuple[tuple[OrderLine, ...], list[ProductId]]:
    """The lines as the directory sells them now, and the products that it no longer sells.

    Where none is sold any more the lines stay as they were: the client is not lost with them.
    """
    lines = tuple(lines)
    followed, dropped = [], []
    for line in lines:
        product = offered.get(line.product_id)
        if product is None or not product.active:
            dropped.append(line.product_id)
            continue
        followed.append(
            replace(
                line,
                category=product.category,
                price=product.price,
                delivered=product.delivered,
                term_months=product.term_months,
            )
        )
    return tuple(followed) or lines, dropped


def _require_scheduled(renewal: Renewal) -> None:
    if renewal.status != "scheduled":
        raise RenewalNotScheduled(renewal_status=renewal.status, activity_id=renewal.activity_id)


def _advance(renewal: Renewal, event_type: str, **changes: Any) -> RenewalEvent:
    return RenewalEvent(event_type, replace(renewal, version=renewal.version + 1, **changes))
