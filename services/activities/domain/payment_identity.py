"""When two reports are of one payment, whoever sends them: statements, an ERP, a partner."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment, LineKey
from shared.vocabulary import InboundPaymentState


def fingerprint_of(payment: InboundPayment) -> str | None:
    """What two reports of one payment have in common: a payment order is known by its payer,
    number, day and sum. None without a number or a payer: then nothing tells.

    One sender's day of receipt may be another's next day, and not all name the payer's account.
    """
    payer = payment.payer.inn or payment.payer.account
    number = (payment.document_number or "").strip().lstrip("0")
    if not number or not payer:
        return None
    parts = (
        str(payment.company_id),
        payment.direction,
        number.casefold(),
        (payment.document_on or payment.received_on).isoformat(),
        f"{payment.amount.amount:.2f}",
        payment.amount.currency,
        payer,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """A payment that is stored, and who has told of it: `line` where a statement has, `senders`
    the others. `ordinal` is its place among those with its fingerprint. `undecided` while nothing
    was decided on it.
    """

    id: UUID
    state: InboundPaymentState
    fingerprint: str | None
    ordinal: int
    own_account: str | None = None
    line: LineKey | None = None
    senders: frozenset[str] = frozenset()
    undecided: bool = True

    def is_told_by(self, payment: InboundPayment, sender: str) -> bool:
        """Whether that sender has told of it. All statements are one sender: they repeat each
        other's lines by the lines' keys alone.
        """
        return self.line is not None if payment.line else sender in self.senders

    def may_share_account(self, payment: InboundPayment) -> bool:
        """Whether both may have moved one account of ours: not all senders name it."""
        accounts = {self.own_account, payment.own_account} - {None, ""}
        return len(accounts) < 2


class KnownPayments:
    """The payments that reports of a batch may be of, followed as the batch is entered."""

    def __init__(self, payments: Iterable[KnownPayment]) -> None:
        self._of_line: dict[LineKey, KnownPayment] = {}
        self._of_fingerprint: dict[str, dict[UUID, KnownPayment]] = defaultdict(dict)
        for payment in payments:
            self.put(payment)

    def put(self, payment: KnownPayment) -> None:
        """Takes a payment as it is now."""
        if payment.line:
            self._of_line[payment.line] = payment
        if payment.fingerprint:
            self._of_fingerprint[payment.fingerprint][payment.id] = payment

    def find(self, payment: InboundPayment, sender: str) -> KnownPayment | None:
        """The payment of which `sender` reports, if it is known.

        A line is known by its key. Otherwise it is the first of its fingerprint, of an account
        that may be the same, of which this sender has not told: one sender's reports are never one
        payment, so of two equal orders the first is the first of another sender, and the second
        the second.
        """
        if payment.line and payment.line in self._of_line:
            return self._of_line[payment.line]
        fitting = [
            each
            for each in self._alike(fingerprint_of(payment))
            if not each.is_told_by(payment, sender) and each.may_share_account(payment)
        ]
        return min(fitting, key=lambda each: each.ordinal, default=None)

    def next_ordinal(self, fingerprint: str | None) -> int:
        """The place of another payment with that fingerprint."""
        return max((each.ordinal for each in self._alike(fingerprint)), default=-1) + 1

    def _alike(self, fingerprint: str | None) -> Collection[KnownPayment]:
        return self._of_fingerprint.get(fingerprint, {}).values() if fingerprint else ()


def told_by(known: KnownPayment, payment: InboundPayment, sender: str) -> KnownPayment:
    """The known payment once `sender` has told of it too."""
    account = known.own_account or payment.own_account
    if payment.line:
        return replace(known, line=payment.line, own_account=account)
    return replace(known, senders=known.senders | {sender}, own_account=account)
