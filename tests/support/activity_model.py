"""What an activity must be, computed from the facts alone: a small second reading of the domain's
"Order, invoices, money, documents", with which rules, handlers and events must agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NOTHING = Decimal(0)


def amount_of(money: Any) -> Decimal:
    """The amount of money as the domain, a request or an event has it."""
    return Decimal(money["amount"]) if isinstance(money, Mapping) else Decimal(money.amount)


@dataclass
class TradeModel:
    """The order, the money and the papers. Facts that don't concern each other may come in any
    order.

    `wins` are those that were not taken back.
    """

    agreed: Decimal
    delivered: bool
    invoices: dict[str, Decimal] = field(default_factory=dict)
    claims: dict[str, Decimal] = field(default_factory=dict)
    receipts: dict[str, Decimal] = field(default_factory=dict)
    refunds: list[Decimal] = field(default_factory=list)
    shipments: int = 0
    documents: dict[str | None, str] = field(default_factory=dict)
    wins: int = 0

    @property
    def invoiced(self) -> Decimal:
        return sum(self.invoices.values(), NOTHING)

    @property
    def claimed(self) -> Decimal:
        return sum(self.claims.values(), NOTHING)

    @property
    def paid(self) -> Decimal:
        return sum(self.receipts.values(), NOTHING) - sum(self.refunds, NOTHING)

    @property
    def to_invoice(self) -> Decimal:
        return max(self.agreed - self.invoiced, NOTHING)

    @property
    def covered(self) -> bool:
        return self.paid >= self.agreed

    @property
    def documents_signed(self) -> bool:
        return bool(self.documents) and set(self.documents.values()) == {"signed"}

    @property
    def complete(self) -> bool:
        """Whether it is paid in full, and the client has what was agreed."""
        if self.delivered:
            return self.covered and self.shipments > 0 and self.documents_signed
        return self.covered and (self.agreed > 0 or self.shipments > 0)

    def fold(self, event_type: str, details: Mapping[str, Any]) -> None:
        """Adds a fact, as a domain event has it, or the body of a published one."""
        noun, _, happened = event_type.partition(".")
        match noun:
            case "invoice":
                self._fold_invoice(happened, str(details["invoice_id"]), details)
            case "payment":
                self._fold_payment(happened, details)
            case "documents":
                self._fold_document(happened, details["number"])
            case "shipment":
                self.shipments += 1
            case "order":
                self.agreed = sum_of_lines(details["after"])
            case "activity":
                self.wins += {"won": 1, "win_reversed": -1}.get(happened, 0)
                assert self.wins in (0, 1), "won twice"

    def _fold_invoice(self, happened: str, invoice_id: str, details: Mapping[str, Any]) -> None:
        if happened == "issued":
            self.invoices[invoice_id] = amount_of(details["amount"])
        else:
            del self.invoices[invoice_id]

    def _fold_payment(self, happened: str, details: Mapping[str, Any]) -> None:
        amount, payment_id = amount_of(details["amount"]), str(details.get("payment_id"))
        match happened:
            case "claimed":
                self.claims[payment_id] = amount
            case "received":
                self.claims.pop(payment_id, None)
                assert payment_id not in self.receipts, "received twice"
                self.receipts[payment_id] = amount
            case "struck":
                struck = self.claims if payment_id in self.claims else self.receipts
                assert struck.pop(payment_id) == amount
            case "refunded":
                self.refunds.append(amount)

    def _fold_document(self, state: str, number: str | None) -> None:
        if state != "sent" or self.documents.get(number) != "signed":
            self.documents[number] = state


def sum_of_lines(lines: Iterable[Any]) -> Decimal:
    """What was agreed, of lines as the domain or an event has them."""
    return sum((amount_of(line["price"]) * line["quantity"] for line in lines), NOTHING)


@dataclass
class ActivityModel:
    """An activity's status and responsible beside its trade: which commands it refuses, and what
    follows from those that it admits.
    """

    trade: TradeModel
    status: str = "free"
    responsible: str | None = None
    is_assigned: bool = False
    """Whether the responsible works it, and didn't only last work it before it was won."""
    last_responsible: str | None = None
    struck: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.status in ("free", "in_work")

    def take(self, seller: str) -> str | None:
        """The code of the refusal, None for none."""
        if self.status == "in_work":
            return "already_taken"
        if self.status != "free":
            return "not_free"
        return self.assign(seller)

    def assign(self, seller: str | None) -> str | None:
        """To the pool for None. Who works it already, or answers for it, goes on."""
        if seller is None:
            if self.status != "in_work":
                return "not_in_work"
            self.last_responsible = self.responsible
            self.status, self.responsible, self.is_assigned = "free", None, False
        elif seller != self.responsible:
            self.status = "in_work" if self.is_open else self.status
            self.responsible, self.is_assigned = seller, True
        return None

    def lose(self) -> str | None:
        if not self.is_open:
            return "already_won" if self.status == "won" else "not_in_work"
        if self.trade.paid > 0 or self.trade.claims:
            return "has_money"
        self.status = "lost"
        return None

    def reopen(self) -> str | None:
        if self.is_open:
            return "not_closed"
        if self.status == "won":
            self._reverse()
            return None
        self.status = "in_work" if self.responsible else "free"
        self._win_if_complete()
        return None

    def win(self) -> str | None:
        if not self.is_open:
            return "already_won" if self.status == "won" else "not_in_work"
        self._win_if_complete()
        return None if self.status == "won" else "not_complete"

    def interact(self) -> str | None:
        return None if self.status in ("in_work", "won") else "not_in_work"

    def move(self) -> str | None:
        return "already_won" if self.status == "won" else None

    def change_order(self) -> str | None:
        if self.is_open:
            return None
        return "already_won" if self.status == "won" else "not_in_work"

    def issue_invoice(self, amount: Decimal) -> str | None:
        if self.status not in ("in_work", "won"):
            return "not_in_work"
        if self.status == "won" and self.trade.to_invoice == 0:
            return "already_won"
        return "exceeds_agreed" if amount > self.trade.to_invoice else None

    def cancel_invoice(self, invoice_id: str) -> str | None:
        return "invoice_cancelled" if invoice_id in self.cancelled else None

    def confirm(self, payment_id: str) -> str | None:
        return "payment_struck" if payment_id in self.struck else None

    def strike(self, payment_id: str) -> str | None:
        received = self.trade.receipts.get(payment_id, NOTHING)
        return "already_refunded" if received > self.trade.paid else None

    def refund(self, amount: Decimal) -> str | None:
        return "refund_exceeds_paid" if amount > self.trade.paid else None

    def record_document(self, state: str, number: str | None) -> str | None:
        unsent = state == "returned" and number not in self.trade.documents
        return "document_not_sent" if unsent else None

    def follow(self, event_type: str, details: Mapping[str, Any]) -> None:
        """Adds an admitted fact of the trade, and what it does to the win."""
        trade, number = self.trade, details.get("number")
        was_signed = trade.documents.get(number) == "signed"
        was_received = str(details.get("payment_id")) in trade.receipts
        trade.fold(event_type, details)
        is_undone = {
            "payment.refunded": trade.paid == 0 < trade.agreed,
            "payment.struck": was_received and not trade.covered,
            "documents.returned": was_signed and trade.delivered,
        }.get(event_type, False)
        if self.status == "won" and is_undone:
            self._reverse()
        elif event_type in MAY_WIN:
            self._win_if_complete()

    def _win_if_complete(self) -> None:
        if self.is_open and self.trade.complete:
            if self.status == "free":
                self.responsible = self.last_responsible
            self.status = "won"

    def _reverse(self) -> None:
        self.status = "in_work" if self.is_assigned else "free"
        if not self.is_assigned:
            self.responsible = None


MAY_WIN = {
    "order.changed",
    "payment.received",
    "shipment.recorded",
    "documents.sent",
    "documents.signed",
    "documents.returned",
}
"""The facts of the trade after which an open activity may be complete."""
