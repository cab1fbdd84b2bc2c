"""An activity: one client's interest in products of one company, worked by one room.

Rules take an activity and return domain events; nothing here changes in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.activities.domain.allocation import covered_amounts
from services.activities.domain.documents import all_signed
from services.activities.domain.split_proposal import SplitProposal
from services.activities.domain.trade import NOTHING_TRADED, Invoice, OrderLine, Trade
from shared.derived import derived
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, LossReasonId, RoomId, SourceId
from shared.money import MoneySum, total
from shared.vocabulary import How, PaymentState, Sale, SourceKind, Stage, Status

_CHAIN: tuple[Stage, ...] = ("invoiced", "part_paid", "paid", "shipped", "documents_signed")

STAGES: dict[Status, tuple[Stage, ...]] = {
    "free": ("new", *_CHAIN),
    "in_work": ("in_work", *_CHAIN),
    "won": ("won",),
    "lost": ("lost",),
}
"""The stages that an activity of each status can have."""


@dataclass(frozen=True)
class Activity:
    """`progress_at` is the last interaction or milestone; `released_at_by_seller` holds when each
    seller gave the activity back or lost it by reset, `last_responsible_id` who was responsible
    before it became free. The responsible is to be warned of the reset at `reset_warning_at`, and
    was at `reset_warned_at`. Somebody is to be told at `untouched_at` that nobody has worked it
    yet, and was before at `untouched_told_at`. Its invoices pause the time until the reset, or did,
    until `reset_paused_until`, where the room lets them. Somebody became responsible at
    `first_taken_at` for the first time; `first_source_id` is what it was registered with, where
    the source was corrected since. `won_on` is the business day of the win, None for one of before
    it was kept. `vip` says whether the client is a VIP of the company and, from the win on, whether
    it was then; None where that is not known. Moments are UTC.

    Derived values are computed once: nothing changes in place.
    """

    id: ActivityId
    version: int
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    source_id: SourceId
    source_kind: SourceKind
    sale: Sale
    currency: str
    products: tuple[OrderLine, ...]
    status: Status
    created_at: datetime
    created_by: EmployeeId | None
    progress_at: datetime
    responsible_id: EmployeeId | None = None
    responsible_since: datetime | None = None
    last_responsible_id: EmployeeId | None = None
    first_taken_at: datetime | None = None
    first_source_id: SourceId | None = None
    how: How | None = None
    shares: tuple[tuple[EmployeeId, Decimal], ...] = ()
    released_at_by_seller: MappingProxyType[EmployeeId, datetime] = field(
        default_factory=lambda: MappingProxyType({})
    )
    reset_due_at: datetime | None = None
    reset_paused_until: datetime | None = None
    reset_warning_at: datetime | None = None
    reset_warned_at: datetime | None = None
    untouched_at: datetime | None = None
    untouched_told_at: datetime | None = None
    trade: Trade = NOTHING_TRADED
    next_step_due_at: datetime | None = None
    won_at: datetime | None = None
    won_on: date | None = None
    vip: bool | None = None
    split_proposal: SplitProposal | None = None
    note: str | None = None
    next_step: str | None = None
    lost_reason: str | None = None
    lost_reason_id: LossReasonId | None = None
    lost_at: datetime | None = None

    @derived
    def agreed(self) -> MoneySum:
        """The sum of the order's lines."""
        return total((line.amount for line in self.products), self.currency)

    @derived
    def to_invoice(self) -> MoneySum:
        """What is left of the order to invoice."""
        return _left(self.agreed, self.invoiced)

    @derived
    def to_pay(self) -> MoneySum:
        """What is left of the order to pay."""
        return _left(self.agreed, self.paid)

    @derived
    def alert_at(self) -> datetime | None:
        """The next moment at which somebody is to be told of the activity; None for none."""
        moments = (self.untouched_at, None if self.reset_warned_at else self.reset_warning_at)
        return min(filter(None, moments), default=None)

    @property
    def open_split(self) -> SplitProposal | None:
        """The split that is proposed, as long as who proposed it is responsible ever since and the
        activity is in work or won.
        """
        proposal = self.split_proposal
        if proposal is None or self.status not in ("in_work", "won"):
            return None
        since = self.responsible_since
        stands = proposal.by == self.responsible_id and since is not None and since <= proposal.at
        return proposal if stands else None

    @derived
    def invoiced(self) -> MoneySum:
        return total(
            (invoice.amount for invoice in self.trade.invoices if not invoice.cancelled),
            self.currency,
        )

    @derived
    def paid(self) -> MoneySum:
        """Confirmed payments, net of refunds: the money that counts."""
        confirmed = self._payments("confirmed")
        if not self.trade.refunds:
            return confirmed
        return confirmed - total((refund.amount for refund in self.trade.refunds), self.currency)

    @derived
    def claimed(self) -> MoneySum:
        """Payments that wait for confirmation."""
        return self._payments("claimed")

    def _payments(self, state: PaymentState) -> MoneySum:
        amounts = (payment.amount for payment in self.trade.payments if payment.state == state)
        return total(amounts, self.currency)

    @derived
    def delivered(self) -> bool:
        """Whether any product is delivered, so that it must be shipped and its documents signed
        before the activity is won.
        """
        return any(line.delivered for line in self.products)

    @derived
    def documents_signed(self) -> bool:
        """Whether every document that was sent is signed, and there is one."""
        return all_signed(self.trade.documents)

    @derived
    def covered(self) -> bool:
        """Whether payments cover what was agreed; an order of zero is covered from the start."""
        return self.agreed <= self.paid

    @derived
    def fulfilled(self) -> bool:
        """Whether the client has what was agreed: a delivery shipped and its documents signed.

        A service needs no proof but its payment, and where it costs nothing, a shipment.
        """
        shipped = bool(self.trade.shipments)
        if self.delivered:
            return shipped and self.documents_signed
        return shipped or self.agreed.amount > 0

    @derived
    def covered_by_invoice(self) -> Mapping[UUID, Decimal]:
        """How much money covers each invoice that is not cancelled, by id."""
        invoices = [invoice for invoice in self.trade.invoices if not invoice.cancelled]
        trade = self.trade
        confirmed = [payment for payment in trade.payments if payment.state == "confirmed"]
        return covered_amounts(invoices, confirmed, trade.refunds, self.paid.amount)

    @derived
    def due_invoices(self) -> tuple[Invoice, ...]:
        """The invoices with a due date that lack money, the oldest due first; none once the order
        is paid.
        """
        if not self.trade.invoices or self.covered:
            return ()
        covered = self.covered_by_invoice
        lacking = [
            invoice
            for invoice in self.trade.invoices
            if invoice.due_on
            and covered.get(invoice.id, invoice.amount.amount) < invoice.amount.amount
        ]
        return tuple(sorted(lacking, key=attrgetter("due_on")))

    @derived
    def invoice_due_on(self) -> date | None:
        """The earliest due date of the invoices that lack money."""
        return self.due_invoices[0].due_on if self.due_invoices else None

    @derived
    def invoice_overdue_at(self) -> datetime | None:
        """From when an open activity has an overdue invoice, unless money comes."""
        if self.status not in ("free", "in_work") or not self.due_invoices:
            return None
        return self.due_invoices[0].overdue_from

    @derived
    def stage(self) -> Stage:
        """The column of the board: the furthest milestone reached."""
        if self.status in ("won", "lost"):
            return "won" if self.status == "won" else "lost"
        if self.documents_signed:
            return "documents_signed"
        if self.trade.shipments:
            return "shipped"
        if self.paid.amount > 0:
            return "paid" if self.covered else "part_paid"
        if self.invoiced.amount > 0:
            return "invoiced"
        return "in_work" if self.status == "in_work" else "new"

    def changed(self, **changes: Any) -> "Activity":
        """The activity with `changes`, as `dataclasses.replace` at a fraction of its cost; what the
        order and the money alone decide is not derived again while they stay.

        Raises `TypeError` for what is no field.
        """
        if not changes.keys() <= _FIELDS:
            raise TypeError(f"an activity has no {sorted(changes.keys() - _FIELDS)}")
        values = self.__dict__
        stays = changes.keys().isdisjoint(_DECIDING_MONEY)
        kept = values.keys() - _BEYOND_MONEY if stays else _FIELDS
        after = object.__new__(Activity)
        after.__dict__.update({name: values[name] for name in kept}, **changes)
        return after


