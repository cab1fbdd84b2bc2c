"""Payments from outside, whoever reports them: entered once, matched, the sure ones booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.payments import require_sane_day
from services.activities.domain.refusals import DuplicatePayment
from services.activities.handlers.matching import match_payments
from services.activities.queries.inbound_payments import View, view_of
from services.activities.storage import inbound_payments as storage
from shared.clock import local_day
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import EmployeeId
from shared.tenancy import Caller
from shared.vocabulary import InboundPaymentState
from shared.web.commands import Responded

Outcome = Literal["entered", "repeated", "duplicate"]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a reported payment: new, sent before under its id, or the same as another
    sender's.
    """

    id: UUID
    outcome: Outcome
    state: InboundPaymentState


async def report_payment(tx: Tx, payment: InboundPayment, caller: Caller) -> View | Responded:
    """Enters a payment and books it if it is sure. The same once more is shown as it is now.

    Raises `NotFound` for an invoice that is not the company's, and what `enter_payments` raises.
    """
    if payment.invoice_id and not await storage.has_invoice(
        tx, payment.company_id, payment.invoice_id
    ):
        raise NotFound("invoice", "invoice_id")
    (entered,) = await report_payments(tx, [payment], caller.employee_id)
    (row,) = await storage.lock(tx, [entered.id])
    view = await view_of(tx, row)
    return Responded(view, 200) if entered.outcome == "repeated" else view


async def report_payments(
    tx: Tx, payments: Sequence[InboundPayment], by: EmployeeId | None
) -> list[Entered]:
    """Enters payments and books the sure ones, in one transaction; the states are those after it.

    Raises what `enter_payments` raises.
    """
    entered = await enter_payments(tx, payments, by)
    new = [each.id for each in entered if each.state == "unmatched"]
    states = {each.id: each.state for each in await match_payments(tx, new, by)}
    return [Entered(each.id, each.outcome, states.get(each.id, each.state)) for each in entered]


async def enter_payments(
    tx: Tx, payments: Sequence[InboundPayment], by: EmployeeId | None
) -> list[Entered]:
    """Enters payments that nobody has matched yet, each once per sender's id in the tenant, in two
    trips for all of them. What another sender has reported is entered as its duplicate.

    Raises `NotFound` for a company, `Invalid` for another currency than the company's or a mistaken
    day, `DuplicatePayment` where the id came with another payment.
    """
    await _check(tx, payments)
    rows, before = await storage.enter(tx, payments, by)
    entered, seen = [], set(before)
    for payment in payments:
        row = rows[payment.external_id]
        if not _is_same(row, payment):
            raise DuplicatePayment
        entered.append(Entered(row["id"], _outcome(row, seen), row["state"]))
        seen.add(payment.external_id)
    return entered


async def _check(tx: Tx, payments: Sequence[InboundPayment]) -> None:
    companies = await storage.find_companies(
        tx, sorted({payment.company_id for payment in payments})
    )
    now = await tx.read_clock()
    for payment in payments:
        company = companies.get(payment.company_id)
        if company is None:
            raise NotFound("company", "company_id")
        if payment.amount.currency != company["currency"]:
            raise Invalid("amount.currency", "company_currency", currency=company["currency"])
        today = local_day(now, company["time_zone"])
        require_sane_day(payment.received_on, today, "received_on")


def _is_same(row: Row, payment: InboundPayment) -> bool:
    """Whether a sender's id came with the same payment; its words may differ."""
    return (row["company_id"], row["direction"], row["amount"], row["currency"]) == (
        payment.company_id,
        payment.direction,
        payment.amount.amount,
        payment.amount.currency,
    )


def _outcome(row: Row, seen: set[str]) -> Outcome:
    if row["external_id"] in seen:
        return "repeated"
    return "duplicate" if row["state"] == "duplicate" else "entered"
