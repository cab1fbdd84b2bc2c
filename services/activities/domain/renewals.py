"""Renewals: the next sale of what was won with a term, due when the term ends.

A won activity is the contract that a renewal continues; each of its terms has one renewal. Rules
take a renewal and return events; nothing here changes in place."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.refusals import (
    AlreadyTaken,
    BeyondHorizon,
    ContractNotWon,
    RenewalNotScheduled,
    RenewalNotWithdrawn,
)
from services.activities.domain.registering import OfferedProduct
from services.activities.domain.trade import OrderLine
from shared.clock import local_day
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, ProductId, RoomId
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
    return advance(renewal, f"renewal.{status}", status=status, activity_id=activity_id)


def withdraw(renewal: Renewal, by: EmployeeId, reason: str) -> RenewalEvent:
    """There will be no such sale. Raises `RenewalNotScheduled`."""
    _require_scheduled(renewal)
    return advance(
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
    return advance(
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
    return [] if renewal.note == note else [advance(renewal, "renewal.prepared", note=note)]


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


def advance(renewal: Renewal, event_type: str, **changes: Any) -> RenewalEvent:
    return RenewalEvent(event_type, replace(renewal, version=renewal.version + 1, **changes))