_FIELDS = frozenset(field.name for field in fields(Activity))
_DECIDING_MONEY = frozenset({"products", "trade", "currency"})
_BEYOND_MONEY = frozenset({"alert_at", "invoice_overdue_at", "stage"})
"""What is derived from more than the order and the money."""


def _left(whole: MoneySum, part: MoneySum) -> MoneySum:
    """What `part` lacks of `whole`, never below zero."""
    return whole - part if part < whole else MoneySum.zero(whole.currency)


TOUCHED: Mapping[str, None] = MappingProxyType({"untouched_at": None, "untouched_told_at": None})
"""The changes of an activity that somebody has worked."""

NO_DEADLINE: Mapping[str, None] = MappingProxyType(
    {"reset_due_at": None, "reset_warning_at": None, "reset_warned_at": None, **TOUCHED}
)
"""The changes of an activity that is no longer in work."""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """A change of an activity: `type` and `details` as published, and the activity `after` it.

    `note` and `text` are not published: they stay with the timeline. An event with `catch_up`
    followed from the clock or the room settings: nobody caused it.
    """

    type: str
    after: Activity
    details: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    catch_up: bool = False
    text: Mapping[str, Any] = field(default_factory=dict)


def advance(
    activity: Activity,
    event_type: str,
    details: dict[str, Any] | None = None,
    *,
    note: str | None = None,
    text: Mapping[str, Any] | None = None,
    **changes: Any,
) -> DomainEvent:
    """The event `event_type`, after which the activity is one version later and has `changes`."""
    if activity.first_taken_at is None and (since := changes.get("responsible_since")):
        changes["first_taken_at"] = since
    after = activity.changed(version=activity.version + 1, **changes)
    return DomainEvent(event_type, after, details or {}, note, text=text or {})
